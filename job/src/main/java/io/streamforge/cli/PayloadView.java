package io.streamforge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.streamforge.event.Violation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A message's bytes for a terminal: as text where they are text, else in hexadecimal. Whatever
 * could steer the terminal or turn the reading direction around is written as its number.
 */
final class PayloadView {

    private static final int ROW_BYTES = 16;

    /** Columns before and after the place that a caret points to. */
    private static final int BEFORE = 50;

    private static final int AFTER = 30;

    /** As {@link io.streamforge.validate.EventParser} ends a detail that has a place. */
    private static final Pattern PLACE = Pattern.compile(", at byte ([0-9]{1,10})$");

    private final byte[] bytes;
    private final String text;

    PayloadView(byte[] bytes) {
        this.bytes = bytes;
        this.text = text(bytes);
    }

    /** Whether they are shown as text. */
    boolean isText() {
        return text != null;
    }

    /** All of it, or the first {@code limit} bytes and how many follow. */
    String body(int limit) {
        String more =
                bytes.length > limit
                        ? "\n… and " + (bytes.length - limit) + " more bytes; --all shows them"
                        : "";
        if (text == null) {
            return hex(0, Math.min(bytes.length, limit)) + more;
        }
        int end = Math.min(bytes.length, limit);
        while (end < bytes.length && end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return safeLines(new String(bytes, 0, end, UTF_8)) + more;
    }

    /** The surroundings of a violation with a caret under its place; empty where it has none. */
    String excerpt(Violation violation) {
        Matcher place = PLACE.matcher(violation.detail());
        if (!place.find()) {
            return "";
        }
        int at = Math.min(Integer.parseInt(place.group(1)), bytes.length);
        return text == null ? hexExcerpt(at) : textExcerpt(at);
    }

    private String textExcerpt(int at) {
        String head = new String(bytes, 0, at, UTF_8);
        String tail = new String(bytes, at, bytes.length - at, UTF_8);
        int lineStart = head.lastIndexOf('\n') + 1;
        int lineEnd = tail.indexOf('\n');
        String before = head.substring(lineStart);
        String after = lineEnd < 0 ? tail : tail.substring(0, lineEnd);
        int cutBefore = before.codePointCount(0, before.length()) - BEFORE;
        if (cutBefore > 0) {
            before = "…" + before.substring(before.offsetByCodePoints(0, cutBefore));
        }
        int pointsAfter = after.codePointCount(0, after.length());
        if (pointsAfter > AFTER) {
            after = after.substring(0, after.offsetByCodePoints(0, AFTER)) + "…";
        }
        String lead = safe(before);
        return lead + safe(after) + "\n" + " ".repeat(TextWidth.of(lead)) + "^";
    }

    private String hexExcerpt(int at) {
        int row = at / ROW_BYTES * ROW_BYTES;
        int first = Math.max(0, row - ROW_BYTES);
        int caret = "00000000  ".length() + 3 * (at - row) + (at - row >= ROW_BYTES / 2 ? 1 : 0);
        String after =
                row + ROW_BYTES < bytes.length
                        ? "\n" + hex(row + ROW_BYTES, Math.min(bytes.length, row + 2 * ROW_BYTES))
                        : "";
        return hex(first, Math.min(bytes.length, row + ROW_BYTES))
                + "\n"
                + " ".repeat(caret)
                + "^^"
                + after;
    }

    private String hex(int from, int to) {
        StringBuilder view = new StringBuilder();
        for (int row = from; row < to || row == from; row += ROW_BYTES) {
            view.append(row == from ? "" : "\n").append(String.format(Locale.ROOT, "%08x ", row));
            StringBuilder ascii = new StringBuilder();
            for (int i = 0; i < ROW_BYTES; i++) {
                view.append(i == ROW_BYTES / 2 ? "  " : " ");
                if (row + i < to) {
                    int b = bytes[row + i] & 0xFF;
                    view.append(String.format(Locale.ROOT, "%02x", b));
                    ascii.append(b >= 0x20 && b < 0x7F ? (char) b : '.');
                } else {
                    view.append("  ");
                }
            }
            view.append("  |").append(ascii).append('|');
        }
        return view.toString();
    }

    /** Key or header in one line: text, or hexadecimal digits. */
    static String line(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        String text = text(bytes);
        if (text != null) {
            return safe(text);
        }
        StringBuilder hex = new StringBuilder("0x");
        for (byte b : bytes) {
            hex.append(String.format(Locale.ROOT, "%02x", b));
        }
        return hex.toString();
    }

    /** In one line. */
    static String safe(String text) {
        return safe(text, false);
    }

    private static String safeLines(String text) {
        return safe(text, true);
    }

    private static String safe(String text, boolean lines) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .forEach(
                        c -> {
                            int type = Character.getType(c);
                            boolean kept = lines && (c == '\n' || c == '\t');
                            if (!kept
                                    && (type == Character.CONTROL
                                            || type == Character.FORMAT
                                            || type == Character.SURROGATE
                                            || type == Character.LINE_SEPARATOR
                                            || type == Character.PARAGRAPH_SEPARATOR)) {
                                safe.append(String.format(Locale.ROOT, "\\u{%x}", c));
                            } else {
                                safe.appendCodePoint(c);
                            }
                        });
        return safe.toString();
    }

    /** The text that the bytes are in UTF-8, or null where they are none. */
    static String textOrNull(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** As text, or null where they are none: not UTF-8, or with control characters. */
    private static String text(byte[] bytes) {
        String text = textOrNull(bytes);
        boolean control =
                text != null
                        && text.chars()
                                .anyMatch(
                                        c ->
                                                Character.getType(c) == Character.CONTROL
                                                        && c != '\n'
                                                        && c != '\r'
                                                        && c != '\t');
        return control ? null : text;
    }
}
