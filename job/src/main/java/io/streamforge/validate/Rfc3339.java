package io.streamforge.validate;

import java.time.LocalDate;
import java.time.Month;
import java.time.chrono.IsoChronology;

/**
 * The date-time of RFC 3339 §5.6, and nothing else of ISO 8601. {@code java.time} is no judge of
 * it: {@code OffsetDateTime} reads texts without seconds and refuses every leap second, {@code
 * Instant} reads {@code 24:00:00}. Thread-confined.
 *
 * <p>{@code T} and {@code Z} may be in lower case, the fraction has any number of digits from one
 * on, the offset runs from {@code -23:59} to {@code +23:59} and {@code -00:00} is one. A second of
 * 60 is accepted where the UTC time is 23:59:60 on the last day of a month. The result must lie in
 * the years 0001 to 9999 of UTC.
 */
final class Rfc3339 {

    /** What {@link #parse} gives for a text that is refused; no time in range has this value. */
    static final long INVALID = Long.MIN_VALUE;

    private static final long FIRST_SECOND = LocalDate.of(1, 1, 1).toEpochDay() * 86_400;
    private static final long END_SECOND = LocalDate.of(10_000, 1, 1).toEpochDay() * 86_400;
    private static final int FRACTION_AT = 19;
    private static final int SHORTEST = 20;
    private static final int OFFSET_LENGTH = 6;
    private static final int NO_NUMBER = -1;
    private static final int MICROS_DIGITS = 6;

    private String problem;

    /**
     * The time in microseconds since 1970-01-01T00:00:00Z. Digits beyond the microsecond are
     * dropped, which goes toward the past before 1970 too. A leap second becomes the second that
     * follows it and keeps its fraction.
     *
     * @return {@link #INVALID} where the text is refused; {@link #problem} then says why
     */
    long parse(char[] text, int offset, int length) {
        if (length < SHORTEST) {
            return refuse(length + " characters");
        }
        int year = number(text, offset, 4);
        int month = number(text, offset + 5, 2);
        int day = number(text, offset + 8, 2);
        int hour = number(text, offset + 11, 2);
        int minute = number(text, offset + 14, 2);
        int second = number(text, offset + 17, 2);
        // A missing number is -1, so that the sign of all together says whether one is missing.
        if ((year | month | day | hour | minute | second) < 0
                || text[offset + 4] != '-'
                || text[offset + 7] != '-'
                || text[offset + 13] != ':'
                || text[offset + 16] != ':') {
            return refuse("another form");
        }
        if (text[offset + 10] != 'T' && text[offset + 10] != 't') {
            return refuse("no T between date and time");
        }
        if (month < 1 || month > 12) {
            return refuse("month " + month);
        }
        if (day < 1 || day > Month.of(month).length(IsoChronology.INSTANCE.isLeapYear(year))) {
            return refuse("day " + day + " in month " + month);
        }
        if (hour > 23) {
            return refuse("hour " + hour);
        }
        if (minute > 59) {
            return refuse("minute " + minute);
        }
        if (second > 60) {
            return refuse("second " + second);
        }

        int end = offset + length;
        int at = offset + FRACTION_AT;
        int micros = 0;
        if (text[at] == '.') {
            int digits = 0;
            for (at++; at < end && isDigit(text[at]); at++) {
                if (digits < MICROS_DIGITS) {
                    micros = micros * 10 + (text[at] - '0');
                }
                digits++;
            }
            if (digits == 0) {
                return refuse("a fraction without digits");
            }
            for (; digits < MICROS_DIGITS; digits++) {
                micros *= 10;
            }
        }

        int minutesEast = 0;
        boolean zulu = at == end - 1 && (text[at] == 'Z' || text[at] == 'z');
        if (!zulu) {
            if (at != end - OFFSET_LENGTH
                    || (text[at] != '+' && text[at] != '-')
                    || text[at + 3] != ':') {
                return refuse("no Z or offset of the form +hh:mm after the seconds");
            }
            int offsetHour = number(text, at + 1, 2);
            int offsetMinute = number(text, at + 4, 2);
            if (offsetHour < 0 || offsetHour > 23 || offsetMinute < 0 || offsetMinute > 59) {
                return refuse("an offset outside -23:59 to +23:59");
            }
            minutesEast = (offsetHour * 60 + offsetMinute) * (text[at] == '-' ? -1 : 1);
        }

        // A second of 60 makes this the second that follows, which is what is stored.
        long epochSecond =
                LocalDate.of(year, month, day).toEpochDay() * 86_400
                        + (hour * 60 + minute - minutesEast) * 60
                        + second;
        if (second == 60 && !beginsMonth(epochSecond)) {
            return refuse("second 60 other than at the end of a month in UTC");
        }
        if (epochSecond < FIRST_SECOND || epochSecond >= END_SECOND) {
            return refuse("a time outside the years 0001 to 9999 in UTC");
        }
        return epochSecond * 1_000_000 + micros;
    }

    /** Why the last {@link #INVALID} text was refused: what was found, never the text itself. */
    String problem() {
        return problem;
    }

    private long refuse(String found) {
        problem = found;
        return INVALID;
    }

    private static boolean beginsMonth(long epochSecond) {
        return Math.floorMod(epochSecond, 86_400) == 0
                && LocalDate.ofEpochDay(Math.floorDiv(epochSecond, 86_400)).getDayOfMonth() == 1;
    }

    /** A number of so many ASCII digits, or {@link #NO_NUMBER}. */
    private static int number(char[] text, int at, int digits) {
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            if (!isDigit(text[i])) {
                return NO_NUMBER;
            }
            value = value * 10 + (text[i] - '0');
        }
        return value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
