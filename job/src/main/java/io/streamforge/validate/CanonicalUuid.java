package io.streamforge.validate;

import io.streamforge.event.Uuid;
import java.util.Arrays;

/**
 * The canonical text form of a UUID, 8-4-4-4-12 hexadecimal digits in any case, of any version.
 * {@code java.util.UUID} is no judge of it: it reads {@code 1-1-1-1-1}.
 */
final class CanonicalUuid {

    private static final int LENGTH = Uuid.TEXT_LENGTH;

    /** By ASCII character: the digit's value, or -1 where it is none. */
    private static final byte[] DIGITS = new byte[128];

    static {
        Arrays.fill(DIGITS, (byte) -1);
        for (int digit = 0; digit < 16; digit++) {
            char c = Character.forDigit(digit, 16);
            DIGITS[c] = (byte) digit;
            DIGITS[Character.toUpperCase(c)] = (byte) digit;
        }
    }

    private CanonicalUuid() {}

    /** The UUID, or null if the text is not in the canonical form. */
    static Uuid parse(char[] text, int offset, int length) {
        if (length != LENGTH
                || text[offset + 8] != '-'
                || text[offset + 13] != '-'
                || text[offset + 18] != '-'
                || text[offset + 23] != '-') {
            return null;
        }
        long a = four(text, offset);
        long b = four(text, offset + 4);
        long c = four(text, offset + 9);
        long d = four(text, offset + 14);
        long e = four(text, offset + 19);
        long f = four(text, offset + 24);
        long g = four(text, offset + 28);
        long h = four(text, offset + 32);
        return (a | b | c | d | e | f | g | h) < 0
                ? null
                : new Uuid(a << 48 | b << 32 | c << 16 | d, e << 48 | f << 32 | g << 16 | h);
    }

    /**
     * The value of four digits. Negative if one of them is none: looking at each would cost more,
     * since what a digit is cannot be predicted.
     */
    private static int four(char[] text, int at) {
        return digit(text[at]) << 12
                | digit(text[at + 1]) << 8
                | digit(text[at + 2]) << 4
                | digit(text[at + 3]);
    }

    /** A digit's value, or -1 where it is none. */
    private static int digit(char c) {
        return DIGITS[c & 0x7F] | 0x7F - c >> 31;
    }

    /** Why {@link #parse} gave null, without the text itself. */
    static String problem(char[] text, int offset, int length) {
        if (length != LENGTH) {
            return length + " characters";
        }
        int at = 0;
        while (isDash(at) ? text[offset + at] == '-' : digit(text[offset + at]) >= 0) {
            at++;
        }
        return "another character at position " + (at + 1) + " of 36";
    }

    private static boolean isDash(int position) {
        return position == 8 || position == 13 || position == 18 || position == 23;
    }
}
