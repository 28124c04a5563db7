package io.streamforge.local.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import io.streamforge.local.EventGenerator;
import io.streamforge.local.Eventually;
import io.streamforge.local.GeneratorOptions;
import io.streamforge.local.Invariant;
import io.streamforge.local.LocalStack;
import io.streamforge.local.OracleEvent;
import io.streamforge.local.Pipeline;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * A pipeline under load that a fault strikes, once or often, and what that cost in the end. The job
 * connects with a role that may read and write the table and nothing else.
 */
final class FaultRun implements AutoCloseable {

    /** The job's role, whose password is that of the table's owner. */
    static final String ROLE = "streamforge_job";

    /** What goes wrong, from its beginning to its end, or what is done about it. */
    interface Fault {
        void strike() throws Exception;
    }

    private final String fault;
    private final Pipeline pipeline;
    private final Admin admin;
    private EventGenerator load;
    private Fault tend = this::requireNotEnded;
    private int times;
    private Duration slowest = Duration.ZERO;

    /**
     * @param fault its row in the report
     * @param name of the pipeline's topics and database
     */
    FaultRun(String fault, String name, Path data) throws Exception {
        this.fault = fault;
        this.pipeline =
                Pipeline.create(name, data)
                        .with(Setting.POSTGRES_USER, ROLE)
                        .with(Setting.CHECKPOINT_INTERVAL, "1s");
        this.admin = pipeline.admin();
        asAdmin(
                "DO $$ BEGIN CREATE ROLE %1$s LOGIN PASSWORD 'streamforge';".formatted(ROLE)
                        + " EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                "ALTER ROLE %s PASSWORD 'streamforge'".formatted(ROLE),
                "GRANT SELECT, INSERT, UPDATE ON events_normalized TO " + ROLE);
    }

    Pipeline pipeline() {
        return pipeline;
    }

    /** What is to be done again and again while the run waits for something. */
    void tendedBy(Fault supervisor) {
        tend = supervisor;
    }

    /** Starts the job and the load, and waits until it keeps up with it. */
    void start(int parallelism, int eventsPerSecond) throws Exception {
        pipeline.start(parallelism);
        load(eventsPerSecond);
        awaitProgress();
    }

    /** Waits until rows arrive and the job keeps up with the load. */
    void awaitProgress() throws Exception {
        Eventually.holds(
                "the first rows",
                Pipeline.PATIENCE,
                () -> {
                    tend.strike();
                    return pipeline.rows() > 0;
                });
        awaitCommitted(ends());
    }

    /** Sends from now on until {@link #stopLoad()}, one message in a hundred an invalid one. */
    void load(int eventsPerSecond) {
        load(eventsPerSecond, 1);
    }

    void load(int eventsPerSecond, int invalidPercent) {
        load =
                pipeline.generator(
                        new GeneratorOptions(
                                -1, eventsPerSecond, invalidPercent, 5, fault.hashCode()));
        load.start();
    }

    void stopLoad() throws InterruptedException {
        if (load != null) {
            load.stop();
            assertThat(load.failure()).isEmpty();
            load.close();
            load = null;
        }
    }

    /** Lets it strike, and waits until what is in the topic by its end is processed. */
    Duration strike(Fault once) throws Exception {
        times++;
        once.strike();
        long end = System.nanoTime();
        Map<TopicPartition, Long> backlog = ends();
        awaitCommitted(backlog);
        Duration recovery = Duration.ofNanos(System.nanoTime() - end);
        slowest = recovery.compareTo(slowest) > 0 ? recovery : slowest;
        return recovery;
    }

    /** Waits until the group's offsets are there or beyond. */
    void awaitCommitted(Map<TopicPartition, Long> offsets) throws Exception {
        Eventually.holds(
                "the backlog to be processed",
                Pipeline.PATIENCE,
                () -> {
                    tend.strike();
                    return committedUpTo(offsets);
                });
    }

    /** As {@link #finish(Predicate)}, on a database that refuses nothing. */
    Account finish() throws Exception {
        return finish(event -> false);
    }

    /**
     * Ends the load, waits until all is processed, stops the job, reports and asserts the {@link
     * Invariant}.
     */
    Account finish(Predicate<OracleEvent> databaseRefuses) throws Exception {
        stopLoad();
        pipeline.awaitDrained();
        pipeline.stop();
        return report(databaseRefuses);
    }

    /** The last step of {@link #finish}, for a job that is stopped already. */
    Account report(Predicate<OracleEvent> databaseRefuses) throws Exception {
        return report(databaseRefuses, event -> false);
    }

    Account report(Predicate<OracleEvent> databaseRefuses, Predicate<OracleEvent> refusedForAWhile)
            throws Exception {
        Invariant invariant = Invariant.of(pipeline.config(), databaseRefuses, refusedForAWhile);
        FaultReport.add(FaultReport.Row.of(fault, times, invariant, slowest));
        invariant.assertHolds();
        return invariant.account();
    }

    // ---- what is looked at meanwhile

    void requireNotEnded() throws ExecutionException, InterruptedException {
        if (pipeline.cluster() != null && pipeline.status().isGloballyTerminalState()) {
            throw new AssertionError(
                    "the job ended: " + pipeline.status(),
                    pipeline.cluster().failure().orElse(null));
        }
    }

    void assertRunning() throws ExecutionException, InterruptedException {
        assertThat(pipeline.status()).isEqualTo(JobStatus.RUNNING);
    }

    /** Asserts that no failure has restarted the job since its start. */
    void assertNeverRestarted() throws Exception {
        URI exceptions =
                pipeline.cluster()
                        .restAddress()
                        .resolve("/jobs/" + pipeline.cluster().jobId() + "/exceptions");
        String history =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(exceptions).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        assertThat(history).contains("\"entries\":[]");
    }

    /** Where each partition of the input ends now. */
    Map<TopicPartition, Long> ends() throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        admin.describeTopics(List.of(pipeline.input()))
                .allTopicNames()
                .get()
                .get(pipeline.input())
                .partitions()
                .forEach(
                        info ->
                                latest.put(
                                        new TopicPartition(pipeline.input(), info.partition()),
                                        OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(latest)
                .all()
                .get()
                .forEach((partition, info) -> ends.put(partition, info.offset()));
        return ends;
    }

    /** The group's offsets. */
    Map<TopicPartition, Long> committed() throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry :
                admin.listConsumerGroupOffsets(pipeline.config().kafka().groupId())
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .entrySet()) {
            offsets.put(entry.getKey(), entry.getValue().offset());
        }
        return offsets;
    }

    private boolean committedUpTo(Map<TopicPartition, Long> ends)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> committed = committed();
        return ends.entrySet().stream()
                .allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    // ---- the database

    /** Executes as the table's owner. */
    void asOwner(String... statements) throws SQLException {
        try (Connection connection = pipeline.connect()) {
            execute(connection, statements);
        }
    }

    /** Executes as the superuser. */
    void asAdmin(String... statements) throws SQLException {
        try (Connection connection = LocalStack.postgres().adminConnection(pipeline.database())) {
            execute(connection, statements);
        }
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Ends the job's sessions. */
    void terminateBackends() throws SQLException {
        long terminated =
                number(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
                                + " datname = current_database() AND usename = '"
                                + ROLE
                                + "'");
        assertThat(terminated).as("terminated backends").isPositive();
    }

    /** What an administrator's query gives. */
    long number(String query) throws SQLException {
        try (Connection connection = LocalStack.postgres().adminConnection(pipeline.database());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void close() {
        if (load != null) {
            load.close();
        }
        pipeline.close();
        admin.close();
    }
}
