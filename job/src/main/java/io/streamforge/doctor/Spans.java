package io.streamforge.doctor;

import java.time.Duration;

/** Durations as people say them. */
final class Spans {

    private Spans() {}

    static String text(Duration span) {
        if (span.toDays() >= 2) {
            return span.toDays() + " days";
        }
        if (span.toHours() >= 2) {
            return span.toHours() + " hours";
        }
        return span.toMinutes() >= 2 ? span.toMinutes() + " minutes" : span.toSeconds() + " s";
    }
}
