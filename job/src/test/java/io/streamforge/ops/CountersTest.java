package io.streamforge.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is counted goes on over restarts, and what is ingested is the sum of what is processed. */
class CountersTest {

    private static final Series STORED = Series.of(Series.PROCESSED, "status", "stored");
    private static final Series DEAD = Series.of(Series.PROCESSED, "status", "dead_lettered");

    private final Counters counters = new Counters();

    @Test
    void addsUpSubtasks() {
        see(0, 10, 7, 3);
        see(1, 5, 5, 0);
        assertTotals(15, 12, 3);
    }

    @Test
    void goesOnOverARestart() {
        see(0, 100, 80, 10); // ten are in flight, and are read once more
        see(0, 0, 0, 0);
        assertTotals(100, 80, 10);
        see(0, 30, 20, 10);
        assertTotals(120, 100, 20);
    }

    @Test
    void takesARestartThatShowsLateInSomeOfTheMetrics() {
        see(0, 100, 80, 20);
        see(0, 100, 5, 20);
        see(0, 9, 8, 1);
        see(0, 10, 8, 2);
        assertTotals(110, 88, 22);
    }

    @Test
    void neverGoesBack() {
        see(0, 100, 80, 20);
        see(0, 0, 80, 20);
        assertThat(counters.totals()).containsEntry(Series.INGESTED, 100.0);
    }

    private void see(int subtask, double ingested, double stored, double dead) {
        counters.update(subtask, Map.of(Series.INGESTED, ingested, STORED, stored, DEAD, dead));
        counters.totals(); // as somebody looks at them
    }

    private void assertTotals(double ingested, double stored, double dead) {
        assertThat(counters.totals())
                .containsEntry(Series.INGESTED, ingested)
                .containsEntry(STORED, stored)
                .containsEntry(DEAD, dead);
    }
}
