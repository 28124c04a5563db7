package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When refused rows are released, and when none of them is. */
class RefusalBreakerTest {

    private final RefusalBreaker breaker = new RefusalBreaker(100, 0.9);

    @Test
    void releasesTheRowsHeldInTheirOrderAndOnce() {
        breaker.count(60, refusals(3, 5));
        assertThat(breaker.windowIsComplete()).isFalse();
        breaker.count(40, refusals(8));
        assertThat(breaker.windowIsComplete()).isTrue();

        assertThat(offsets(breaker.verdict())).containsExactly(3L, 5L, 8L);

        assertThat(breaker.windowIsComplete()).isFalse();
        assertThat(breaker.verdict()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"100, 89, false", "100, 90, true", "100, 100, true", "1000, 899, false"})
    void tripsAtTheRatioAndNotBelow(int rows, int refused, boolean trips) {
        breaker.count(rows, refusals(LongStream.range(0, refused).toArray()));

        if (trips) {
            assertTrips();
        } else {
            assertThat(breaker.verdict()).hasSize(refused);
        }
    }

    @Test
    void aRatioOfOneTripsOnlyWhereEveryRowIsRefused() {
        RefusalBreaker strict = new RefusalBreaker(10, 1.0);
        strict.count(10, refusals(LongStream.range(0, 9).toArray()));
        assertThat(strict.verdict()).hasSize(9);

        strict.count(10, refusals(LongStream.range(0, 10).toArray()));
        assertThatExceptionOfType(SuppressRestartsException.class).isThrownBy(strict::verdict);
    }

    @Test
    void judgesACheckpointsShorterWindowFromATenthOfAFullOne() {
        breaker.count(9, refusals(LongStream.range(0, 9).toArray()));
        assertThat(breaker.verdict()).as("too few to judge").hasSize(9);

        breaker.count(1, refusals(9));
        assertTrips();
    }

    @Test
    void stopsASlowStreamAfterOneWindowAtMost() {
        List<BatchStore.Refusal> released = new ArrayList<>();

        assertThatExceptionOfType(SuppressRestartsException.class)
                .isThrownBy(
                        () -> {
                            for (int row = 0; row < 100; row++) {
                                breaker.count(1, refusals(row));
                                released.addAll(breaker.verdict());
                            }
                        });

        assertThat(released).hasSize(9);
    }

    @Test
    void checkpointsWithoutARowNeverTrip() {
        assertThat(breaker.verdict()).isEmpty();
        assertThat(new RefusalBreaker(1, 0.1).verdict()).isEmpty();
    }

    @Test
    void startsAfreshAfterAFullWindow() {
        breaker.count(100, List.of());
        assertThat(breaker.verdict()).isEmpty();

        breaker.count(10, refusals(LongStream.range(0, 10).toArray()));
        assertTrips();
    }

    @Test
    void keepsCountingOverCheckpointsUntilTheWindowIsFull() {
        breaker.count(50, List.of());
        assertThat(breaker.verdict()).isEmpty();
        breaker.count(49, refusals(LongStream.range(0, 49).toArray()));

        assertThat(breaker.verdict()).as("49 of 99").hasSize(49);
    }

    @Test
    void saysWhatWasRefusedAndWhatBecomesOfIt() {
        breaker.count(100, refusals(LongStream.range(0, 95).toArray()));

        assertThatExceptionOfType(SuppressRestartsException.class)
                .isThrownBy(breaker::verdict)
                .havingCause()
                .withMessage(
                        "Postgres refused 95 of the last 100 rows (last: SQLSTATE 23514): the job"
                                + " stops instead of dead-lettering the topic. The 95 rows held"
                                + " back are in no store and their offsets are not committed."
                                + " Repair the table or the producers, then start again.");
    }

    private void assertTrips() {
        assertThatExceptionOfType(SuppressRestartsException.class).isThrownBy(breaker::verdict);
    }

    private static List<BatchStore.Refusal> refusals(long... offsets) {
        return LongStream.of(offsets)
                .mapToObj(
                        offset ->
                                new BatchStore.Refusal(
                                        SampleEvents.event(offset),
                                        new SQLException("refused", "23514")))
                .toList();
    }

    private static List<Long> offsets(List<BatchStore.Refusal> refusals) {
        return refusals.stream().map(refusal -> refusal.event().raw().offset()).toList();
    }
}
