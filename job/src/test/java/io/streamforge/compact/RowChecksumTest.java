package io.streamforge.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.event.Event;
import io.streamforge.event.Uuid;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowChecksumTest {

    private static final Event ONE = SampleArchive.event(1);
    private static final Event TWO = SampleArchive.event(2);

    private static final Uuid ID = new Uuid(1, 2);

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
            with(ID, "/y", "r", null, 5), with(ID, "/x", "s", null, 5),
            with(ID, "/x", "r", 0L, 5), with(ID, "/x", "r", null, 6),
            with(ID, "/x", null, null, 5), with(ID, null, "/xr", null, 5),
            with(new Uuid(1, 3), "/x", "r", null, 5), with(new Uuid(3, 2), "/x", "r", null, 5)
        };
        Event event = with(ID, "/x", "r", null, 5);
        for (Event other : others) {
            assertThat(of(event).matches(of(other))).as(other.toString()).isFalse();
        }
    }

    private static Event with(
            Uuid id, String path, String referrer, Long amountCents, long processedAt) {
        return new Event(
                id,
                ONE.eventType(),
                1,
                new Uuid(8, 9),
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
