package io.streamforge.bench;

import io.streamforge.bench.Commits.Stretch;
import io.streamforge.sink.PostgresConnections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;

/** One round of one system: a topic from its first to its last event, and a look at the stores. */
final class JobRound {

    /** The end of a run is left out, where one subtask has nothing to do any more. */
    private static final double STEADY_UNTIL = 0.95;

    private final BenchStack stack;
    private final SystemUnderTest system;
    private final InputTopic topic;
    private final int parallelism;
    private final Map<String, String> settings;

    JobRound(
            BenchStack stack,
            SystemUnderTest system,
            InputTopic topic,
            int parallelism,
            Map<String, String> settings) {
        this.stack = stack;
        this.system = system;
        this.topic = topic;
        this.parallelism = parallelism;
        this.settings = settings;
    }

    /**
     * @param warmUpRows rows in the table from which on it counts
     * @throws IllegalStateException where a store does not hold what it should
     */
    Measurement run(long warmUpRows) throws Exception {
        try (JobProcess job = new JobProcess(stack, system, topic.name(), settings)) {
            double postgresBefore = stack.postgresCpuSeconds();
            job.start(parallelism);
            job.awaitDrained();
            double postgresCpu = stack.postgresCpuSeconds() - postgresBefore;
            long peak = Processes.peakResidentBytes(job.pid());
            job.stop();
            new StoreCheck(system, topic).check(job);
            Commits commits;
            try (Connection database = PostgresConnections.open(job.config().postgres())) {
                commits = Commits.of(database);
            }
            Stretch steady = commits.between(warmUpRows, (long) (STEADY_UNTIL * commits.total()));
            JobMain.Samples usage = job.usage();
            // Copies and invalid messages leave no row, and are work all the same.
            double events = steady.rows() * (double) topic.events() / commits.total();
            return new Measurement(
                    steady.perSecond(),
                    usage.cpuSeconds(steady.fromMicros(), steady.toMicros()) / events * 1e6,
                    usage.allocated(steady.fromMicros(), steady.toMicros()) / events,
                    peak,
                    postgresCpu / topic.events() * 1e6,
                    bytes(job.archive()) / (double) (topic.events() - topic.invalid()));
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
