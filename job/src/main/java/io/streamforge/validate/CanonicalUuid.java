package io.streamforge.validate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The canonical text form of a UUID, 8-4-4-4-12 hexadecimal digits in any case, of any version.
 * {@code java.util.UUID} is no judge of it: it reads {@code 1-1-1-1-1}. Thread-confined.
 */
final class CanonicalUuid {

    private static final int LENGTH = 36;

    /** By ASCII character: the digit in lower case, or 0 where it is none. */
    private static final byte[] DIGITS = new byte[128];

    static {
        for (char c = '0'; c <= '9'; c++) {
            DIGITS[c] = (byte) c;
        }
        for (char c = 'a'; c <= 'f'; c++) {
            DIGITS[c] = (byte) c;
            DIGITS[c - 'a' + 'A'] = (byte) c;
        }
    }

    private final byte[] lowerCase = new byte[LENGTH];

    CanonicalUuid() {
        Arrays.fill(lowerCase, (byte) '-');
    }

    /** The UUID in lower case, or null if the text is not in the canonical form. */
    String parse(char[] text, int offset, int length) {
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
                        | digits(text, offset, 14, 18)
                        | digits(text, offset, 19, 23)
                        | digits(text, offset, 24, LENGTH);
        return wrong < 0 ? null : new String(lowerCase, StandardCharsets.ISO_8859_1);
    }

    /**
     * Takes over the digits of one group. Negative if one of them is none: looking at each would
     * cost more, since what a digit is cannot be predicted.
     */
    private int digits(char[] text, int offset, int from, int to) {
        int wrong = 0;
        for (int i = from; i < to; i++) {
            char c = text[offset + i];
            byte digit = DIGITS[c & 0x7F];
            wrong |= digit - 1 | 0x7F - c;
            lowerCase[i] = digit;
        }
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
