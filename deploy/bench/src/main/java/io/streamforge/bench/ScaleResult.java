package io.streamforge.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What the rounds of one case gave.
 *
 * @param bytesPerEvent of the messages' values
 * @param rounds of the job
 * @param upserts rows a second of the bare upsert into a table of the same size; empty where that
 *     is not asked
 */
record ScaleResult(
        ScaleCase work, double bytesPerEvent, List<Measurement> rounds, List<Double> upserts) {

    ScaleResult(ScaleCase work, double bytesPerEvent) {
        this(work, bytesPerEvent, new ArrayList<>(), new ArrayList<>());
    }

    /** Events a second, median. */
    double rate() {
        return Spread.of(rounds, Measurement::eventsPerSecond).median();
    }

    double megabytesPerSecond() {
        return rate() * bytesPerEvent / 1e6;
    }

    /** The job's CPU seconds per million events, median. */
    double cpu() {
        return Spread.of(rounds, Measurement::cpuSecondsPerMillion).median();
    }

    double postgresCpu() {
        return Spread.of(rounds, Measurement::postgresCpuSecondsPerMillion).median();
    }

    /** Rows a second of the bare upsert, median. */
    double upsert() {
        return Spread.of(upserts).median();
    }
}
