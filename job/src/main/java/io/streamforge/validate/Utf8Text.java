package io.streamforge.validate;

import com.fasterxml.jackson.core.JsonLocation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The text of one message, decoded by the strict UTF-8 of RFC 3629: no overlong forms, no encoded
 * surrogates, nothing beyond U+10FFFF, nothing cut short (table 3-7 of the Unicode standard). It
 * keeps its buffer for the next message. Thread-confined.
 */
final class Utf8Text {

    /** What {@link #decode} gives when all bytes are well-formed. */
    static final int WELL_FORMED = -1;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080808080808080L;

    private static final int USUAL_LENGTH = 4096;

    private char[] chars = new char[USUAL_LENGTH];
    private int length;

    /**
     * Replaces the text by that of these bytes.
     *
     * @return {@link #WELL_FORMED}, or the position of the first byte that begins no well-formed
     *     sequence; the text is then of no use
     */
    int decode(byte[] bytes) {
        if (chars.length < bytes.length) {
            // No text has more characters than bytes.
            chars = new char[Math.max(bytes.length, 2 * chars.length)];
        }
        int end = bytes.length;
        int at = 0;
        int decoded = 0;
        while (at < end) {
            // Nearly all text is ASCII: look at eight bytes at once.
            while (at <= end - Long.BYTES && ((long) LONGS.get(bytes, at) & HIGH_BITS) == 0) {
                for (int i = 0; i < Long.BYTES; i++) {
                    chars[decoded + i] = (char) bytes[at + i];
                }
                at += Long.BYTES;
                decoded += Long.BYTES;
            }
            if (at == end) {
                break;
            }
            if (bytes[at] >= 0) {
                chars[decoded++] = (char) bytes[at++];
                continue;
            }
            int size = sequenceLength(bytes, at);
            switch (size) {
                case 2 -> chars[decoded++] = (char) ((bytes[at] & 0x1F) << 6 | low(bytes, at + 1));
                case 3 ->
                        chars[decoded++] =
                                (char)
                                        ((bytes[at] & 0x0F) << 12
                                                | low(bytes, at + 1) << 6
                                                | low(bytes, at + 2));
                case 4 -> {
                    int codePoint =
                            (bytes[at] & 0x07) << 18
                                    | low(bytes, at + 1) << 12
                                    | low(bytes, at + 2) << 6
                                    | low(bytes, at + 3);
                    chars[decoded++] = Character.highSurrogate(codePoint);
                    chars[decoded++] = Character.lowSurrogate(codePoint);
                }
                default -> {
                    return at;
                }
            }
            at += size;
        }
        length = decoded;
        return WELL_FORMED;
    }

    /** The characters, from 0 to {@link #length}. */
    char[] chars() {
        return chars;
    }

    int length() {
        return length;
    }

    /** {@code , at byte N}: where in the bytes this place in the characters is. */
    String at(JsonLocation location) {
        int index = (int) location.getCharOffset();
        int bytes = 0;
        for (int i = 0; i < index; i++) {
            char c = chars[i];
            // A surrogate is half of a sequence of four.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return ", at byte " + bytes;
    }

    /** 2 to 4, or 0 where no well-formed multi-byte sequence begins. */
    private static int sequenceLength(byte[] bytes, int at) {
        int lead = bytes[at] & 0xFF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            return continues(bytes, at + 1, 0x80, 0xBF) ? 2 : 0;
        }
        if (lead >= 0xE0 && lead <= 0xEF) {
            int low = lead == 0xE0 ? 0xA0 : 0x80;
            int high = lead == 0xED ? 0x9F : 0xBF;
            return continues(bytes, at + 1, low, high) && continues(bytes, at + 2, 0x80, 0xBF)
                    ? 3
                    : 0;
        }
        if (lead >= 0xF0 && lead <= 0xF4) {
            int low = lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xF4 ? 0x8F : 0xBF;
            return continues(bytes, at + 1, low, high)
                            && continues(bytes, at + 2, 0x80, 0xBF)
                            && continues(bytes, at + 3, 0x80, 0xBF)
                    ? 4
                    : 0;
        }
        return 0;
    }

    private static boolean continues(byte[] bytes, int at, int low, int high) {
        return at < bytes.length && (bytes[at] & 0xFF) >= low && (bytes[at] & 0xFF) <= high;
    }

    private static int low(byte[] bytes, int at) {
        return bytes[at] & 0x3F;
    }
}
