package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the oracle reads from Kafka and Postgres is what is there. */
class OracleITCase {

    private static final String EVENT =
            """
            {"event_id":"00000000-0000-4000-8000-00000000000%s","event_type":"PURCHASE",\
            "occurred_at":"1969-12-31T23:59:59.999999Z","amount_cents":9223372036854775807,\
            "user_id":"00000000-0000-4000-8000-000000000000","path":"%s"}""";

    @TempDir private static Path services;
    private static KafkaProcess kafka;
    private static PostgresProcess postgres;

    @BeforeAll
    static void start() throws IOException, InterruptedException, SQLException, ExecutionException {
        kafka = KafkaProcess.start(services, LoopbackPort.free());
        postgres =
                PostgresProcess.start(
                        services, LoopbackPort.free(), PostgresProcess.Durability.FAST);
        sql(Files.readString(Path.of("..", "..", "sql", "V1__create_events_normalized.sql")));
        try (Admin admin = Admin.create(kafkaProperties())) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("input", 2, (short) 1),
                                    new NewTopic("dlq", 1, (short) 1)))
                    .all()
                    .get();
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "t"))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(message("input", 0, EVENT.formatted("a", "old"))).get();
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(message("input", 0, EVENT.formatted("a", "aborted"))).get();
            producer.abortTransaction();
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            producer.send(message("input", 1, EVENT.formatted("a", "new"))).get();
            producer.send(message("input", 1, EVENT.formatted("b", "/b"))).get();
            ProducerRecord<byte[], byte[]> invalid = message("input", 1, "{");
            invalid.headers().add("trace", new byte[] {0, -1}).add("trace", null);
            producer.send(invalid).get();
            ProducerRecord<byte[], byte[]> deadLetter = message("dlq", 0, "{");
            deadLetter.headers().add("trace", new byte[] {0, -1}).add("trace", null);
            Map.of(
                            "streamforge.reason", "MALFORMED_JSON",
                            "streamforge.stage", "decode",
                            "streamforge.source.partition", "1",
                            "streamforge.source.offset", "2")
                    .forEach((name, text) -> deadLetter.headers().add(name, bytes(text)));
            producer.send(deadLetter).get();
        }
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (kafka != null) {
            kafka.stop();
        }
        if (postgres != null) {
            postgres.stop();
        }
    }

    @BeforeEach
    void fillTable() throws SQLException {
        sql("TRUNCATE events_normalized");
        sql("INSERT INTO events_normalized " + row("a", "/new", 0));
        sql("INSERT INTO events_normalized " + row("b", "/b", 1));
    }

    @Test
    void readsCommittedMessagesOnly() {
        assertThat(oracle().valid())
                .extracting(OracleEvent::coordinates)
                .containsExactlyInAnyOrder("0@0", "1@0", "1@1");
        assertThat(oracle().deadLetters()).isEqualTo(Map.of("1@2", "MALFORMED_JSON"));
    }

    @Test
    void comparesTheTable() throws SQLException {
        assertTable();

        sql("DELETE FROM events_normalized WHERE path = '/b'");
        assertWrongTable("1 missing\n    00000000-0000-4000-8000-00000000000b");

        sql("INSERT INTO events_normalized " + row("b", "/b", 1));
        assertTable();
        sql("UPDATE events_normalized SET occurred_at = occurred_at + interval '1 microsecond'");
        assertWrongTable("2 different", "occurred_at=-1", "occurred_at=0");
    }

    @Test
    void showsRowsThatNobodyExpects() throws SQLException {
        sql("INSERT INTO events_normalized " + row("c", "/c", 7));

        assertWrongTable("1 extra\n    00000000-0000-4000-8000-00000000000c");
    }

    @Test
    void comparesTheDeadLetters() {
        assertThatCode(() -> oracle().assertDeadLetters(kafkaProperties(), "dlq"))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> oracle().assertDeadLetters(kafkaProperties()))
                .withMessageContaining(
                        "1 missing\n    1@2: MALFORMED_JSON decode key=null value=7b"
                                + " headers=[trace=00ff, trace=null]");
    }

    private static void assertTable() throws SQLException {
        try (Connection connection = postgres.connection()) {
            oracle().assertTable(connection);
        }
    }

    private static void assertWrongTable(String... texts) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(OracleITCase::assertTable)
                .satisfies(error -> assertThat(error.getMessage()).contains(texts));
    }

    private static Oracle oracle() {
        return Oracle.ofTopic(kafkaProperties(), "input", 1000);
    }

    private static String row(String digit, String path, long offset) {
        return """
        VALUES ('00000000-0000-4000-8000-00000000000DIGIT', 'PURCHASE',
                '1969-12-31T23:59:59.999999Z', '00000000-0000-4000-8000-000000000000',
                9223372036854775807, 'PATH', NULL, now(), 1, OFFSET)
        """
                .replace("DIGIT", digit)
                .replace("PATH", path)
                .replace("OFFSET", Long.toString(offset));
    }

    private static ProducerRecord<byte[], byte[]> message(
            String topic, int partition, String value) {
        return new ProducerRecord<>(topic, partition, null, bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        kafkaProperties().forEach((name, value) -> settings.put(name.toString(), value));
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Properties kafkaProperties() {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", kafka.bootstrapServers());
        return properties;
    }

    private static void sql(String statements) throws SQLException {
        try (Connection connection = postgres.connection();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }
}
