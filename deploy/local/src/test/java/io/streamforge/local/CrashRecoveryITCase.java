package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.Setting;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends the job, and whenever: nothing is lost, and nothing is twice in Parquet. */
class CrashRecoveryITCase {

    private static final int CRASHES = 3;

    @TempDir Path data;

    /**
     * The cluster goes away without a savepoint; the next start finds the newest checkpoint. There
     * are no offsets that could take its place: they mostly agree with it, and would hide its loss.
     */
    @Test
    void resumesFromTheNewestCheckpointAfterEveryCrash() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        int events = 15_000;
        try (Pipeline pipeline = Pipeline.create("crash", data)) {
            pipeline.with(Setting.CHECKPOINT_INTERVAL, "200ms");
            pipeline.start(2);
            for (int crash = 1; crash <= CRASHES; crash++) {
                // Events of its own for each: the earlier ones may all be stored by now.
                GeneratorOptions options =
                        new GeneratorOptions(events / CRASHES, 2_500, 3, 10, seed + crash);
                long rows = pipeline.rows();
                try (EventGenerator generator = pipeline.generator(options)) {
                    generator.start();
                    pipeline.awaitRows(rows + random.nextInt(200, 2_000));
                    LockSupport.parkNanos(random.nextLong(Duration.ofMillis(200).toNanos()));
                    pipeline.crash();
                    pipeline.forgetOffsets();
                    // Another parallelism, as state is handed out anew then.
                    pipeline.start(1 + crash % 3);
                    generator.await();
                }
            }

            assertThat(pipeline.finish().consumed()).as("seed %d", seed).isEqualTo(events);
        }
    }

    /** Flink's own restarts, when the database is away for longer than the retry budget. */
    @Test
    void restartsByItselfWhileTheDatabaseIsAway() throws Exception {
        Configuration soon = new Configuration();
        soon.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        soon.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
        soon.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(300));
        GeneratorOptions options = new GeneratorOptions(-1, 3_000, 3, 10, 1); // until it is stopped
        try (Pipeline pipeline = Pipeline.create("restart", data);
                EventGenerator generator = pipeline.generator(options)) {
            pipeline.with(Setting.CHECKPOINT_INTERVAL, "200ms");
            pipeline.with(Setting.POSTGRES_RETRY_BUDGET, "100ms");
            generator.start();
            pipeline.start(2, soon);
            for (int outage = 0; outage < 2; outage++) {
                pipeline.awaitRows(pipeline.rows() + 500);
                allowConnections(pipeline, false);
                Eventually.holds(
                        "a restart",
                        Pipeline.PATIENCE,
                        () -> pipeline.status() == JobStatus.RESTARTING);
                allowConnections(pipeline, true);
            }
            generator.stop();
            assertThat(generator.failure()).isEmpty();

            assertThat(pipeline.finish().consumed()).isEqualTo(generator.sent());
        }
    }

    /** Takes the database away from everybody, or gives it back. */
    private static void allowConnections(Pipeline pipeline, boolean allowed) throws SQLException {
        String database = pipeline.database();
        try (Connection admin = LocalStack.postgres().adminConnection("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute("ALTER DATABASE " + database + " ALLOW_CONNECTIONS " + allowed);
            if (!allowed) {
                statement.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                                + database
                                + "'");
            }
        }
    }
}
