package io.streamforge.event;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A UUID as its 128 bits, for less than half the memory of its text. Unlike {@link UUID} it is a
 * POJO to Flink, and its order is that of Postgres: bit by bit, unsigned.
 *
 * @param high the first 16 digits
 * @param low the last 16 digits
 */
public record Uuid(long high, long low) implements Comparable<Uuid> {

    /** Characters of the canonical form. */
    public static final int TEXT_LENGTH = 36;

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /**
     * A UUID from its text.
     *
     * @throws IllegalArgumentException as {@link UUID#fromString}, which also takes some texts that
     *     are not canonical
     */
    public static Uuid parse(String text) {
        UUID uuid = UUID.fromString(text);
        return new Uuid(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    /** Writes the canonical form into the first {@value #TEXT_LENGTH} bytes. */
    public void writeTo(byte[] ascii) {
        digits(high >>> 32, ascii, 0, 8);
        ascii[8] = '-';
        digits(high >>> 16, ascii, 9, 13);
        ascii[13] = '-';
        digits(high, ascii, 14, 18);
        ascii[18] = '-';
        digits(low >>> 48, ascii, 19, 23);
        ascii[23] = '-';
        digits(low, ascii, 24, TEXT_LENGTH);
    }

    private static void digits(long bits, byte[] ascii, int from, int to) {
        for (int i = to - 1; i >= from; i--) {
            ascii[i] = DIGITS[(int) bits & 0xF];
            bits >>>= 4;
        }
    }

    @Override
    public int compareTo(Uuid other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** The canonical form: 8-4-4-4-12 hexadecimal digits in lower case. */
    @Override
    public String toString() {
        return new UUID(high, low).toString();
    }
}
