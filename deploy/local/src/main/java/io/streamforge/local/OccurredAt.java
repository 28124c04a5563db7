package io.streamforge.local;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.random.RandomGenerator;

/**
 * Spells instants as RFC 3339 allows, the way that different producers do: mostly UTC with
 * milliseconds, sometimes with an offset, other fractions or lower-case letters.
 */
final class OccurredAt {

    private static final int[] OFFSET_MINUTES = {0, 60, 120, 180, 330, 540, 765, -180, -300, -480};
    private static final int[] POWERS_OF_TEN = {
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000
    };

    private OccurredAt() {}

    /** The instant in some spelling, cut to that spelling's precision; years 1 to 9999 only. */
    static String spell(Instant instant, RandomGenerator random) {
        int style = random.nextInt(100);
        boolean utc = style < 80;
        boolean lowerCase = style == 79;
        int offset = utc ? 0 : OFFSET_MINUTES[random.nextInt(OFFSET_MINUTES.length)];

        LocalDateTime time =
                LocalDateTime.ofEpochSecond(
                        instant.getEpochSecond() + offset * 60L, instant.getNano(), ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(35);
        digits(text, time.getYear(), 4).append('-');
        digits(text, time.getMonthValue(), 2).append('-');
        digits(text, time.getDayOfMonth(), 2).append(lowerCase ? 't' : 'T');
        digits(text, time.getHour(), 2).append(':');
        digits(text, time.getMinute(), 2).append(':');
        digits(text, time.getSecond(), 2);
        int fractionDigits = fractionDigits(random);
        if (fractionDigits > 0) {
            text.append('.');
            digits(text, time.getNano() / POWERS_OF_TEN[9 - fractionDigits], fractionDigits);
        }
        if (utc) {
            text.append(lowerCase ? 'z' : 'Z');
        } else {
            // An unknown local offset is written -00:00.
            boolean minus = offset < 0 || (offset == 0 && style == 99);
            text.append(minus ? '-' : '+');
            digits(text, Math.abs(offset) / 60, 2).append(':');
            digits(text, Math.abs(offset) % 60, 2);
        }
        return text.toString();
    }

    private static int fractionDigits(RandomGenerator random) {
        int draw = random.nextInt(100);
        if (draw < 75) {
            return 3;
        }
        if (draw < 85) {
            return 6;
        }
        return draw < 95 ? 0 : 1 + random.nextInt(9);
    }

    private static StringBuilder digits(StringBuilder text, int value, int width) {
        for (int power = width - 1; power >= 0; power--) {
            text.append((char) ('0' + value / POWERS_OF_TEN[power] % 10));
        }
        return text;
    }
}
