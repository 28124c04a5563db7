package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamforge.CollectingSink;
import io.streamforge.config.PostgresConfig;
import io.streamforge.config.Secret;
import io.streamforge.event.DeadLetter;
import io.streamforge.event.Event;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.CommonTestUtils;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The sink in a running job on a real Postgres: when rows arrive, and what failures do. */
@Timeout(120)
class PostgresUpsertSinkITCase {

    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofMillis(20);
    private static final int SLOTS = 2;

    @RegisterExtension
    private static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(SLOTS)
                            .build());

    private static EmbeddedPostgres postgres;

    private final FakeSource source = new FakeSource();
    private final CollectingSink<DeadLetter> deadLetters = new CollectingSink<>();
    private Connection connection;
    private JobClient job;

    @BeforeAll
    static void startPostgres() throws IOException {
        postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start();
    }

    @AfterAll
    static void stopPostgres() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void createTable() throws SQLException, IOException {
        connection = postgres.getPostgresDatabase().getConnection();
        sql("DROP TABLE IF EXISTS events_normalized");
        sql(Files.readString(Path.of("../sql/V1__create_events_normalized.sql")));
    }

    @AfterEach
    void stopJob() throws Exception {
        if (job != null && !job.getJobStatus().get().isGloballyTerminalState()) {
            job.cancel().get();
        }
        connection.close();
    }

    @Test
    void aFullBatchIsWrittenAtOnce() throws Exception {
        start(config(10, NEVER, 1_000));

        source.send(events(0, 25));

        CommonTestUtils.waitUntilCondition(() -> offsets().size() >= 20);
        assertThat(offsets()).containsExactlyElementsOf(range(0, 20));
    }

    @Test
    void aSingleEventIsThereWithinASecond() throws Exception {
        start(config(1_000, SOON, 1_000));
        Duration fastest = NEVER;
        for (int i = 0; i < 10; i++) {
            int offset = i;
            long sentAt = System.nanoTime();

            source.send(events(offset, 1));

            CommonTestUtils.waitUntilCondition(() -> offsets().size() == offset + 1, 10L);
            Duration took = Duration.ofNanos(System.nanoTime() - sentAt);
            fastest = took.compareTo(fastest) < 0 ? took : fastest;
        }
        assertThat(fastest).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void allIsThereWhenACheckpointIsComplete(@InjectMiniCluster MiniCluster flink)
            throws Exception {
        start(config(10, NEVER, 1_000));
        source.send(events(0, 25));
        CommonTestUtils.waitUntilCondition(() -> offsets().size() == 20);

        checkpoint(flink);

        assertThat(offsets()).containsExactlyElementsOf(range(0, 25));
        assertThat(deadLetters.flushed()).isEmpty();
    }

    @Test
    void aRefusedRowIsADeadLetterWhenTheCheckpointIsComplete(@InjectMiniCluster MiniCluster flink)
            throws Exception {
        sql("ALTER TABLE events_normalized ADD CONSTRAINT no_7 CHECK (src_offset <> 7)");
        start(config(10, SOON, 1_000));
        List<Event> events = events(0, 20);
        source.send(events);
        CommonTestUtils.waitUntilCondition(() -> offsets().size() == 19);
        assertThat(deadLetters.flushed()).as("before the checkpoint").isEmpty();

        checkpoint(flink);

        assertThat(deadLetters.flushed())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.raw().value()).isEqualTo(events.get(7).raw().value());
                            assertThat(letter.raw().offset()).isEqualTo(7);
                            assertThat(letter.sqlState()).isEqualTo("23514");
                            assertThat(letter.constraint()).isEqualTo("no_7");
                        });
        assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
    }

    @Test
    void theBreakerEndsTheJobForGoodAndDeadLettersNothing() throws Exception {
        sql("ALTER TABLE events_normalized ADD CONSTRAINT nothing CHECK (false)");
        start(config(10, SOON, 100));

        source.send(events(0, 100));

        assertThatThrownBy(() -> job.getJobExecutionResult().get())
                .isInstanceOf(ExecutionException.class)
                .hasStackTraceContaining("Postgres refused 100 of the last 100 rows")
                .hasStackTraceContaining("SQLSTATE 23514");
        assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.FAILED);
        assertThat(deadLetters.flushed()).isEmpty();
        assertThat(offsets()).isEmpty();
    }

    @Test
    void aFailureFailsAnIdleJobPromptly() throws Exception {
        PostgresConfig config = config(1_000, SOON, 1_000);
        start(config, noRestart());
        source.send(events(0, 1));
        CommonTestUtils.waitUntilCondition(() -> offsets().size() == 1);
        sql("ALTER TABLE events_normalized RENAME TO gone");
        try {
            long sentAt = System.nanoTime();
            source.send(events(1, 1));

            assertThatThrownBy(() -> job.getJobExecutionResult().get())
                    .hasStackTraceContaining("Postgres did not take a batch of 1 events")
                    .hasStackTraceContaining("relation \"events_normalized\" does not exist");
            assertThat(Duration.ofNanos(System.nanoTime() - sentAt))
                    .isBetween(config.retryBudget(), Duration.ofSeconds(20));
        } finally {
            sql("ALTER TABLE gone RENAME TO events_normalized");
        }
        assertThat(offsets()).containsExactly(0L);
        assertThat(deadLetters.flushed()).isEmpty();
    }

    @Test
    void outlivesAnOutageShorterThanItsBudget() throws Exception {
        start(config(1_000, SOON, 1_000, Duration.ofMinutes(1)), noRestart());
        source.send(events(0, 1));
        CommonTestUtils.waitUntilCondition(() -> offsets().size() == 1);
        long failedBefore = failedStatements();
        sql("ALTER TABLE events_normalized RENAME TO gone");
        source.send(events(1, 5_000));
        CommonTestUtils.waitUntilCondition(() -> failedStatements() > failedBefore + 1);

        sql("ALTER TABLE gone RENAME TO events_normalized");

        CommonTestUtils.waitUntilCondition(() -> offsets().size() == 5_001);
        assertThat(deadLetters.flushed()).isEmpty();
    }

    /** Both subtasks write the same keys all the time. */
    @Test
    void subtasksWithCommonKeysNeitherBlockEachOtherNorLoseTheWinner() throws Exception {
        int keys = 50;
        int messages = 5_000;
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(SLOTS);
        env.configure(noRestart());
        env.fromSource(
                        new DataGeneratorSource<>(
                                offset -> withKey(offset % keys, offset),
                                messages,
                                TypeInformation.of(Event.class)),
                        WatermarkStrategy.noWatermarks(),
                        "events")
                .sinkTo(PostgresUpsertSink.create(config(100, SOON, 1_000), deadLetters));

        env.execute();

        assertThat(offsets()).containsExactlyElementsOf(range(messages - keys, keys));
    }

    private void start(PostgresConfig config) throws Exception {
        Configuration restart = new Configuration();
        restart.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        restart.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1_000);
        restart.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        start(config, restart);
    }

    private static Configuration noRestart() {
        Configuration none = new Configuration();
        none.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        return none;
    }

    /** Checkpoints come only when a test asks for one. */
    private void start(PostgresConfig config, Configuration restart) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.enableCheckpointing(NEVER.toMillis());
        env.configure(restart);
        env.fromSource(
                        source,
                        WatermarkStrategy.noWatermarks(),
                        "events",
                        TypeInformation.of(Event.class))
                .sinkTo(PostgresUpsertSink.create(config, deadLetters));
        job = env.executeAsync();
    }

    private void checkpoint(MiniCluster flink) throws Exception {
        flink.triggerCheckpoint(job.getJobID()).get();
    }

    private static PostgresConfig config(int batchSize, Duration batchInterval, int window) {
        return config(batchSize, batchInterval, window, Duration.ofSeconds(1));
    }

    private static PostgresConfig config(
            int batchSize, Duration batchInterval, int window, Duration retryBudget) {
        return new PostgresConfig(
                postgres.getJdbcUrl("postgres", "postgres"),
                "postgres",
                Secret.none(),
                batchSize,
                batchInterval,
                retryBudget,
                window,
                0.9);
    }

    private static List<Event> events(long first, int count) {
        return LongStream.range(first, first + count).mapToObj(SampleEvents::event).toList();
    }

    private static Event withKey(long key, long offset) {
        Event event = SampleEvents.event(offset);
        return new Event(
                SampleEvents.eventId(key),
                event.eventType(),
                event.occurredAtMicros(),
                event.userId(),
                event.amountCents(),
                event.path(),
                event.referrer(),
                event.processedAtMicros(),
                event.raw());
    }

    private static List<Long> range(long first, int count) {
        return LongStream.range(first, first + count).boxed().toList();
    }

    private List<Long> offsets() throws SQLException {
        return numbers("SELECT src_offset FROM events_normalized ORDER BY 1");
    }

    private long failedStatements() throws SQLException {
        return numbers("SELECT xact_rollback FROM pg_stat_database WHERE datname = 'postgres'")
                .get(0);
    }

    private List<Long> numbers(String query) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                numbers.add(result.getLong(1));
            }
        }
        return numbers;
    }

    private void sql(String statement) throws SQLException {
        try (Statement s = connection.createStatement()) {
            s.execute(statement);
        }
    }
}
