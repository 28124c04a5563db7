package io.streamforge.sink;

import io.streamforge.event.Uuid;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;

/**
 * One column of many rows as an array in Postgres's binary format: what the database need not parse
 * and the driver need not convert. The driver itself has no binary form for arrays of UUIDs and
 * times.
 */
final class ArrayParameter {

    /** Of an array's elements. */
    enum Type {
        UUID(Oid.UUID, Oid.UUID_ARRAY, 16),
        TEXT(Oid.TEXT, Oid.TEXT_ARRAY, 40),
        TIMESTAMPTZ(Oid.TIMESTAMPTZ, Oid.TIMESTAMPTZ_ARRAY, 8),
        INT8(Oid.INT8, Oid.INT8_ARRAY, 8),
        INT4(Oid.INT4, Oid.INT4_ARRAY, 4);

        private final int oid;
        private final int arrayOid;
        private final int usualBytes;

        Type(int oid, int arrayOid, int usualBytes) {
            this.oid = oid;
            this.arrayOid = arrayOid;
            this.usualBytes = usualBytes;
        }
    }

    /** Postgres counts from 2000-01-01T00:00:00Z. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private static final int HEADER_BYTES = 5 * Integer.BYTES;

    private final Type type;
    private byte[] bytes;
    private int length;

    /**
     * @param elements that will be added
     */
    ArrayParameter(Type type, int elements) {
        this.type = type;
        this.bytes = new byte[HEADER_BYTES + elements * (Integer.BYTES + type.usualBytes)];
        int32(1); // dimension
        int32(1); // there may be nulls
        int32(type.oid);
        int32(elements);
        int32(1); // the first has the index 1
    }

    void uuid(Uuid uuid) {
        begin(2 * Long.BYTES);
        int64(uuid.high());
        int64(uuid.low());
    }

    /** A text, or null. */
    void text(String text) {
        if (text == null) {
            nothing();
            return;
        }
        int characters = text.length();
        begin(characters);
        int at = length;
        for (int i = 0; i < characters; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                length = at - Integer.BYTES;
                encoded(text.getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[length++] = (byte) c;
        }
    }

    private void encoded(byte[] text) {
        begin(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
    }

    /** A time in microseconds since 1970-01-01T00:00:00Z. */
    void time(long micros) {
        begin(Long.BYTES);
        int64(micros - EPOCH_MICROS);
    }

    /** A number, or null. */
    void int8(Long number) {
        if (number == null) {
            nothing();
        } else {
            begin(Long.BYTES);
            int64(number);
        }
    }

    void int4(int number) {
        begin(Integer.BYTES);
        int32(number);
    }

    /** The array, for a statement of this connection. */
    Array of(Connection connection) throws SQLException {
        return new PgArray(
                connection.unwrap(BaseConnection.class),
                type.arrayOid,
                length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
    }

    private void nothing() {
        room(Integer.BYTES);
        int32(-1);
    }

    private void begin(int elementBytes) {
        room(Integer.BYTES + elementBytes);
        int32(elementBytes);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 3 / 2));
        }
    }

    private void int64(long value) {
        int32((int) (value >>> Integer.SIZE));
        int32((int) value);
    }

    private void int32(int value) {
        bytes[length++] = (byte) (value >>> 24);
        bytes[length++] = (byte) (value >>> 16);
        bytes[length++] = (byte) (value >>> 8);
        bytes[length++] = (byte) value;
    }
}
