package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with an end: it reads up to there, commits its last files and offsets, and is over. */
class BoundedRunITCase {

    @TempDir Path data;

    @Test
    void readsWhatIsThereAndIsOver() throws Exception {
        try (Pipeline pipeline = Pipeline.create("until-latest", data)) {
            pipeline.with(Setting.KAFKA_READ_UNTIL, "latest");
            pipeline.generate(new GeneratorOptions(3_000, 0, 3, 5, 31));
            assertThat(runToItsEnd(pipeline, 2).consumed()).isEqualTo(3_000);
            assertNothingLeft(pipeline);

            pipeline.generate(new GeneratorOptions(500, 0, 3, 5, 32));
            assertThat(runToItsEnd(pipeline, 1).consumed()).isEqualTo(3_500);
            assertThat(runToItsEnd(pipeline, 2).consumed()).as("nothing new").isEqualTo(3_500);
        }
    }

    /** An open transaction holds the run open until it has been killed, however fast it is. */
    @Test
    void aRunThatWasKilledGoesOnAndTheNextOneDoesNotGoBack() throws Exception {
        try (Pipeline pipeline = Pipeline.create("until-killed", data);
                KafkaProducer<byte[], byte[]> transaction =
                        pipeline.producer(
                                Map.of(
                                        "transactional.id",
                                        "until-killed",
                                        "transaction.timeout.ms",
                                        600_000))) {
            pipeline.with(Setting.KAFKA_READ_UNTIL, "latest");
            pipeline.generate(new GeneratorOptions(20_000, 0, 1, 2, 33));
            transaction.initTransactions();
            transaction.beginTransaction();
            transaction.send(event(pipeline, 0, System.currentTimeMillis())).get();
            pipeline.start(2);
            pipeline.awaitRows(1_000);
            pipeline.awaitCheckpoint();
            pipeline.awaitCheckpoint();
            assertThat(pipeline.status()).isEqualTo(JobStatus.RUNNING);
            pipeline.crash();
            transaction.commitTransaction();
            Path older = leaveAnOlderStateBehind(pipeline);
            assertThat(runToItsEnd(pipeline, 2).consumed()).isEqualTo(20_001);
            assertThat(older).as("a state that a run could go back to").exists();

            pipeline.generate(new GeneratorOptions(100, 0, 1, 2, 34));
            assertThat(runToItsEnd(pipeline, 2).consumed()).isEqualTo(20_101);
        }
    }

    /** Each hands over to the other: what was open is finished, and nothing is read twice. */
    @Test
    void takesTurnsWithRunsWithoutEnd() throws Exception {
        try (Pipeline pipeline = Pipeline.create("until-turns", data)) {
            pipeline.generate(new GeneratorOptions(2_000, 0, 1, 2, 35));
            pipeline.start(2);
            pipeline.awaitRows(500);
            pipeline.awaitCheckpoint();
            pipeline.crash();

            pipeline.with(Setting.KAFKA_READ_UNTIL, "latest");
            assertThat(runToItsEnd(pipeline, 1).consumed()).isEqualTo(2_000);

            pipeline.generate(new GeneratorOptions(300, 0, 1, 2, 36));
            pipeline.with(Setting.KAFKA_READ_UNTIL, "");
            pipeline.start(2);
            assertThat(pipeline.finish().consumed()).isEqualTo(2_300);

            pipeline.generate(new GeneratorOptions(200, 0, 1, 2, 37));
            pipeline.with(Setting.KAFKA_READ_UNTIL, "latest");
            assertThat(runToItsEnd(pipeline, 2).consumed()).isEqualTo(2_500);
        }
    }

    @Test
    void endsAtGivenOffsetsAndTimes() throws Exception {
        try (Pipeline pipeline = Pipeline.create("until-offsets", data)) {
            for (int partition = 0; partition < Topics.DEFAULT_PARTITIONS; partition++) {
                for (int i = 0; i < 100; i++) {
                    pipeline.send(event(pipeline, partition, 1_700_000_000_000L + i));
                }
            }
            pipeline.flush();
            pipeline.with(Setting.KAFKA_READ_UNTIL, "0:10,1:0,2:100,3:55");
            end(pipeline, 2);
            assertConsumed(pipeline, 165);

            Instant until = Instant.ofEpochMilli(1_700_000_000_070L);
            pipeline.with(Setting.KAFKA_READ_UNTIL, until.toString());
            end(pipeline, 1);
            assertConsumed(pipeline, 70 + 70 + 100 + 70);

            pipeline.with(Setting.KAFKA_READ_UNTIL, "latest");
            assertThat(runToItsEnd(pipeline, 2).consumed()).isEqualTo(400);
        }
    }

    @Test
    void refusesOffsetsThatLeaveAPartitionOut() throws Exception {
        try (Pipeline pipeline = Pipeline.create("until-some", data)) {
            pipeline.with(Setting.KAFKA_READ_UNTIL, "0:10");
            assertThatThrownBy(() -> pipeline.start(1))
                    .hasMessageContaining("KAFKA_READ_UNTIL has no offset for the partitions")
                    .hasMessageContaining("[1, 2, 3] of until-some.input");
        }
    }

    private static ProducerRecord<byte[], byte[]> event(
            Pipeline pipeline, int partition, long timestamp) {
        String json =
                "{\"event_id\":\"%s\",\"event_type\":\"VIEW\",\"occurred_at\":"
                        + "\"2024-01-15T10:30:00Z\",\"user_id\":\"%s\"}";
        return new ProducerRecord<>(
                pipeline.input(),
                partition,
                timestamp,
                null,
                json.formatted(UUID.randomUUID(), UUID.randomUUID())
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static Account runToItsEnd(Pipeline pipeline, int parallelism) throws Exception {
        end(pipeline, parallelism);
        return Invariant.assertHolds(pipeline.config());
    }

    /** For a part of the topic, which the oracle does not know. */
    private static void assertConsumed(Pipeline pipeline, int events) throws Exception {
        Account account = Invariant.account(pipeline.config());
        assertThat(account.findings()).isEmpty();
        assertThat(account.balanced()).isTrue();
        assertThat(account.consumed()).isEqualTo(events);
        assertThat(pipeline.rows()).isEqualTo(events);
    }

    private static void end(Pipeline pipeline, int parallelism) throws Exception {
        pipeline.start(parallelism);
        Eventually.holds(
                "the run to end",
                Pipeline.PATIENCE,
                () -> pipeline.status().isGloballyTerminalState());
        assertThat(pipeline.status()).as(() -> failure(pipeline)).isEqualTo(JobStatus.FINISHED);
        pipeline.crash();
    }

    private static String failure(Pipeline pipeline) {
        try {
            return String.valueOf(pipeline.cluster().failure());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** As a job that is killed does: it retains several, and its successor takes only one over. */
    private static Path leaveAnOlderStateBehind(Pipeline pipeline) throws Exception {
        Path directory = Path.of(pipeline.config().checkpointDir());
        Path metadata;
        try (Stream<Path> files = Files.walk(directory)) {
            metadata = files.filter(file -> file.endsWith("_metadata")).findFirst().orElseThrow();
        }
        Path older = directory.resolve("0".repeat(32)).resolve("chk-1/_metadata");
        Files.createDirectories(older.getParent());
        Files.copy(metadata, older);
        Files.setLastModifiedTime(
                older, FileTime.from(Instant.now().minus(Duration.ofMinutes(10))));
        return older;
    }

    private static void assertNothingLeft(Pipeline pipeline) throws Exception {
        try (Stream<Path> files = Files.walk(Path.of(pipeline.config().parquet().root()))) {
            List<Path> open =
                    files.filter(file -> file.getFileName().toString().startsWith(".")).toList();
            assertThat(open).as("files that are not committed").isEmpty();
        }
    }
}
