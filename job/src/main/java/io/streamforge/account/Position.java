package io.streamforge.account;

import io.streamforge.account.Window.Range;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a topic, for all of its partitions: its beginning, its end, an offset, or a moment by
 * the messages' Kafka timestamps.
 *
 * @param offset {@code Long.MIN_VALUE} for the beginning, {@code Long.MAX_VALUE} for the end
 * @param timestamp milliseconds since the epoch, or null where it is no moment
 */
public record Position(long offset, Long timestamp) {

    public static final Position BEGINNING = new Position(Long.MIN_VALUE, null);
    public static final Position END = new Position(Long.MAX_VALUE, null);

    /** What {@link #parse} takes, for usage texts. */
    public static final String FORMS =
            "beginning, end, an offset, 2024-01-15, 2024-01-15T10:30:00Z, or 90s, 15m, 2h, 7d ago";

    private static final Pattern AGO = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

    /**
     * Reads one of the {@link #FORMS}; a date begins at midnight UTC.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Position parse(String text, Instant now) {
        String form = text.strip().toLowerCase(Locale.ROOT);
        if (form.equals("beginning") || form.equals("earliest")) {
            return BEGINNING;
        }
        if (form.equals("end") || form.equals("latest")) {
            return END;
        }
        if (form.matches("[0-9]{1,18}")) {
            return new Position(Long.parseLong(form), null);
        }
        return new Position(0, moment(text, now).toEpochMilli());
    }

    /**
     * Reads one of the {@link #FORMS} that is a moment.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Instant moment(String text, Instant now) {
        String form = text.strip().toUpperCase(Locale.ROOT);
        Matcher ago = AGO.matcher(form.toLowerCase(Locale.ROOT));
        if (ago.matches()) {
            long amount = Long.parseLong(ago.group(1));
            return now.minus(
                    switch (ago.group(2)) {
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        case "h" -> Duration.ofHours(amount);
                        default -> Duration.ofDays(amount);
                    });
        }
        try {
            return form.length() == "2024-01-15".length()
                    ? LocalDate.parse(form).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(form).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected " + FORMS + ", not '" + text + "'", e);
        }
    }

    long offsetIn(Range whole) {
        return Math.min(whole.end(), Math.max(whole.start(), offset));
    }
}
