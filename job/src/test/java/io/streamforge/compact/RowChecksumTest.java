package io.streamforge.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowChecksumTest {

    private static final Event ONE = SampleArchive.event(1);
    private static final Event TWO = SampleArchive.event(2);

    @Test
    void theOrderMakesNoDifference() {
        assertThat(of(ONE, TWO).matches(of(TWO, ONE))).isTrue();
    }

    @Test
    void aRowMoreLessOrTwiceDoes() {
        assertThat(of(ONE, TWO).matches(of(ONE))).isFalse();
        assertThat(of(ONE, ONE).matches(of(TWO, TWO))).isFalse();
        assertThat(of(ONE, TWO, TWO).matches(of(ONE, ONE, TWO))).isFalse();
    }

    @Test
    void anyOtherValueDoes() {
        Event[] others = {
            with("path", "/y", "r", null, 5), with("path", "/x", "s", null, 5),
            with("path", "/x", "r", 0L, 5), with("path", "/x", "r", null, 6),
            with("path", "/x", null, null, 5), with("path", null, "/xr", null, 5),
            with("other", "/x", "r", null, 5)
        };
        Event event = with("path", "/x", "r", null, 5);
        for (Event other : others) {
            assertThat(of(event).matches(of(other))).as(other.toString()).isFalse();
        }
    }

    private static Event with(
            String id, String path, String referrer, Long amountCents, long processedAt) {
        return new Event(
                id,
                ONE.eventType(),
                1,
                "user",
                amountCents,
                path,
                referrer,
                processedAt,
                ONE.raw());
    }

    private static RowChecksum of(Event... events) {
        RowChecksum checksum = new RowChecksum();
        List.of(events).forEach(checksum::add);
        return checksum;
    }
}
