package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.streamforge.account.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reconcile} finds nothing where nothing is missing, and names whatever is. */
class ReconcileITCase {

    private static final int EVENTS = 2_000;

    @TempDir Path data;

    @Test
    void namesADeletedRowARemovedFileAndAnExpiredDeadLetter() throws Exception {
        try (Pipeline pipeline = Pipeline.create("reconcile", data)) {
            pipeline.generate(new GeneratorOptions(EVENTS, 0, 3, 5, 21));
            pipeline.start(2);
            Account account = pipeline.finish();
            Map<String, String> environment = pipeline.environment();

            ToolRun counts = ToolRun.of(environment, "reconcile", "--output=json");
            assertThat(counts.exitCode()).as(counts.out() + counts.err()).isZero();
            assertThat(counts.json()).hasSize(Topics.DEFAULT_PARTITIONS + 1);
            ToolRun before = ToolRun.of(environment, "reconcile", "--exact", "--output=json");
            assertThat(before.exitCode()).as(before.out() + before.err()).isZero();
            assertThat(before.summary().get("stored").asLong()).isEqualTo(account.stored());
            assertThat(before.summary().get("consumed").asInt()).isEqualTo(EVENTS);

            List<Path> files = pipeline.parquetFiles();
            Set<String> inFile = coordinates(files.get(0), "true");
            Set<String> elsewhere = new TreeSet<>();
            for (Path file : files.subList(1, files.size())) {
                elsewhere.addAll(coordinates(file, onlyOne(files)));
            }
            String row = deleteRow(pipeline, elsewhere);

            ToolRun rowOnly = ToolRun.of(environment, "reconcile", "--exact");
            assertThat(rowOnly.exitCode()).isEqualTo(1);
            assertThat(rowOnly.out())
                    .contains("\nPostgres: valid, but not in the table,", "(1)\n  " + row + "\n")
                    .doesNotContain("every consumed message is accounted for");

            Files.delete(files.get(0));
            String deadLetter = expireDeadLetter(pipeline);

            ToolRun after =
                    ToolRun.of(
                            environment, "reconcile", "--exact", "--limit=2000", "--output=json");
            assertThat(after.exitCode()).isEqualTo(1);
            assertThat(messages(after, "postgres", "valid, but not in the table"))
                    .containsExactly(row);
            assertThat(messages(after, "parquet", "valid, but not in Parquet"))
                    .containsExactlyElementsOf(inFile);
            assertThat(messages(after, "dead_letters", "breaks the input contract"))
                    .containsExactly(deadLetter);
            assertThat(after.summary().get("balanced").asBoolean()).isFalse();

            ToolRun countsAfter = ToolRun.of(environment, "reconcile");
            assertThat(countsAfter.exitCode()).isEqualTo(1);
            assertThat(countsAfter.out()).contains("the numbers do not agree");
        }
    }

    @Test
    void looksAtAPartOfTheTopicAndSaysWhereThereIsNothing() throws Exception {
        try (Pipeline pipeline = Pipeline.create("reconcile-part", data)) {
            pipeline.generate(new GeneratorOptions(400, 0, 5, 5, 22));
            Map<String, String> environment = pipeline.environment();

            ToolRun nothing = ToolRun.of(environment, "reconcile", "--exact", "--output=json");
            assertThat(nothing.exitCode()).as(nothing.err()).isZero();
            assertThat(nothing.summary().get("consumed").asInt()).isZero();
            assertThat(nothing.err())
                    .contains("group reconcile-part has no committed offsets in this part of")
                    .contains("KAFKA_GROUP_ID");

            pipeline.start(1);
            pipeline.finish();
            ToolRun part =
                    ToolRun.of(
                            environment,
                            "reconcile",
                            "--exact",
                            "--from=10",
                            "--to=20",
                            "--output=json");
            assertThat(part.exitCode()).as(part.out()).isZero();
            assertThat(part.summary().get("consumed").asInt())
                    .isEqualTo(10 * Topics.DEFAULT_PARTITIONS);
            assertThat(ToolRun.of(environment, "reconcile", "--from=10", "--to=20").exitCode())
                    .isZero();

            ToolRun mistyped = ToolRun.of(environment, "reconcile", "--KAFKA_INPUT_TOPIC=mistyped");
            assertThat(mistyped.exitCode()).isEqualTo(2);
            assertThat(mistyped.err()).contains("there is no topic mistyped");
            ToolRun bucket = ToolRun.of(environment, "reconcile", "--PARQUET_ROOT=s3://bucket/x");
            assertThat(bucket.exitCode()).isEqualTo(2);
            assertThat(bucket.err()).contains("PARQUET_ROOT");
            ToolRun down =
                    ToolRun.of(
                            environment,
                            "reconcile",
                            "--KAFKA_BROKERS=127.0.0.1:1",
                            "--START_TIMEOUT=1s");
            assertThat(down.exitCode()).isEqualTo(3);
            assertThat(down.err()).contains("Kafka at 127.0.0.1:1 could not be reached");
        }
    }

    /** The messages that a finding names, one by one and in order. */
    private static Set<String> messages(ToolRun run, String store, String what) throws IOException {
        Set<String> messages = new TreeSet<>();
        for (JsonNode line : run.json()) {
            if (line.has("what")
                    && line.get("store").asText().equals(store)
                    && line.get("what").asText().startsWith(what)) {
                for (JsonNode range : line.get("messages")) {
                    messages.addAll(expanded(range.asText()));
                }
                assertThat(line.get("count").asInt()).isEqualTo(messages.size());
            }
        }
        return messages;
    }

    private static List<String> expanded(String range) {
        String partition = range.substring(0, range.indexOf('@') + 1);
        String[] ends = range.substring(partition.length()).split("-");
        List<String> messages = new ArrayList<>();
        for (long o = Long.parseLong(ends[0]); o <= Long.parseLong(ends[ends.length - 1]); o++) {
            messages.add(partition + o);
        }
        return messages;
    }

    /** An event with copies would leave them unexplained as well. */
    private static String onlyOne(List<Path> files) {
        return "event_id IN (SELECT event_id FROM read_parquet(["
                + files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(","))
                + "]) GROUP BY event_id HAVING count(*) = 1)";
    }

    private static Set<String> coordinates(Path file, String condition) throws SQLException {
        Set<String> coordinates = new TreeSet<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT src_partition || '@' || src_offset FROM read_parquet('"
                                        + file
                                        + "') WHERE "
                                        + condition)) {
            while (rows.next()) {
                coordinates.add(rows.getString(1));
            }
        }
        return coordinates;
    }

    /** Deletes a row that comes from one of these messages, and says from which. */
    private static String deleteRow(Pipeline pipeline, Set<String> among) throws SQLException {
        try (Connection connection = pipeline.connect();
                Statement statement = connection.createStatement();
                ResultSet deleted =
                        statement.executeQuery(
                                "DELETE FROM events_normalized WHERE event_id = (SELECT event_id"
                                        + " FROM events_normalized WHERE src_partition || '@' ||"
                                        + " src_offset IN ('"
                                        + String.join("','", among)
                                        + "') ORDER BY event_id LIMIT 1)"
                                        + " RETURNING src_partition || '@' || src_offset")) {
            assertThat(deleted.next()).isTrue();
            return deleted.getString(1);
        }
    }

    /** As retention does, but for one record only. */
    private static String expireDeadLetter(Pipeline pipeline) throws Exception {
        String topic = pipeline.config().kafka().dlqTopic();
        ConsumerRecord<byte[], byte[]> first =
                OracleTopic.read(pipeline.kafka(), topic).stream()
                        .filter(letter -> letter.offset() == 0)
                        .findFirst()
                        .orElseThrow();
        try (Admin admin = pipeline.admin()) {
            admin.deleteRecords(
                            Map.of(
                                    new TopicPartition(topic, first.partition()),
                                    RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();
        }
        return header(first, "partition") + "@" + header(first, "offset");
    }

    private static String header(ConsumerRecord<?, ?> letter, String name) {
        return new String(letter.headers().lastHeader("streamforge.source." + name).value(), UTF_8);
    }
}
