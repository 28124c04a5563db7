package io.streamforge.ops;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** The last minutes of what the page draws. */
final class History {

    private static final Duration SPAN = Duration.ofMinutes(5);
    private static final Duration LATENCY_SPAN = Duration.ofMinutes(1);

    /**
     * The counters at one moment.
     *
     * @param lag messages not read yet, or -1 where nobody knows
     * @param latency end to end, since the beginning
     */
    record Sample(
            Instant at,
            double ingested,
            double stored,
            double superseded,
            double deadLettered,
            long lag,
            Buckets latency) {

        static Sample of(Instant at, Map<Series, Double> totals, long lag) {
            return new Sample(
                    at,
                    totals.getOrDefault(Series.INGESTED, 0.0),
                    processed(totals, "stored"),
                    processed(totals, "superseded"),
                    processed(totals, "dead_lettered"),
                    lag,
                    Buckets.of(totals, Series.END_TO_END));
        }

        private static double processed(Map<Series, Double> totals, String status) {
            return totals.getOrDefault(Series.of(Series.PROCESSED, "status", status), 0.0);
        }
    }

    private final Deque<Sample> samples = new ArrayDeque<>();

    synchronized void add(Sample sample) {
        samples.addLast(sample);
        while (samples.getFirst().at().isBefore(sample.at().minus(SPAN))) {
            samples.removeFirst();
        }
    }

    /** The oldest first. */
    synchronized List<Sample> samples() {
        return new ArrayList<>(samples);
    }

    /** End-to-end latency of the last minute. */
    synchronized Buckets recentLatency() {
        if (samples.isEmpty()) {
            return new Buckets();
        }
        Sample last = samples.getLast();
        Instant begin = last.at().minus(LATENCY_SPAN);
        Sample first =
                samples.stream().filter(s -> !s.at().isBefore(begin)).findFirst().orElse(last);
        return last.latency().since(first.latency());
    }
}
