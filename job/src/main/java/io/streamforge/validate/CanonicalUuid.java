package io.streamforge.validate;

import java.nio.charset.StandardCharsets;

/**
 * The canonical text form of a UUID, 8-4-4-4-12 hexadecimal digits in any case, of any version.
 * {@code java.util.UUID} is no judge of it: it reads {@code 1-1-1-1-1}. Thread-confined.
 */
final class CanonicalUuid {

    private static final int LENGTH = 36;

    private final byte[] lowerCase = new byte[LENGTH];

    /** The UUID in lower case, or null if the text is not in the canonical form. */
    String parse(char[] text, int offset, int length) {
        if (length != LENGTH || firstWrong(text, offset) >= 0) {
            return null;
        }
        return new String(lowerCase, StandardCharsets.ISO_8859_1);
    }

    /** Why {@link #parse} gave null, without the text itself. */
    String problem(char[] text, int offset, int length) {
        return length != LENGTH
                ? length + " characters"
                : "another character at position " + (firstWrong(text, offset) + 1) + " of 36";
    }

    /** The index of the first character out of place, or -1 after filling {@link #lowerCase}. */
    private int firstWrong(char[] text, int offset) {
        for (int i = 0; i < LENGTH; i++) {
            char c = text[offset + i];
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') {
                    return i;
                }
            } else if (c >= 'A' && c <= 'F') {
                c += 'a' - 'A';
            } else if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return i;
            }
            lowerCase[i] = (byte) c;
        }
        return -1;
    }
}
