package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.streamforge.event.DeadLetterHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code check} says is what the job then does, message by message. */
class CheckITCase {

    private static final int GENERATED = 500;
    private static final int MUTATED = 500;

    @TempDir Path data;

    @Test
    void saysWhatTheJobThenDoes() throws Exception {
        try (Pipeline pipeline = Pipeline.create("checked", data)) {
            pipeline.generate(new GeneratorOptions(GENERATED, 0, 60, 0, 11));
            mutate(pipeline);
            pipeline.flush();

            ToolRun check = ToolRun.of(pipeline.environment(), "check", "--topic", "--output=json");
            Map<String, JsonNode> verdicts = new HashMap<>();
            for (JsonNode verdict : check.json()) {
                if (verdict.has("at")) {
                    verdicts.put(verdict.get("at").asText(), verdict);
                }
            }
            assertThat(verdicts).hasSize(GENERATED + MUTATED);
            pipeline.start(2);
            pipeline.finish();

            Map<String, Map<String, String>> rows = rows(pipeline);
            Map<String, ConsumerRecord<byte[], byte[]>> deadLetters = deadLetters(pipeline);
            assertThat(rows).hasSizeGreaterThan(GENERATED / 4);
            assertThat(deadLetters).hasSizeGreaterThan(GENERATED / 2);
            assertThat(rows.size() + deadLetters.size()).isEqualTo(GENERATED + MUTATED);
            verdicts.forEach(
                    (at, verdict) -> {
                        if (verdict.get("verdict").asText().equals("accepted")) {
                            assertThat(row(verdict.get("row"))).as(at).isEqualTo(rows.get(at));
                        } else {
                            assertSame(at, verdict.get("dead_letter"), deadLetters.get(at));
                        }
                    });
            assertThat(check.exitCode()).isEqualTo(1);
            assertThat(check.summary().get("refused").asInt()).isEqualTo(deadLetters.size());
        }
    }

    /** Whole events with some of their bytes changed, removed or put in, and headers on them. */
    private static void mutate(Pipeline pipeline) {
        SplittableRandom random = new SplittableRandom(5);
        EventFactory factory =
                new EventFactory(
                        new GeneratorOptions(MUTATED, 0, 0, 0, 12),
                        Pipeline.MAX_EVENT_BYTES,
                        InstantSource.system());
        for (int i = 0; i < MUTATED; i++) {
            GeneratedEvent event = factory.next();
            byte[] value = event.value().clone();
            for (int n = random.nextInt(3); n > 0; n--) {
                value[random.nextInt(value.length)] = (byte) random.nextInt(i % 2 == 0 ? 128 : 256);
            }
            pipeline.send(
                    new ProducerRecord<>(
                            pipeline.input(),
                            i % 4,
                            event.key(),
                            value,
                            List.of(
                                    new RecordHeader("trace", new byte[] {(byte) i, -1}),
                                    new RecordHeader(
                                            DeadLetterHeaders.ATTEMPT,
                                            Integer.toString(i % 6).getBytes(UTF_8)))));
        }
    }

    private static void assertSame(
            String at, JsonNode said, ConsumerRecord<byte[], byte[]> deadLetter) {
        Map<String, String> headers = new TreeMap<>();
        said.get("headers")
                .properties()
                .forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
        Map<String, String> written = new TreeMap<>();
        for (Header header : deadLetter.headers()) {
            if (header.key().startsWith(DeadLetterHeaders.PREFIX)) {
                written.put(header.key(), new String(header.value(), UTF_8));
            }
        }
        headers.remove(DeadLetterHeaders.FAILED_AT);
        written.remove(DeadLetterHeaders.FAILED_AT);
        assertThat(headers).as(at).isEqualTo(written);
        assertThat(said.get("topic").asText()).as(at).isEqualTo(deadLetter.topic());
        if (deadLetter.value() == null) {
            assertThat(said.get("value_bytes").isNull()).as(at).isTrue();
        } else {
            assertThat(said.get("value_bytes").asInt()).as(at).isEqualTo(deadLetter.value().length);
        }
    }

    private static Map<String, String> row(JsonNode row) {
        Map<String, String> columns = new LinkedHashMap<>();
        row.properties()
                .forEach(
                        column ->
                                columns.put(
                                        column.getKey(),
                                        column.getValue().isNull()
                                                ? null
                                                : column.getValue().asText()));
        return columns;
    }

    private static Map<String, Map<String, String>> rows(Pipeline pipeline) throws SQLException {
        Map<String, Map<String, String>> rows = new HashMap<>();
        try (Connection connection = pipeline.connect();
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery(
                                "SELECT event_id, event_type, occurred_at, user_id, amount_cents,"
                                        + " path, referrer, src_partition, src_offset"
                                        + " FROM events_normalized")) {
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnName(i), result.getString(i));
                }
                Instant time = result.getObject("occurred_at", OffsetDateTime.class).toInstant();
                row.put("occurred_at", time.toString());
                rows.put(row.get("src_partition") + "@" + row.get("src_offset"), row);
            }
        }
        return rows;
    }

    private static Map<String, ConsumerRecord<byte[], byte[]>> deadLetters(Pipeline pipeline) {
        Map<String, ConsumerRecord<byte[], byte[]>> deadLetters = new HashMap<>();
        for (String topic :
                List.of(
                        pipeline.config().kafka().dlqTopic(),
                        pipeline.config().kafka().parkingTopic())) {
            for (ConsumerRecord<byte[], byte[]> record :
                    OracleTopic.read(pipeline.kafka(), topic)) {
                deadLetters.put(
                        text(record, DeadLetterHeaders.SOURCE_PARTITION)
                                + "@"
                                + text(record, DeadLetterHeaders.SOURCE_OFFSET),
                        record);
            }
        }
        return deadLetters;
    }

    private static String text(ConsumerRecord<?, ?> record, String header) {
        return new String(record.headers().lastHeader(header).value(), UTF_8);
    }

    @Test
    void readsPartOfATopicAndStopsAtItsBorders() throws Exception {
        try (Pipeline pipeline = Pipeline.create("check-part", data)) {
            for (int i = 0; i < 10; i++) {
                pipeline.send(1, null, ("{\"event_id\":" + i + "}").getBytes(UTF_8));
            }
            pipeline.flush();
            Map<String, String> environment = pipeline.environment();

            ToolRun one =
                    ToolRun.of(
                            environment, "check", "--topic", "--partition=1", "--from=3", "--to=4");
            assertThat(one.exitCode()).isEqualTo(1);
            assertThat(one.out())
                    .startsWith("1@3          WRONG_TYPE event_id: expected a string, found a ")
                    .contains("1 message: 0 accepted, 1 refused");
            assertThat(ToolRun.of(environment, "check", "--topic", "--from=1h", "--summary").out())
                    .startsWith("10 messages: ");
            assertThat(ToolRun.of(environment, "check", "--topic", "--to=1h", "--summary"))
                    .satisfies(none -> assertThat(none.exitCode()).isZero())
                    .satisfies(none -> assertThat(none.out()).startsWith("0 messages: "));
            assertThat(ToolRun.of(environment, "check", "--topic=mistyped"))
                    .satisfies(run -> assertThat(run.exitCode()).isEqualTo(2))
                    .satisfies(run -> assertThat(run.err()).contains("there is no topic mistyped"));
        }
    }

    @Test
    void judgesAFileWithoutKafkaOrPostgres() throws IOException {
        Path file =
                Files.write(
                        data.resolve("events"),
                        "{\"event_id\":1}\n\n{\"a\":\"\u001b[2J\n".getBytes(UTF_8));

        ToolRun run = ToolRun.of(Map.of(), "check", file.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out().lines())
                .anyMatch(line -> line.startsWith("line 2       EMPTY_PAYLOAD"))
                .anyMatch(line -> line.startsWith("line 3       MALFORMED_JSON"));
        assertThat(ToolRun.of(Map.of(), "check", "absent").exitCode()).isEqualTo(2);
    }
}
