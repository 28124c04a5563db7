package io.streamforge.cli;

import io.streamforge.account.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Progress on standard error: nothing of what is quick, then a line every few seconds. */
final class ProgressLines implements Progress {

    private static final long BETWEEN_NANOS = Duration.ofSeconds(3).toNanos();

    private final PrintWriter err;
    private long next = System.nanoTime() + BETWEEN_NANOS;

    ProgressLines(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void report(String what, long done, long total) {
        long now = System.nanoTime();
        if (now - next < 0) {
            return;
        }
        next = now + BETWEEN_NANOS;
        err.println(
                total < 0
                        ? String.format(Locale.ROOT, "read %,d %s …", done, what)
                        : String.format(
                                Locale.ROOT,
                                "read %,d of %,d %s (%d %%) …",
                                done,
                                total,
                                what,
                                total == 0 ? 100 : Math.min(100, 100 * done / total)));
    }
}
