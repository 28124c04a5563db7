package io.streamforge.validate;

import io.streamforge.event.Uuid;
import java.util.Arrays;

/**
 * The canonical text form of a UUID, 8-4-4-4-12 hexadecimal digits in any case, of any version.
 * {@code java.util.UUID} is no judge of it: it reads {@code 1-1-1-1-1}. Thread-confined.
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

    /** Of the last 16 digits. */
    private long bits;

    /** The UUID, or null if the text is not in the canonical form. */
    Uuid parse(char[] text, int offset, int length) {
        if (length != LENGTH
                || text[offset + 8] != '-'
                || text[offset + 13] != '-'
                || text[offset + 18] != '-'
                || text[offset + 23] != '-') {
            return null;
        }
        int wrong =
                digits(text, offset, 0, 8)
                        | digits(text, offset, 9, 13)
                        | digits(text, offset, 14, 18);
        long high = bits;
        wrong |= digits(text, offset, 19, 23) | digits(text, offset, 24, LENGTH);
        return wrong < 0 ? null : new Uuid(high, bits);
    }

    /**
     * Takes over the digits of one group. Negative if one of them is none: looking at each would
     * cost more, since what a digit is cannot be predicted.
     */
    private int digits(char[] text, int offset, int from, int to) {
        long taken = bits;
        int wrong = 0;
        for (int i = from; i < to; i++) {
            char c = text[offset + i];
            byte digit = DIGITS[c & 0x7F];
            wrong |= digit | 0x7F - c;
            taken = taken << 4 | digit & 0xF;
        }
        bits = taken;
        return wrong;
    }

    /** Why {@link #parse} gave null, without the text itself. */
    String problem(char[] text, int offset, int length) {
        if (length != LENGTH) {
            return length + " characters";
        }
        int at = 0;
        while (isDash(at) ? text[offset + at] == '-' : digits(text, offset, at, at + 1) >= 0) {
            at++;
        }
        return "another character at position " + (at + 1) + " of 36";
    }

    private static boolean isDash(int position) {
        return position == 8 || position == 13 || position == 18 || position == 23;
    }
}
