package io.streamforge.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}, PT5M. */
final class TimeSpan {

    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,12})\\s*(ms|s|m|h)", Pattern.CASE_INSENSITIVE);

    private TimeSpan() {}

    /** The duration, or null where the text is none. */
    static Duration parse(String text) {
        Matcher span = FORM.matcher(text);
        if (span.matches()) {
            long amount = Long.parseLong(span.group(1));
            return switch (span.group(2).toLowerCase(Locale.ROOT)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
        }
        try {
            return text.regionMatches(true, 0, "P", 0, 1) ? Duration.parse(text) : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
