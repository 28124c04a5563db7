package io.streamforge.local;

import io.streamforge.ops.Buckets;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** One live line: rewritten every second in a terminal, a new line every few seconds elsewhere. */
final class ProgressLine {

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private final PrintStream out;
    private final boolean terminal;
    private final long startedAt = System.nanoTime();
    private long lastAt = startedAt;
    private long lastIngested;
    private Buckets lastLatency = new Buckets();
    private long nextLineAt = startedAt;

    ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Shows where things stand now. */
    void update(String jobStatus) {
        long now = System.nanoTime();
        if (terminal || now >= nextLineAt) {
            now(jobStatus);
        }
    }

    /** The same whether or not a line is due. */
    void now(String jobStatus) {
        long now = System.nanoTime();
        nextLineAt = now + BETWEEN_LINES.toNanos();
        long ingested = MetricsTap.ingested();
        Buckets latency = MetricsTap.latency();
        // Of what came since the last line; of all, where nothing did.
        Buckets recent = latency.since(lastLatency);
        double seconds = Math.max(1e-3, (now - lastAt) / 1e9);
        String text =
                String.format(
                        Locale.ROOT,
                        "%4ds  %s  in %,d/s  stored %,d  superseded %,d  dead-lettered %,d"
                                + "  lag %,d  latency p50 %.0f ms p99 %.0f ms",
                        (now - startedAt) / 1_000_000_000,
                        jobStatus,
                        Math.round((ingested - lastIngested) / seconds),
                        MetricsTap.processed("stored"),
                        MetricsTap.processed("superseded"),
                        MetricsTap.processed("dead_lettered"),
                        MetricsTap.lag(),
                        1e3 * recent.quantile(0.5).orElse(latency.quantile(0.5).orElse(0)),
                        1e3 * recent.quantile(0.99).orElse(latency.quantile(0.99).orElse(0)));
        lastLatency = latency;
        lastAt = now;
        lastIngested = ingested;
        out.print(terminal ? "\r" + text + "\u001b[K" : text + System.lineSeparator());
        out.flush();
    }

    /** Ends the live line, so that the next output begins on its own. */
    void end() {
        if (terminal) {
            out.println();
        }
    }
}
