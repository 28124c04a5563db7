package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.streamforge.doctor.Doctor;
import io.streamforge.doctor.Finding;
import io.streamforge.doctor.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} finds what will bite, each with what to do, and nothing in what is well. */
class DoctorITCase {

    /** The tests' Postgres does not wait for the disk. */
    private static final String FSYNC = "fsync is off";

    @TempDir Path data;

    @Test
    void findsNothingAfterAGoodRun() throws Exception {
        try (Pipeline pipeline = Pipeline.create("doctor", data)) {
            pipeline.generate(new GeneratorOptions(200, 0, 3, 5, 31));
            pipeline.start(1);
            pipeline.finish();

            ToolRun run = ToolRun.of(pipeline.environment(), "doctor", "--all", "--output=json");

            assertThat(texts(run, "warning")).allMatch(text -> isOnlyOfTheRig(text));
            assertThat(texts(run, "unreachable")).isEmpty();
            assertThat(texts(run, "ok"))
                    .anyMatch(text -> text.startsWith("1 broker at "))
                    .contains("group doctor has a lag of 0")
                    .contains("events_normalized has the columns of this release")
                    .contains("no transaction holds the input topic back");
            assertThat(run.exitCode()).isEqualTo(texts(run, "warning").isEmpty() ? 0 : 1);
        }
    }

    @Test
    void findsWhatWillBiteInTopicsTableAndFiles() throws Exception {
        try (Pipeline pipeline = Pipeline.create("sick", data)) {
            pipeline.generate(new GeneratorOptions(200, 0, 3, 5, 32));
            pipeline.start(1);
            pipeline.finish();
            set(pipeline, pipeline.config().kafka().dlqTopic(), "max.message.bytes", "1000");
            set(pipeline, pipeline.config().kafka().parkingTopic(), "retention.ms", "3600000");
            set(pipeline, pipeline.input(), "retention.ms", "3600000");
            sql(
                    pipeline,
                    "ALTER TABLE events_normalized ADD CONSTRAINT not_today CHECK (path <> '/x')");
            sql(pipeline, "ALTER TABLE events_normalized ADD tenant text NOT NULL DEFAULT ''");
            sql(pipeline, "ALTER TABLE events_normalized ALTER tenant DROP DEFAULT");
            sql(pipeline, "CREATE ROLE reader LOGIN PASSWORD 'reader'");
            sql(pipeline, "GRANT SELECT ON events_normalized TO reader");
            Path orphan =
                    Files.createFile(
                            Files.createDirectories(data.resolve("sick/parquet/dt=2024-01-15"))
                                    .resolve(".part-0.parquet.inprogress.abc"));
            Files.setLastModifiedTime(
                    orphan, FileTime.from(Instant.now().minus(Duration.ofHours(3))));
            pipeline.send(
                    new ProducerRecord<>(
                            pipeline.input(),
                            1,
                            System.currentTimeMillis() + Duration.ofMinutes(30).toMillis(),
                            null,
                            "{}".getBytes(UTF_8)));
            pipeline.flush();

            ToolRun run =
                    ToolRun.of(
                            pipeline.environment(),
                            "doctor",
                            "--POSTGRES_USER=reader",
                            "--POSTGRES_PASSWORD_FILE="
                                    + Files.writeString(data.resolve("reader"), "reader"));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out())
                    .contains("topic sick.dlq: max.message.bytes is 1000: large dead letters are")
                    .contains("→ set max.message.bytes=")
                    .contains("topic sick.parking: retention.ms is 60 minutes: dead letters are")
                    .contains("topic sick.input: retention.ms is 60 minutes: an outage as long")
                    .contains("not_today CHECK ((path <> '/x'::text))")
                    .contains("tenant is required, and the job does not know it")
                    .contains("reader may not INSERT, UPDATE it")
                    .contains("→ GRANT INSERT, UPDATE ON events_normalized TO reader")
                    .contains("1 files that no checkpoint will commit")
                    .contains(orphan.getFileName().toString())
                    .contains("minutes ahead of this machine's clock");
        }
    }

    @Test
    void findsByTheirAgeAnOpenTransactionAnOldCheckpointAndAClockThatIsWrong() throws Exception {
        try (Pipeline pipeline = Pipeline.create("aged", data)) {
            pipeline.generate(new GeneratorOptions(100, 0, 0, 0, 33));
            pipeline.start(1);
            pipeline.finish();
            set(pipeline, pipeline.input(), "retention.ms", "3600000");
            try (KafkaProducer<byte[], byte[]> producer =
                    pipeline.producer(Map.of("transactional.id", "aged"))) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(pipeline.input(), 2, null, new byte[1])).get();
                List<Finding> findings = new ArrayList<>();

                Doctor.examine(
                        pipeline.config(),
                        Clock.offset(Clock.systemUTC(), Duration.ofHours(2)),
                        findings::add);

                assertThat(warnings(findings))
                        .anyMatch(text -> text.startsWith("partition 2: the transaction of"))
                        .anyMatch(text -> text.contains("the newest checkpoint is 2 hours old"))
                        .anyMatch(text -> text.startsWith("Postgres's clock is"));
                producer.abortTransaction();
            }
        }
    }

    @Test
    void saysWhatIsMissingAndWhatDoesNotAnswer() throws Exception {
        try (Pipeline pipeline = Pipeline.create("absent", data)) {
            sql(pipeline, "DROP TABLE events_normalized");
            ToolRun missing =
                    ToolRun.of(
                            pipeline.environment(),
                            "doctor",
                            "--KAFKA_DLQ_TOPIC=nowhere",
                            "--output=json");
            assertThat(missing.exitCode()).isEqualTo(1);
            assertThat(texts(missing, "warning"))
                    .contains("topic nowhere is missing: the job waits for it")
                    .anyMatch(text -> text.startsWith("the table events_normalized is missing"));

            ToolRun down =
                    ToolRun.of(
                            pipeline.environment(),
                            "doctor",
                            "--POSTGRES_URL=jdbc:postgresql://127.0.0.1:1/db");
            assertThat(down.exitCode()).isEqualTo(3);
            assertThat(down.out()).contains("unreachable postgres", "→ check POSTGRES_URL");
        }
    }

    private static boolean isOnlyOfTheRig(String text) {
        return text.startsWith(FSYNC) || text.startsWith("synchronous_commit is off");
    }

    private static List<String> texts(ToolRun run, String level) throws IOException {
        return run.json().stream()
                .filter(finding -> finding.get("level").asText().equals(level))
                .map(finding -> finding.get("what"))
                .map(JsonNode::asText)
                .toList();
    }

    private static List<String> warnings(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.level() == Level.WARNING)
                .map(Finding::what)
                .toList();
    }

    private static void set(Pipeline pipeline, String topic, String name, String value)
            throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> change =
                Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(
                                new AlterConfigOp(
                                        new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        try (Admin admin = pipeline.admin()) {
            admin.incrementalAlterConfigs(change).all().get();
        }
    }

    private static void sql(Pipeline pipeline, String statement) throws SQLException {
        try (Connection connection = LocalStack.postgres().adminConnection(pipeline.database());
                Statement execute = connection.createStatement()) {
            execute.execute(statement);
        }
    }
}
