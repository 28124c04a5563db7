package io.streamforge.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 1048576}, {@code 64KiB}, {@code 128MiB}, {@code 1GiB}. */
final class ByteSize {

    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,19})\\s*(KiB|MiB|GiB)?", Pattern.CASE_INSENSITIVE);

    private ByteSize() {}

    /** The size in bytes, or null where the text is none or exceeds 2^63-1. */
    static Long parse(String text) {
        Matcher size = FORM.matcher(text);
        if (!size.matches()) {
            return null;
        }
        String unit = size.group(2) == null ? "" : size.group(2).toLowerCase(Locale.ROOT);
        long factor =
                switch (unit) {
                    case "kib" -> 1L << 10;
                    case "mib" -> 1L << 20;
                    case "gib" -> 1L << 30;
                    default -> 1L;
                };
        try {
            return Math.multiplyExact(Long.parseLong(size.group(1)), factor);
        } catch (ArithmeticException | NumberFormatException e) {
            return null;
        }
    }
}
