package io.streamforge.validate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** F12, F13, F14: which texts are RFC 3339 date-times, and the microsecond they mean. */
class Rfc3339Test {

    private final Rfc3339 times = new Rfc3339();

    @ParameterizedTest
    @CsvSource({
        // The examples of RFC 3339 §5.8.
        "1985-04-12T23:20:50.52Z,       1985-04-12T23:20:50.520Z",
        "1996-12-19T16:39:57-08:00,     1996-12-20T00:39:57Z",
        "1990-12-31T23:59:60Z,          1991-01-01T00:00:00Z",
        "1990-12-31T15:59:60-08:00,     1991-01-01T00:00:00Z",
        "1937-01-01T12:00:27.87+00:20,  1937-01-01T11:40:27.870Z",
        // Case, fractions.
        "2024-01-15t10:30:00z,          2024-01-15T10:30:00Z",
        "2024-01-15T10:30:00.0Z,        2024-01-15T10:30:00Z",
        "2024-01-15T10:30:00.1Z,        2024-01-15T10:30:00.100Z",
        "2024-01-15T10:30:00.000001Z,   2024-01-15T10:30:00.000001Z",
        "2024-01-15T10:30:00.1234569Z,  2024-01-15T10:30:00.123456Z",
        "2024-01-15T10:30:00.99999999999999999999999999999Z, 2024-01-15T10:30:00.999999Z",
        "1969-12-31T23:59:59.9999999Z,  1969-12-31T23:59:59.999999Z",
        "1969-12-31T23:59:59.0000009Z,  1969-12-31T23:59:59Z",
        // Offsets.
        "2024-01-15T10:30:00-00:00,     2024-01-15T10:30:00Z",
        "2024-01-15T10:30:00+00:00,     2024-01-15T10:30:00Z",
        "2024-01-15T10:30:00+23:59,     2024-01-14T10:31:00Z",
        "2024-01-15T10:30:00-23:59,     2024-01-16T10:29:00Z",
        "2024-01-15T10:30:00.5+05:30,   2024-01-15T05:00:00.500Z",
        "2024-01-15T10:30:00+18:01,     2024-01-14T16:29:00Z",
        // The calendar.
        "2024-02-29T00:00:00Z,          2024-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z,          2000-02-29T00:00:00Z",
        "2023-12-31T23:59:59Z,          2023-12-31T23:59:59Z",
        // The range is that of the time in UTC.
        "0001-01-01T00:00:00Z,          0001-01-01T00:00:00Z",
        "0000-12-31T23:59:00-00:01,     0001-01-01T00:00:00Z",
        "0000-12-31T00:01:00-23:59,     0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z,   9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59.9999999Z,  9999-12-31T23:59:59.999999Z",
        // Leap seconds: at the end of any month in UTC, stored as the second that follows.
        "2016-12-31T23:59:60Z,          2017-01-01T00:00:00Z",
        "2015-06-30T23:59:60.5Z,        2015-07-01T00:00:00.500Z",
        "2015-06-30T23:59:60.9999999Z,  2015-07-01T00:00:00.999999Z",
        "2024-02-29T23:59:60Z,          2024-03-01T00:00:00Z",
        "2017-01-01T00:59:60+01:00,     2017-01-01T00:00:00Z",
        "2017-01-01T05:29:60+05:30,     2017-01-01T00:00:00Z",
        "2016-12-31T00:00:60-23:59,     2017-01-01T00:00:00Z",
        "1969-12-31T23:59:60Z,          1970-01-01T00:00:00Z",
        "0000-12-31T23:59:60Z,          0001-01-01T00:00:00Z",
    })
    void readsEveryDateTimeOfRfc3339(String text, Instant time) {
        assertThat(parse(text))
                .isEqualTo(time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                // Other forms of ISO 8601 and of everyday use.
                "2024-01-15|10 characters",
                "2024-01-15T10:30Z|17 characters",
                "20240115T103000Z|16 characters",
                "20240115T103000.000Z|another form",
                "2024-W03-1T10:30:00Z|another form",
                "1705314600|10 characters",
                "2024-01-15T10:30:00|19 characters",
                "2024-01-15 10:30:00Z|no T between date and time",
                "2024-01-15_10:30:00Z|no T between date and time",
                "2024-1-15T10:30:00ZZ|another form",
                "2024/01/15T10:30:00Z|another form",
                "2024-01-15T10.30.00Z|another form",
                " 2024-01-15T10:30:00Z|another form",
                "+2024-01-15T10:30:00Z|another form",
                "-2024-01-15T10:30:00Z|another form",
                "12024-01-15T10:30:00Z|another form",
                "２０２４-01-15T10:30:00Z|another form",
                "2024-01-15T10:3٠:00Z|another form",
                "Mon, 15 Jan 2024 10:30:00 GMT|another form",
                // After the seconds.
                "2024-01-15T10:30:00Z |no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00Zulu|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00.5|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00+00|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00+0000|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00+1:00|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00 01:00|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00+01:00:00|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00\u221201:00|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00Z[UTC]|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00,5Z|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00UTC|no Z or offset of the form +hh:mm after the seconds",
                "2024-01-15T10:30:00.Z|a fraction without digits",
                "2024-01-15T10:30:00.+01:00|a fraction without digits",
                "2024-01-15T10:30:00.-5Z|a fraction without digits",
                "2024-01-15T10:30:00+24:00|an offset outside -23:59 to +23:59",
                "2024-01-15T10:30:00+00:60|an offset outside -23:59 to +23:59",
                "2024-01-15T10:30:00+ab:cd|an offset outside -23:59 to +23:59",
                // The calendar and the clock.
                "2024-00-15T10:30:00Z|month 0",
                "2024-13-15T10:30:00Z|month 13",
                "2024-01-00T10:30:00Z|day 0 in month 1",
                "2024-01-32T10:30:00Z|day 32 in month 1",
                "2024-04-31T10:30:00Z|day 31 in month 4",
                "2023-02-29T10:30:00Z|day 29 in month 2",
                "1900-02-29T10:30:00Z|day 29 in month 2",
                "2024-01-15T24:00:00Z|hour 24",
                "2024-01-15T23:60:00Z|minute 60",
                "2024-01-15T23:59:61Z|second 61",
                // Leap seconds where there can be none.
                "2016-12-31T23:58:60Z|second 60 other than at the end of a month in UTC",
                "2016-12-30T23:59:60Z|second 60 other than at the end of a month in UTC",
                "2016-12-31T22:59:60Z|second 60 other than at the end of a month in UTC",
                "2023-02-29T23:59:60Z|day 29 in month 2",
                "2024-02-28T23:59:60Z|second 60 other than at the end of a month in UTC",
                "2016-12-31T23:59:60+01:00|second 60 other than at the end of a month in UTC",
                "2017-01-01T00:59:60+00:30|second 60 other than at the end of a month in UTC",
                // The range.
                "0000-01-01T00:00:00Z|a time outside the years 0001 to 9999 in UTC",
                "0000-12-31T23:59:59.999999Z|a time outside the years 0001 to 9999 in UTC",
                "0001-01-01T00:00:00+00:01|a time outside the years 0001 to 9999 in UTC",
                "9999-12-31T23:59:59-00:01|a time outside the years 0001 to 9999 in UTC",
                "9999-12-31T23:59:60Z|a time outside the years 0001 to 9999 in UTC",
                "9999-12-31T23:59:60.5Z|a time outside the years 0001 to 9999 in UTC",
                "-4713-01-01T00:00:00Z|another form",
                "294277-01-01T00:00:00Z|another form",
            })
    void refusesEverythingElseAndSaysWhy(String text, String problem) {
        assertThat(parse(text)).isEqualTo(Rfc3339.INVALID);
        assertThat(times.problem()).isEqualTo(problem);
    }

    @Test
    void refusesTheEmptyText() {
        assertThat(parse("")).isEqualTo(Rfc3339.INVALID);
    }

    /** Every day there is, both ends of it. */
    @Test
    void agreesWithJavaTimeOnEveryDayOfTheRange() {
        Instant end = Instant.parse("9999-12-31T00:00:00Z");
        for (Instant day = Instant.parse("0001-01-01T00:00:00Z");
                !day.isAfter(end);
                day = day.plus(1, ChronoUnit.DAYS)) {
            long micros = day.getEpochSecond() * 1_000_000;
            String date = day.toString().substring(0, 10);
            assertThat(parse(date + "T00:00:00Z")).isEqualTo(micros);
            assertThat(parse(date + "T23:59:59.999999Z")).isEqualTo(micros + 86_399_999_999L);
        }
    }

    private long parse(String text) {
        // Surrounded, so that reading past either end would be seen.
        char[] chars = ("9" + text + "9").toCharArray();
        return times.parse(chars, 1, text.length());
    }
}
