package io.streamforge.bench;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import javax.net.SocketFactory;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.core.Oid;

/**
 * A database that takes no time: it agrees to every statement and keeps nothing. It is the other
 * end of the driver's socket, in the client's own thread, and speaks as much of Postgres's protocol
 * as a client in auto-commit needs; a message that it does not know ends the statement.
 */
final class FakePostgres {

    /** The driver makes the factory of its sockets itself; this is how that finds its database. */
    private static final ThreadLocal<FakePostgres> CONNECTING = new ThreadLocal<>();

    private static final int ROOM = 4 << 20;
    private static final int TYPE_AND_LENGTH = 1 + Integer.BYTES;

    private final byte[] messages = new byte[ROOM];
    private int received;
    private int answered;
    private boolean greeted;
    private boolean givesRow;
    private final ByteBuffer answers = ByteBuffer.allocate(ROOM).limit(0);

    /**
     * A connection to it.
     *
     * @param parameters of the driver's URL, from the question mark on
     */
    Connection connect(String parameters) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, "bench");
        PGProperty.SOCKET_FACTORY.set(properties, Sockets.class.getName());
        PGProperty.SSL_MODE.set(properties, "disable");
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        // Or else it begins with statements of its own.
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "17");
        CONNECTING.set(this);
        try {
            return new Driver()
                    .connect("jdbc:postgresql://localhost/bench" + parameters, properties);
        } finally {
            CONNECTING.remove();
        }
    }

    /** What the client sent last. */
    ByteBuffer lastMessages() {
        return ByteBuffer.wrap(messages, 0, received);
    }

    private void receive(byte[] from, int offset, int count) {
        if (answered == received) {
            answered = 0;
            received = 0;
        }
        System.arraycopy(from, offset, messages, received, count);
        received += count;
    }

    private void answerAll() {
        answers.compact();
        ByteBuffer unread = ByteBuffer.wrap(messages, answered, received - answered);
        if (!greeted) {
            greet();
            unread.position(unread.limit());
            greeted = true;
        }
        while (unread.remaining() >= TYPE_AND_LENGTH
                && unread.remaining() > unread.getInt(unread.position() + 1)) {
            int end = unread.position() + 1 + unread.getInt(unread.position() + 1);
            char type = (char) unread.get();
            answer(type, unread.position(unread.position() + Integer.BYTES));
            unread.position(end);
        }
        answered = unread.position();
        answers.flip();
    }

    private void greet() {
        message('R', body().putInt(0)); // no password
        for (String setting :
                new String[] {
                    "server_version=17.6",
                    "client_encoding=UTF8",
                    "DateStyle=ISO, MDY",
                    "TimeZone=UTC",
                    "integer_datetimes=on",
                    "standard_conforming_strings=on"
                }) {
            message('S', text(setting.replace('=', '\0') + '\0'));
        }
        message('K', body().putLong(0)); // key for cancelling
        message('Z', text("I"));
    }

    private void answer(char type, ByteBuffer message) {
        switch (type) {
            case 'P' -> { // parse
                skipText(message);
                // The job's upsert gives one row, of two numbers; the others give none.
                givesRow = message.get(message.position()) == 'W';
                message('1', body());
            }
            case 'B' -> message('2', body()); // bind
            case 'D' -> describe((char) message.get());
            case 'E' -> { // execute
                if (givesRow) {
                    message(
                            'D',
                            body().putShort((short) 2).putInt(8).putLong(1).putInt(8).putLong(0));
                }
                message('C', text(givesRow ? "SELECT 1\0" : "INSERT 0 1\0"));
            }
            case 'C' -> message('3', body()); // close
            case 'S' -> message('Z', text("I")); // sync
            default -> throw new IllegalStateException("message of type " + type);
        }
    }

    private void describe(char what) {
        if (what == 'S') {
            message('t', body().putShort((short) 0));
        }
        if (givesRow) {
            ByteBuffer fields = body().putShort((short) 2);
            for (String name : new String[] {"inserted\0", "updated\0"}) {
                fields.put(name.getBytes(StandardCharsets.US_ASCII));
                fields.putInt(0).putShort((short) 0).putInt(Oid.INT8).putShort((short) 8);
                fields.putInt(-1).putShort((short) 1); // in binary
            }
            message('T', fields);
        } else {
            message('n', body());
        }
    }

    private static void skipText(ByteBuffer message) {
        while (message.get() != 0) {}
    }

    private static ByteBuffer body() {
        return ByteBuffer.allocate(128);
    }

    private static ByteBuffer text(String text) {
        return body().put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void message(char type, ByteBuffer body) {
        answers.put((byte) type).putInt(Integer.BYTES + body.position()).put(body.flip());
    }

    /** Made by the driver, from its name. */
    public static final class Sockets extends SocketFactory {

        @Override
        public Socket createSocket() {
            return CONNECTING.get().new Wire();
        }

        @Override
        public Socket createSocket(String host, int port) {
            return createSocket();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
            return createSocket();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            return createSocket();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
            return createSocket();
        }
    }

    private final class Wire extends Socket {

        @Override
        public void connect(SocketAddress database, int timeout) {}

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int b) {
                    receive(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] from, int offset, int count) {
                    receive(from, offset, count);
                }

                @Override
                public void flush() {
                    answerAll();
                }
            };
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() {
                    return answers.hasRemaining() ? answers.get() & 0xFF : -1;
                }

                @Override
                public int read(byte[] to, int offset, int count) {
                    if (!answers.hasRemaining()) {
                        return -1;
                    }
                    int some = Math.min(count, answers.remaining());
                    answers.get(to, offset, some);
                    return some;
                }

                @Override
                public int available() {
                    return answers.remaining();
                }
            };
        }
    }
}
