package io.streamforge.bench;

import io.streamforge.bench.BenchEvents.Shape;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What an event costs as the work grows: one base case, and of it one factor at a time. The base is
 * measured anew before each factor, and a level is compared with that of its own factor, so that a
 * machine that changes in the course of an hour changes few ratios.
 */
@Command(
        name = "scale",
        description = "The cost of an event as table, topic and events grow, one at a time.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ScaleCommand implements Callable<Integer> {

    @Mixin private RunOptions run;

    @Option(names = "--events", paramLabel = "N", description = "Events that count, a round.")
    private long events = 1_500_000;

    @Option(names = "--warm-up", paramLabel = "N", description = "Events before them.")
    private long warmUp = 300_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each case.")
    private int rounds = 1;

    @Option(
            names = "--only",
            paramLabel = "FACTOR",
            split = ",",
            description = "Only these: ${COMPLETION-CANDIDATES}.")
    private Set<Factor> factors = EnumSet.allOf(Factor.class);

    @Option(
            names = "--table-rows",
            paramLabel = "N",
            split = ",",
            description = "Rows that are already there; none is always measured, as the base.")
    private List<Long> tableRows = Factor.TABLE.levels();

    private final Instant begun = Instant.now();
    private final Map<String, InputTopic> topics = new HashMap<>();
    private final NavigableMap<Long, StartingTable> tables = new TreeMap<>();

    @Override
    public Integer call() throws Exception {
        ScaleCase base =
                new ScaleCase(0, run.partitions, run.parallelism, Shape.USUAL, events, warmUp);
        tables.put(0L, StartingTable.EMPTY);
        double loadAverage = Machine.load();
        try (BenchStack stack = BenchStack.start(run.data)) {
            ScaleReport report =
                    new ScaleReport(
                            Machine.describe(),
                            loadAverage,
                            stack.postgresSettings(),
                            run.settings,
                            base);
            for (int round = 1; round <= rounds; round++) {
                for (Factor factor : new TreeSet<>(factors)) {
                    for (ScaleCase work : cases(factor, base)) {
                        InputTopic topic = topic(stack, work);
                        ScaleResult result = report.result(factor, work, topic);
                        measure(stack, factor, topic, result);
                        say(
                                "round %d: %s: %s, bare upsert %s",
                                round,
                                factor.title(factor.level(work)),
                                result.rounds(),
                                result.upserts());
                    }
                }
            }
            System.out.println(report.table());
            report.write(run.output);
            say("written to %s", run.output);
        }
        return 0;
    }

    /** The base first. */
    private Set<ScaleCase> cases(Factor factor, ScaleCase base) {
        Set<ScaleCase> cases = new LinkedHashSet<>();
        cases.add(base);
        for (long level : factor == Factor.TABLE ? tableRows : factor.levels()) {
            if (level != factor.level(base)) {
                cases.add(factor.change(base, level));
            }
        }
        return cases;
    }

    private void measure(BenchStack stack, Factor factor, InputTopic topic, ScaleResult result)
            throws Exception {
        ScaleCase work = result.work();
        StartingTable table = table(stack, work.tableRows());
        result.rounds()
                .add(
                        new JobRound(
                                        stack,
                                        SystemUnderTest.STREAMFORGE,
                                        topic,
                                        table,
                                        work.parallelism(),
                                        run.settings)
                                .run(work.warmUp(), Consumption::of));
        if (factor == Factor.TABLE) {
            result.upserts()
                    .add(new Limits(stack, topic, table).upsert(Limits.UPSERT_ROWS, work.warmUp()));
        }
    }

    /** Filled at its first use, and used again by every case with such events. */
    private InputTopic topic(BenchStack stack, ScaleCase work)
            throws IOException, InterruptedException {
        Shape shape = work.shape();
        String name =
                "input_p%d_i%d_d%d_b%d"
                        .formatted(
                                work.partitions(),
                                shape.invalidPercent(),
                                shape.duplicatePercent(),
                                work.eventBytes());
        InputTopic topic = topics.get(name);
        if (topic == null) {
            long all = work.warmUp() + work.events();
            say("filling %s with %d events", name, all);
            topic = InputTopic.fill(stack.brokers(), name, work.partitions(), shape, all);
            topics.put(name, topic);
        }
        return topic;
    }

    /** Grown at its first use from the one before it. */
    private StartingTable table(BenchStack stack, long rows) throws IOException, SQLException {
        StartingTable smaller = tables.floorEntry(rows).getValue();
        if (smaller.rows() == rows) {
            return smaller;
        }
        say("growing the table from %d to %d rows", smaller.rows(), rows);
        StartingTable grown = smaller.grown(stack, rows);
        say("grown");
        tables.put(rows, grown);
        return grown;
    }

    /** Progress, with the minutes so far; the table alone is on standard output. */
    private void say(String format, Object... values) {
        Duration passed = Duration.between(begun, Instant.now());
        System.err.printf(Locale.ROOT, "%02d:%02d ", passed.toMinutes(), passed.toSecondsPart());
        System.err.printf(Locale.ROOT, format + "%n", values);
    }
}
