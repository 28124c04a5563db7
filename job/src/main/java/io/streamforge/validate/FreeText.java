package io.streamforge.validate;

/**
 * The contract's two free texts, {@code path} and {@code referrer}: what they may hold and their
 * normal form.
 */
final class FreeText {

    private FreeText() {}

    /**
     * Whether the text holds U+0000, which Postgres cannot store, or a surrogate without its other
     * half, which no UTF-8 can carry.
     */
    static boolean isUnstorable(char[] text, int offset, int length) {
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            char c = text[i];
            if (c == 0) {
                return true;
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == end
                        || !Character.isLowSurrogate(text[i + 1])) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    /** A path in normal form: trimmed, beginning with a slash. */
    static String path(char[] text, int offset, int length) {
        String path = trimmed(text, offset, length);
        if (path.isEmpty()) {
            return "/";
        }
        return path.charAt(0) == '/' ? path : "/" + path;
    }

    /** A referrer in normal form: trimmed, null where it only says that there is none. */
    static String referrer(char[] text, int offset, int length) {
        String referrer = trimmed(text, offset, length);
        return referrer.isEmpty() || referrer.equals("null") || referrer.equals("undefined")
                ? null
                : referrer;
    }

    private static String trimmed(char[] text, int offset, int length) {
        int start = offset;
        int end = offset + length;
        while (start < end && isWhiteSpace(text[start])) {
            start++;
        }
        while (end > start && isWhiteSpace(text[end - 1])) {
            end--;
        }
        return new String(text, start, end - start);
    }

    /**
     * Unicode's White_Space property, all of it in the basic plane. Not {@link
     * Character#isWhitespace}, which leaves out U+0085 and U+00A0 and adds U+001C to U+001F.
     */
    private static boolean isWhiteSpace(char c) {
        if (c < 0x80) {
            return c == ' ' || c >= '\t' && c <= '\r';
        }
        return c == 0x0085
                || c == 0x00A0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200A
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }
}
