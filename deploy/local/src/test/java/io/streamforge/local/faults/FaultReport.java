package io.streamforge.local.faults;

import io.streamforge.local.Invariant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What every fault cost, one row each: kept in {@code target/faults.md} from the first one on, and
 * printed when all tests of the JVM are done.
 */
public final class FaultReport implements BeforeAllCallback {

    /**
     * One fault.
     *
     * @param times how often it struck
     * @param lost what the oracle misses in table, archive and dead letters
     * @param doubled what it finds in table and archive beyond that
     * @param wronglyDeadLettered dead letters that it does not expect
     * @param recovery from the end of the fault until everything that was in the topic by then is
     *     committed; of several the longest
     */
    record Row(
            String fault,
            int times,
            int events,
            int lost,
            int doubled,
            int wronglyDeadLettered,
            Duration recovery) {

        static Row of(String fault, int times, Invariant invariant, Duration recovery) {
            return new Row(
                    fault,
                    times,
                    invariant.events(),
                    invariant.lost(),
                    invariant.doubled(),
                    invariant.wronglyDeadLettered(),
                    recovery);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %d | %,d | %d | %d | %d | %.1f |",
                    fault,
                    times,
                    events,
                    lost,
                    doubled,
                    wronglyDeadLettered,
                    recovery.toMillis() / 1_000.0);
        }
    }

    private static final Path FILE = Path.of("target", "faults.md");
    private static final List<String> LINES =
            new ArrayList<>(
                    List.of(
                            "| fault | times | events | lost | doubled | dead-lettered wrongly | s"
                                    + " to recover |",
                            "|---|---:|---:|---:|---:|---:|---:|"));

    static synchronized void add(Row row) {
        LINES.add(row.toString());
        try {
            Files.write(FILE, LINES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.create(FaultReport.class))
                .getOrComputeIfAbsent(FaultReport.class, key -> new AtTheEnd(), AtTheEnd.class);
    }

    /** Closed by JUnit after the last test. */
    private static final class AtTheEnd implements AutoCloseable {
        @Override
        public void close() {
            System.out.println();
            LINES.forEach(System.out::println);
        }
    }
}
