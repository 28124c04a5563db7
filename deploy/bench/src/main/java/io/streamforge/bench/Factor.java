package io.streamforge.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** What makes the work grow, one at a time, and what an event may then cost. */
enum Factor {
    TABLE(
            "%,d rows already there",
            ScaleCase::tableRows,
            ScaleCase::withTableRows,
            List.of(10_000_000L, 50_000_000L),
            new Goal("bare upsert : job", result -> result.upsert() / result.rate(), 1.15)),
    PARTITIONS(
            "partitions %d",
            ScaleCase::partitions,
            ScaleCase::withPartitions,
            List.of(1L, 8L, 64L),
            new Goal("job's CPU an event", ScaleResult::cpu, 1.1)),
    PARALLELISM(
            "parallelism %d",
            ScaleCase::parallelism, ScaleCase::withParallelism, List.of(1L, 2L, 4L), null),
    DUPLICATES(
            "%d %% duplicates",
            ScaleCase::duplicatePercent,
            ScaleCase::withDuplicatePercent,
            List.of(0L, 50L, 100L),
            new Goal("time an event", result -> 1 / result.rate(), 1)),
    INVALID(
            "%d %% invalid",
            ScaleCase::invalidPercent,
            ScaleCase::withInvalidPercent,
            List.of(0L, 10L, 100L),
            new Goal("time an event", result -> 1 / result.rate(), 1)),
    SIZE(
            "%,d bytes an event",
            ScaleCase::eventBytes, ScaleCase::withEventBytes, List.of(2_000L, 20_000L), null);

    /**
     * What a level costs is at most so many times what the least level of the factor does.
     *
     * @param what costs
     */
    record Goal(String what, ToDoubleFunction<ScaleResult> cost, double atMost) {}

    /** The base with another level of the factor. */
    private interface Change {
        ScaleCase to(ScaleCase base, long level);
    }

    private final String title;
    private final ToLongFunction<ScaleCase> level;
    private final Change change;
    private final List<Long> levels;
    private final Goal goal;

    Factor(
            String title,
            ToLongFunction<ScaleCase> level,
            Change change,
            List<Long> levels,
            Goal goal) {
        this.title = title;
        this.level = level;
        this.change = change;
        this.levels = levels;
        this.goal = goal;
    }

    /** The levels beside the one of the base, which may be among them. */
    List<Long> levels() {
        return levels;
    }

    long level(ScaleCase work) {
        return level.applyAsLong(work);
    }

    ScaleCase change(ScaleCase base, long to) {
        return change.to(base, to);
    }

    Optional<Goal> goal() {
        return Optional.ofNullable(goal);
    }

    String title(long of) {
        return String.format(Locale.ROOT, title, of);
    }

    /** As on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
