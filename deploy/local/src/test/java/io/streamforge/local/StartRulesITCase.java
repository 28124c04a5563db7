package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamforge.UnreachableException;
import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that could go wrong doesn't begin, and says why; exit codes tell scripts. */
class StartRulesITCase {

    @TempDir Path data;

    // ---- state

    @Test
    void refusesToGoOnFromOffsetsAloneUnlessAllowed() throws Exception {
        try (Pipeline pipeline = Pipeline.create("stateless", data)) {
            pipeline.generate(new GeneratorOptions(200, 0, 3, 5, 1));
            pipeline.start(1);
            pipeline.finish();
            pipeline.generate(new GeneratorOptions(100, 0, 3, 5, 2));
            pipeline.with(Setting.CHECKPOINT_DIR, data.resolve("elsewhere").toString());

            assertThatThrownBy(() -> pipeline.start(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith(
                            "the group stateless has committed offsets and there are Parquet files"
                                    + " (file:")
                    .hasMessageEndingWith(
                            "), but no checkpoint or savepoint was found: going on from the"
                                    + " offsets alone could write rows twice or leave some out."
                                    + " Point CHECKPOINT_DIR to the checkpoints, or set"
                                    + " ALLOW_START_WITHOUT_STATE=true.");

            // It was stopped in good order, so here the offsets alone are right.
            pipeline.with(Setting.ALLOW_START_WITHOUT_STATE, "true").start(1);
            assertThat(pipeline.finish().consumed()).isEqualTo(300);
        }
    }

    @Test
    void refusesAGapBehindTheCommittedOffsetsUnlessAccepted() throws Exception {
        try (Pipeline pipeline = Pipeline.create("gap", data)) {
            sendEvents(pipeline, 0, 10);
            pipeline.start(1);
            pipeline.finish();
            sendEvents(pipeline, 10, 50);
            TopicPartition partition = new TopicPartition(pipeline.input(), 0);
            try (Admin admin = pipeline.admin()) {
                admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(30)))
                        .all()
                        .get();
            }

            pipeline.start(1);
            Eventually.holds(
                    "the job to fail",
                    Pipeline.PATIENCE,
                    () -> pipeline.status() == JobStatus.FAILED);
            assertThat(pipeline.cluster().failure().orElseThrow())
                    .hasStackTraceContaining(
                            "messages of the input topic are gone: gap.input-0 offsets 10 to 29 are"
                                    + " deleted. Set ACCEPT_OFFSET_GAP=true to go on without them");
            pipeline.crash();
            assertThat(pipeline.rows()).isEqualTo(10);

            pipeline.with(Setting.ACCEPT_OFFSET_GAP, "true").start(1);
            pipeline.awaitDrained();
            pipeline.stop();
            // Neither the ten from before nor the lost ones are in the topic any more.
            assertThat(pipeline.rows()).isEqualTo(30);
            Account account = Invariant.account(pipeline.config());
            assertThat(account.findings()).isEmpty();
            assertThat(account.line())
                    .startsWith(
                            "consumed=20 stored=20 superseded=0 dead_lettered=0 parquet_rows=20 ");
        }
    }

    private static void sendEvents(Pipeline pipeline, int from, int to) {
        for (int i = from; i < to; i++) {
            String event =
                    "{\"event_id\":\"00000000-0000-4000-8000-0000000000%02d\",\"event_type\":"
                            + "\"VIEW\",\"occurred_at\":\"2026-02-03T04:05:06Z\",\"user_id\":"
                            + "\"0d6b1a90-3c1f-4a52-9c56-1d8f0a7b2c3d\"}";
            pipeline.send(0, null, event.formatted(i).getBytes(UTF_8));
        }
        pipeline.flush();
    }

    // ---- services

    @Test
    void givesUpOnKafkaAfterTheStartTimeout() throws Exception {
        String nobody = "127.0.0.1:" + LoopbackPort.free();
        try (Pipeline pipeline = Pipeline.create("no-kafka", data)) {
            pipeline.with(Setting.KAFKA_BROKERS, nobody).with(Setting.START_TIMEOUT, "2s");

            assertGivesUp(pipeline, "Kafka at " + nobody);
        }
    }

    @Test
    void givesUpOnPostgresAfterTheStartTimeout() throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + LoopbackPort.free() + "/streamforge";
        try (Pipeline pipeline = Pipeline.create("no-postgres", data)) {
            pipeline.with(Setting.POSTGRES_URL, url).with(Setting.START_TIMEOUT, "2s");

            assertGivesUp(pipeline, "Postgres at " + url);
        }
    }

    private static void assertGivesUp(Pipeline pipeline, String what) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> pipeline.start(1))
                .isInstanceOf(UnreachableException.class)
                .hasMessageStartingWith(what + " is not ready, gave up (START_TIMEOUT): ");
        // The last attempt may have begun just before.
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(20));
    }

    // ---- exit codes

    @Test
    void badConfigurationListsEveryProblem() throws Exception {
        LauncherProcess launcher =
                LauncherProcess.run(
                        data,
                        Map.of(
                                "BATCH_SIZE", "many",
                                "CHECKPOINT_INTERVAL", "often",
                                "KAFKA_DLQ_TOPIC", "events.input.v1"),
                        "--data-dir=" + data.resolve("data"));

        assertThat(launcher.exitCode()).isEqualTo(2);
        assertThat(launcher.err())
                .contains("BATCH_SIZE", "many", "CHECKPOINT_INTERVAL", "often", "KAFKA_DLQ_TOPIC")
                .doesNotContain("\tat ", "Exception");
        assertThat(launcher.out()).isEmpty();
    }

    @Test
    void badUsageNamesTheOption() throws Exception {
        LauncherProcess launcher = LauncherProcess.run(data, Map.of(), "--events", "0");

        assertThat(launcher.exitCode()).isEqualTo(2);
        assertThat(launcher.err())
                .startsWith("--events must be at least 1")
                .doesNotContain("\tat ");
    }

    @Test
    void aTakenPortNamesItsOption() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            List<String> ports = List.of("--kafka-port", "--postgres-port", "--ui-port");
            for (String option : ports) {
                Path directory = data.resolve(option.substring(2));
                List<String> options = new ArrayList<>(List.of("--rate=0"));
                options.add("--data-dir=" + directory);
                options.add("--http-port=" + LoopbackPort.free());
                for (String port : ports) {
                    int number = port.equals(option) ? taken.getLocalPort() : LoopbackPort.free();
                    options.add(port + "=" + number);
                }
                LauncherProcess launcher =
                        LauncherProcess.run(data, Map.of(), options.toArray(String[]::new));

                assertThat(launcher.exitCode()).as(launcher.err()).isEqualTo(2);
                assertThat(launcher.err())
                        .contains("127.0.0.1:" + taken.getLocalPort() + ": the port is taken")
                        .contains("choose another with " + option)
                        .doesNotContain("\tat ");
                assertThat(directory.resolve("run/kafka.pid")).doesNotExist();
                assertThat(directory.resolve("run/postgres.pid")).doesNotExist();
            }
        }
    }

    @Test
    void unreachableKafkaIsExitCodeThree() throws Exception {
        String nobody = "127.0.0.1:" + LoopbackPort.free();
        LauncherProcess launcher =
                LauncherProcess.run(
                        data,
                        Map.of(
                                "KAFKA_BROKERS",
                                nobody,
                                "POSTGRES_URL",
                                LocalStack.postgres().jdbcUrl(),
                                "POSTGRES_USER",
                                PostgresProcess.NAME,
                                "START_TIMEOUT",
                                "3s"),
                        "--data-dir=" + data.resolve("data"),
                        "--http-port=" + LoopbackPort.free(),
                        "--ui-port=" + LoopbackPort.free());

        assertThat(launcher.exitCode()).as(launcher.err()).isEqualTo(3);
        assertThat(launcher.err())
                .contains("Kafka at " + nobody + " is not ready, gave up (START_TIMEOUT): ")
                .doesNotContain("\tat ");
    }
}
