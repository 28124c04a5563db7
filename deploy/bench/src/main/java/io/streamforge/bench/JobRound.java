package io.streamforge.bench;

import io.streamforge.bench.Curve.Stretch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** One round of one system: a topic from its first to its last event, and a look at the stores. */
final class JobRound {

    /** The end of a run is left out, where one subtask has nothing to do any more. */
    private static final double STEADY_UNTIL = 0.95;

    private final BenchStack stack;
    private final SystemUnderTest system;
    private final InputTopic topic;
    private final StartingTable table;
    private final int parallelism;
    private final Map<String, String> settings;

    JobRound(
            BenchStack stack,
            SystemUnderTest system,
            InputTopic topic,
            StartingTable table,
            int parallelism,
            Map<String, String> settings) {
        this.stack = stack;
        this.system = system;
        this.topic = topic;
        this.table = table;
        this.parallelism = parallelism;
        this.settings = settings;
    }

    /**
     * @param warmUp on the clock, from there on it counts
     * @throws IllegalStateException where a store does not hold what it should
     */
    Measurement run(long warmUp, Clock clock) throws Exception {
        try (JobProcess job = new JobProcess(stack, system, topic.name(), table, settings)) {
            double postgresBefore = stack.postgresCpuSeconds();
            job.start(parallelism);
            job.awaitDrained();
            double postgresCpu = stack.postgresCpuSeconds() - postgresBefore;
            long peak = Processes.peakResidentBytes(job.pid());
            job.stop();
            new StoreCheck(system, topic, table).check(job);
            Curve curve = clock.read(job, topic);
            Stretch steady = curve.between(warmUp, (long) (STEADY_UNTIL * curve.total()));
            JobMain.Samples usage = job.usage();
            // What the clock does not see, invalid messages for one, is work all the same.
            double events = steady.count() * (double) topic.events() / curve.total();
            return new Measurement(
                    steady.perSecond(),
                    usage.cpuSeconds(steady.fromMicros(), steady.toMicros()) / events * 1e6,
                    usage.allocated(steady.fromMicros(), steady.toMicros()) / events,
                    peak,
                    postgresCpu / topic.events() * 1e6,
                    bytes(job.archive()) / Math.max(1.0, topic.events() - topic.invalid()));
        }
    }

    private static long bytes(Path archive) throws IOException {
        long bytes = 0;
        for (Path file : StoreCheck.parquetFiles(archive)) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
