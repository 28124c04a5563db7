package io.streamforge.bench;

import io.streamforge.bench.BenchEvents.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How many events a second: the limits and all systems, one after the other, on the same machine,
 * the same Kafka and Postgres and the same events; several rounds in turn, so that what disturbs
 * the machine for a while disturbs no system alone.
 */
@Command(
        name = "throughput",
        description = "Events a second of all systems and limits, side by side.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ThroughputCommand implements Callable<Integer> {

    @Mixin private RunOptions run;

    @Option(names = "--events", paramLabel = "N", description = "Events that count, a round.")
    private long events = 3_000_000;

    @Option(names = "--warm-up", paramLabel = "N", description = "Events before them.")
    private long warmUp = 2_000_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each system.")
    private int rounds = 3;

    @Option(
            names = "--systems",
            paramLabel = "S",
            split = ",",
            description = "Only these: ${COMPLETION-CANDIDATES}.")
    private Set<SystemUnderTest> systems = EnumSet.allOf(SystemUnderTest.class);

    @Option(names = "--no-limits", description = "Leave out COPY, upsert and poll.")
    private boolean noLimits;

    @Override
    public Integer call() throws Exception {
        try (BenchStack stack = BenchStack.start(run.data)) {
            say("filling the topic with " + (warmUp + events) + " events");
            InputTopic topic =
                    InputTopic.fill(
                            stack.brokers(), "input", run.partitions, Shape.USUAL, warmUp + events);
            ThroughputReport report =
                    new ThroughputReport(
                            Machine.describe(),
                            stack.postgresSettings(),
                            new ThroughputReport.Load(
                                    events, warmUp, rounds, run.partitions, run.parallelism));
            List<SystemUnderTest> order = new ArrayList<>(systems);
            for (int round = 1; round <= rounds; round++) {
                report.load(Machine.load());
                if (!noLimits) {
                    limits(stack, topic, report);
                }
                for (SystemUnderTest system : order) {
                    Measurement result =
                            new JobRound(
                                            stack,
                                            system,
                                            topic,
                                            StartingTable.EMPTY,
                                            run.parallelism,
                                            run.settings)
                                    .run(warmUp, Commits::of);
                    report.add(system, result);
                    say("round " + round + ": " + system.title() + ": " + result);
                }
                Collections.rotate(order, 1);
            }
            System.out.println(report.table());
            report.write(run.output);
            say("written to " + run.output);
        }
        return 0;
    }

    private void limits(BenchStack stack, InputTopic topic, ThroughputReport report)
            throws Exception {
        Limits limits = new Limits(stack, topic, StartingTable.EMPTY);
        report.copy(limits.copy(warmUp));
        report.upsert(limits.upsert(Limits.UPSERT_ROWS, warmUp));
        report.poll(limits.poll());
        say("limits: " + report.limits());
    }

    /** Progress; the table alone is on standard output. */
    private static void say(String line) {
        System.err.println(line);
    }
}
