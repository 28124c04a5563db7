package io.streamforge.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.postgresql.core.Oid;

/**
 * The rows of {@code events_normalized} in what a client sent to Postgres, whichever way it sent
 * them: a parameter for each value or an array for each column, in text or in binary. Every value
 * becomes a text, times become microseconds since 1970.
 */
final class SentRows {

    private static final int COLUMNS = 10;
    private static final int OCCURRED_AT = 2;
    private static final int PROCESSED_AT = 7;
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private final List<Integer> types = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    private SentRows() {}

    static List<List<String>> of(ByteBuffer messages) {
        SentRows sent = new SentRows();
        while (messages.hasRemaining()) {
            char type = (char) messages.get();
            int end = messages.position() + messages.getInt(messages.position());
            messages.getInt();
            if (type == 'P') {
                sent.parse(messages);
            } else if (type == 'B') {
                sent.bind(messages);
            }
            messages.position(end);
        }
        return sent.rows;
    }

    private void parse(ByteBuffer message) {
        skipText(message); // the statement's name
        skipText(message); // its SQL
        types.clear();
        for (int left = message.getShort(); left > 0; left--) {
            types.add(message.getInt());
        }
    }

    private void bind(ByteBuffer message) {
        skipText(message); // the portal's name
        skipText(message); // the statement's
        boolean[] binary = new boolean[types.size()];
        int formats = message.getShort();
        for (int i = 0; i < formats; i++) {
            binary[i] = message.getShort() == 1;
        }
        List<List<String>> arrays = new ArrayList<>();
        List<String> row = new ArrayList<>();
        int count = message.getShort();
        for (int i = 0; i < count; i++) {
            int column = i % COLUMNS;
            ByteBuffer value = value(message);
            int elementType = elementType(types.get(i));
            if (elementType == Oid.UNSPECIFIED) {
                row.add(binary[i] ? binary(types.get(i), value) : text(column, value));
            } else {
                arrays.add(binary[i] ? binaryArray(elementType, value) : textArray(column, value));
            }
            if (row.size() == COLUMNS) {
                rows.add(row);
                row = new ArrayList<>();
            }
        }
        for (int n = 0; !arrays.isEmpty() && n < arrays.get(0).size(); n++) {
            int at = n;
            rows.add(arrays.stream().map(array -> String.valueOf(array.get(at))).toList());
        }
    }

    private static int elementType(int type) {
        return switch (type) {
            case Oid.UUID_ARRAY -> Oid.UUID;
            case Oid.TEXT_ARRAY, Oid.VARCHAR_ARRAY -> Oid.TEXT;
            case Oid.TIMESTAMPTZ_ARRAY -> Oid.TIMESTAMPTZ;
            case Oid.INT8_ARRAY -> Oid.INT8;
            case Oid.INT4_ARRAY -> Oid.INT4;
            default -> Oid.UNSPECIFIED;
        };
    }

    /** The next value's bytes, or null. */
    private static ByteBuffer value(ByteBuffer message) {
        int length = message.getInt();
        if (length < 0) {
            return null;
        }
        ByteBuffer value = message.slice(message.position(), length);
        message.position(message.position() + length);
        return value;
    }

    private static List<String> binaryArray(int type, ByteBuffer array) {
        array.position(3 * Integer.BYTES); // behind dimensions, nulls and type
        int count = array.getInt();
        array.getInt(); // the first index
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(binary(type, value(array)));
        }
        return elements;
    }

    /** Only for UUIDs and times, in which there is no comma, quote or brace. */
    private static List<String> textArray(int column, ByteBuffer array) {
        String literal = UTF_8.decode(array).toString();
        List<String> elements = new ArrayList<>();
        for (String element : literal.substring(1, literal.length() - 1).split(",")) {
            elements.add(text(column, UTF_8.encode(element.replace("\"", ""))));
        }
        return elements;
    }

    private static String binary(int type, ByteBuffer value) {
        if (value == null) {
            return "null";
        }
        return switch (type) {
            case Oid.UUID -> new UUID(value.getLong(), value.getLong()).toString();
            case Oid.TIMESTAMPTZ -> Long.toString(value.getLong() + EPOCH_MICROS);
            case Oid.INT8 -> Long.toString(value.getLong());
            case Oid.INT4 -> Integer.toString(value.getInt());
            default -> UTF_8.decode(value).toString();
        };
    }

    private static String text(int column, ByteBuffer value) {
        if (value == null) {
            return "null";
        }
        String text = UTF_8.decode(value).toString();
        if (column != OCCURRED_AT && column != PROCESSED_AT) {
            return text;
        }
        // Postgres's form of a time, or that of ISO 8601.
        OffsetDateTime time =
                OffsetDateTime.parse(text.replace(' ', 'T').replaceFirst("[+]00$", "Z"));
        return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, time.toInstant()));
    }

    private static void skipText(ByteBuffer message) {
        while (message.get() != 0) {}
    }
}
