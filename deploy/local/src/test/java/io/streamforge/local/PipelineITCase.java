package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline in good times: everything arrives, where it should, when it should. */
class PipelineITCase {

    private static final Path GOLDEN =
            Path.of("..", "..", "job", "src", "test", "resources", "golden", "input.ndjson");

    @TempDir Path data;

    @Test
    void accountsForEveryMessageOfEveryKind() throws Exception {
        try (Pipeline pipeline = Pipeline.create("every-kind", data)) {
            pipeline.generate(new GeneratorOptions(20_000, 0, 3, 5, 1));
            List<String> golden = golden();
            for (String line : golden) {
                pipeline.send(null, null, line.getBytes(UTF_8));
            }
            sendOddOnes(pipeline);
            pipeline.flush();
            pipeline.start(2);

            Account account = pipeline.finish();

            assertThat(account.consumed()).isEqualTo(20_000 + golden.size() + 7);
            assertThat(OracleTopic.read(pipeline.kafka(), "every-kind.parking"))
                    .singleElement()
                    .satisfies(parked -> assertThat(ours(parked)).containsEntry("attempt", "5"));
        }
    }

    /** Seven messages that no generator makes, all but one invalid. */
    private static void sendOddOnes(Pipeline pipeline) {
        byte[] invalid = "{\"event_id\":1}".getBytes(UTF_8);
        pipeline.send(0, "key".getBytes(UTF_8), null);
        pipeline.send(1, null, null);
        pipeline.send(2, new byte[0], invalid);
        // Once more through the last attempt, as a replay would send it.
        pipeline.send(
                message(
                        pipeline,
                        invalid,
                        header("streamforge.attempt", "4"),
                        header("streamforge.reason", "MADE_UP"),
                        header("streamforge.source.offset", "999999")));
        pipeline.send(
                message(
                        pipeline,
                        invalid,
                        header("trace", "one"),
                        header("trace", "two"),
                        header("", ""),
                        new RecordHeader("nothing", (byte[]) null),
                        new RecordHeader("bytes", new byte[] {0, (byte) 0xFF, (byte) 0x80}),
                        header("streamforge.custom", "not of the job's making")));
        pipeline.send(
                message(pipeline, event(UUID.randomUUID()), header("trace", "of a valid one")));
        // So near the topic's limit that the dead letter's headers push it over.
        pipeline.send(3, null, "x".repeat(Pipeline.MAX_EVENT_BYTES + 65_200).getBytes(UTF_8));
    }

    @Test
    void rowsAndDeadLettersAppearAtOnceAndFilesWithTheCheckpoint() throws Exception {
        try (Pipeline pipeline = Pipeline.create("at-once", data)) {
            pipeline.with(Setting.CHECKPOINT_INTERVAL, "1h").start(1);
            // The first one waits for the job to start.
            millisUntilStored(pipeline);
            List<Long> millis = new ArrayList<>();
            for (int i = 0; i < 21; i++) {
                millis.add(millisUntilStored(pipeline));
            }
            assertThat(millis.stream().sorted().toList().get(10))
                    .as("median, ms")
                    .isLessThan(1_000);

            byte[] invalid = "{\"event_id\":\"x\",\"amount_cents\":1.5}".getBytes(UTF_8);
            pipeline.send(message(pipeline, invalid, header("trace", "one")));
            pipeline.flush();
            List<ConsumerRecord<byte[], byte[]>> deadLetters = new ArrayList<>();
            Eventually.holds(
                    "the dead letter",
                    Pipeline.PATIENCE,
                    () -> deadLetters.addAll(OracleTopic.read(pipeline.kafka(), "at-once.dlq")));
            ConsumerRecord<byte[], byte[]> deadLetter = deadLetters.get(0);
            assertThat(deadLetter.value()).isEqualTo(invalid);
            assertThat(deadLetter.headers().lastHeader("trace").value())
                    .isEqualTo("one".getBytes(UTF_8));
            assertThat(ours(deadLetter))
                    .containsOnlyKeys(
                            "reason",
                            "stage",
                            "field",
                            "detail",
                            "source.topic",
                            "source.partition",
                            "source.offset",
                            "source.timestamp",
                            "failed.at",
                            "attempt",
                            "version")
                    .containsEntry("reason", "INVALID_UUID")
                    .containsEntry("stage", "validate")
                    .containsEntry("field", "event_id")
                    .containsEntry("source.topic", "at-once.input")
                    .containsEntry("source.partition", "0")
                    .containsEntry("attempt", "1");
            assertThat(ours(deadLetter).get("detail")).contains("MISSING_FIELD", "WRONG_TYPE");

            assertThat(pipeline.parquetFiles()).isEmpty();
            pipeline.awaitCheckpoint();
            Eventually.holds(
                    "visible Parquet files",
                    Pipeline.PATIENCE,
                    () -> !pipeline.parquetFiles().isEmpty());

            // Before the poll ends that waits for more: the connector's takes ten seconds.
            try (InputDrain drain = new InputDrain(pipeline.config().kafka())) {
                Eventually.holds("the commit", Duration.ofSeconds(8), drain::isEmpty);
            }

            assertThat(pipeline.finish().line())
                    .startsWith("consumed=23 stored=22 superseded=0 dead_lettered=1 ");
        }
    }

    private static long millisUntilStored(Pipeline pipeline) throws Exception {
        UUID id = UUID.randomUUID();
        long start = System.nanoTime();
        pipeline.send(0, null, event(id));
        pipeline.flush();
        try (Connection connection = pipeline.connect();
                PreparedStatement query =
                        connection.prepareStatement(
                                "SELECT FROM events_normalized WHERE event_id = ?")) {
            query.setObject(1, id);
            Eventually.holds("the row", Pipeline.PATIENCE, () -> exists(query));
        }
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    private static boolean exists(PreparedStatement query) throws SQLException {
        try (ResultSet rows = query.executeQuery()) {
            return rows.next();
        }
    }

    private static byte[] event(UUID id) {
        return ("{\"event_id\":\""
                        + id
                        + "\",\"event_type\":\"VIEW\",\"occurred_at\":\"2026-02-03T04:05:06Z\","
                        + "\"user_id\":\"0d6b1a90-3c1f-4a52-9c56-1d8f0a7b2c3d\"}")
                .getBytes(UTF_8);
    }

    private static ProducerRecord<byte[], byte[]> message(
            Pipeline pipeline, byte[] value, Header... headers) {
        return new ProducerRecord<>(
                pipeline.input(), 0, "key".getBytes(UTF_8), value, List.of(headers));
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(UTF_8));
    }

    /** The headers that the job adds, without their prefix. */
    private static Map<String, String> ours(ConsumerRecord<byte[], byte[]> message) {
        String prefix = "streamforge.";
        Map<String, String> ours = new TreeMap<>();
        for (Header header : message.headers()) {
            if (header.key().startsWith(prefix)) {
                String name = header.key().substring(prefix.length());
                assertThat(ours.put(name, new String(header.value(), UTF_8))).as(name).isNull();
            }
        }
        return ours;
    }

    /** Split at line feeds only, so that an empty line is a message of zero bytes. */
    private static List<String> golden() throws IOException {
        return List.of(Files.readString(GOLDEN).strip().split("\n", -1));
    }
}
