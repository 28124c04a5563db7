package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.streamforge.account.Account;
import io.streamforge.account.AccountAudit;
import io.streamforge.account.ParquetFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The account of a small, complete scene: it balances, and every single thing taken from or added
 * to a store is found and named. The stores are filled by hand, Parquet by DuckDB.
 *
 * <p>Partition 0 has messages at 0 to 3 and 8, commit markers at 4 and 9, and an aborted
 * transaction at 5 to 7. Partition 1 has messages at 0 to 2, of which the last is not consumed yet.
 */
class AccountITCase {

    private static final String GROUP = "group";
    private static final String A = "00000000-0000-4000-8000-00000000000a";
    private static final String B = "00000000-0000-4000-8000-00000000000b";
    private static final String C = "00000000-0000-4000-8000-00000000000c";
    private static final String D = "00000000-0000-4000-8000-00000000000d";
    private static final Duration DEADLINE = Duration.ofSeconds(90);

    @TempDir private static Path services;
    private static KafkaProcess kafka;
    private static PostgresProcess postgres;

    @TempDir private Path parquet;
    private String input;
    private String dlq;
    private String parking;

    @BeforeAll
    static void start() throws IOException, InterruptedException, SQLException {
        kafka = KafkaProcess.start(services, LoopbackPort.free());
        postgres =
                PostgresProcess.start(
                        services, LoopbackPort.free(), PostgresProcess.Durability.FAST);
        sql(Files.readString(Path.of("..", "..", "sql", "V1__create_events_normalized.sql")));
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
    void createTopics(TestInfo test) throws ExecutionException, InterruptedException, SQLException {
        sql("TRUNCATE events_normalized");
        String name = test.getTestMethod().orElseThrow().getName();
        input = name + ".input";
        dlq = name + ".dlq";
        parking = name + ".parking";
        try (Admin admin = admin()) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(input, 2, (short) 1),
                                    new NewTopic(dlq, 2, (short) 1),
                                    new NewTopic(parking, 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    @Test
    void balances() throws Exception {
        scene();

        Account account = account();

        assertThat(account.findings()).isEmpty();
        assertThat(account.balanced()).isTrue();
        assertThat(account.line())
                .isEqualTo(
                        "consumed=7 stored=3 superseded=2 dead_lettered=2 parquet_rows=6"
                                + " parquet_files=2");
        assertThat(account.overlap()).isEqualTo(1);
    }

    @Test
    void findsARowMissingInTheTable() throws Exception {
        scene();
        sql("DELETE FROM events_normalized WHERE event_id = '" + A + "'");

        Account account = account();

        assertThat(account.balanced()).isFalse();
        assertThat(account.findings())
                .containsExactly(
                        "valid, but not in the table, not dead-lettered and not superseded:"
                                + " 2 messages: 0@0, 0@8");
        assertThat(account.line()).startsWith("consumed=7 stored=2 superseded=1 dead_lettered=2 ");
    }

    @Test
    void findsAnOlderVersionInTheTable() throws Exception {
        scene();
        sql("DELETE FROM events_normalized WHERE event_id = '" + A + "'");
        insert(row(A, 1, 0, 0));

        assertThat(account().findings())
                .containsExactly(
                        "valid, but not in the table, not dead-lettered and not superseded:"
                                + " 1 message: 0@8");
    }

    @Test
    void findsAMissingParquetFile() throws Exception {
        scene();
        Files.delete(parquet.resolve("dt=1970-01-02/part-1.parquet"));

        Account account = account();

        assertThat(account.balanced()).isFalse();
        assertThat(account.findings())
                .containsExactly(
                        "consumed, but neither in Parquet nor dead-lettered by decode or validate:"
                                + " 2 messages: 0@2, 0@8",
                        "in the table, but not in Parquet: 2 messages: 0@2, 0@8");
        assertThat(account.line()).endsWith("parquet_rows=4 parquet_files=1");
    }

    @Test
    void findsRowsThatParquetHasTwice() throws Exception {
        scene();
        Files.copy(
                parquet.resolve("dt=1970-01-02/part-1.parquet"),
                parquet.resolve("dt=1970-01-02/part-2.parquet"));

        Account account = account();

        assertThat(account.findings())
                .containsExactly("more than once in Parquet: 2 messages: 0@2, 0@8");
        assertThat(account.line()).endsWith("parquet_rows=8 parquet_files=3");
    }

    @Test
    void findsAMissingDeadLetter() throws Exception {
        sceneWithoutDeadLetters();
        deadLetter(parking, 0, 3, "store");

        Account account = account();

        assertThat(account.balanced()).isFalse();
        assertThat(account.findings())
                .containsExactly(
                        "consumed, but neither in Parquet nor dead-lettered by decode or validate:"
                                + " 1 message: 0@1");
        assertThat(account.deadLettered()).isEqualTo(1);
    }

    @Test
    void findsAMissingRefusedMessage() throws Exception {
        sceneWithoutDeadLetters();
        deadLetter(dlq, 0, 1, "validate");

        assertThat(account().findings())
                .containsExactly(
                        "valid, but not in the table, not dead-lettered and not superseded:"
                                + " 2 messages: 0@3, 1@0");
    }

    @Test
    void findsWhatWasNeverConsumed() throws Exception {
        scene();
        parquet("dt=1970-01-09/part-9.parquet", row(A, 9, 0, 5));
        deadLetter(dlq, 0, 4, "decode");
        deadLetter(dlq, 7, 0, "decode");

        assertThat(account().findings())
                .contains(
                        "in Parquet, but not consumed: 1 message: 0@5",
                        "dead-lettered, but not consumed: 1 message: 0@4");
    }

    @Test
    void findsDeadLettersWithoutCoordinates() throws Exception {
        scene();
        send(new ProducerRecord<>(parking, 0, null, "by hand"));

        assertThat(account().findings())
                .containsExactly(
                        "in " + parking + " without its source's coordinates: 1 message: 0@1");
    }

    @Test
    void findsACommitPastAnOpenTransaction() throws Exception {
        scene();
        try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", input))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(input, 1, null, "open")).get();
            commit(1, 4);

            assertThat(account().findings())
                    .anyMatch(
                            finding ->
                                    finding.startsWith(
                                            "partition 1: the committed offset 4 is past the last"
                                                    + " readable one, 3"));

            producer.abortTransaction();
        }
    }

    @Test
    void gapsThatCompactionLeavesAreNoMessages() throws Exception {
        String compacted = "compacted";
        try (Admin admin = admin()) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(compacted, 1, (short) 1)
                                            .configs(
                                                    Map.of(
                                                            "cleanup.policy",
                                                            "compact",
                                                            "segment.ms",
                                                            "1000",
                                                            "min.cleanable.dirty.ratio",
                                                            "0"))))
                    .all()
                    .get();
        }
        // A record a minute younger than the segment's first closes it; only then is it compacted.
        long time = System.currentTimeMillis() - 600_000;
        send(new ProducerRecord<>(compacted, 0, time, A, "0"));
        send(new ProducerRecord<>(compacted, 0, time, B, "1"));
        send(new ProducerRecord<>(compacted, 0, time, A, "2"));
        send(new ProducerRecord<>(compacted, 0, time + 60_000, A, "3"));
        send(new ProducerRecord<>(compacted, 0, time + 120_000, C, "4"));
        awaitMessages(compacted, 3);
        input = compacted;
        commit(0, 5);
        parquet("dt=1970-01-01/part-0.parquet", row(B, 1, 0, 1), row(A, 3, 0, 3), row(C, 4, 0, 4));
        insert(row(B, 1, 0, 1));
        insert(row(A, 3, 0, 3));
        insert(row(C, 4, 0, 4));

        Account account = account();

        assertThat(account.findings()).isEmpty();
        assertThat(account.line()).startsWith("consumed=3 stored=3 superseded=0 dead_lettered=0 ");
        assertThat(account.balanced()).isTrue();
    }

    @Test
    void withoutCommitsNothingIsConsumed() throws Exception {
        send(new ProducerRecord<>(input, 0, null, "{}"));
        insert(row(A, 1, 0, 0));

        Account account = account();

        assertThat(account.balanced()).isTrue();
        assertThat(account.consumed()).isZero();
    }

    @Test
    void aTopicThatDoesNotExistIsNamed() {
        input = "mistyped";

        assertThatIllegalStateException()
                .isThrownBy(this::account)
                .withMessage("there is no topic mistyped");
    }

    private void scene() throws Exception {
        sceneWithoutDeadLetters();
        deadLetter(dlq, 0, 1, "validate");
        deadLetter(dlq, 0, 1, "validate");
        deadLetter(parking, 0, 3, "store");
        deadLetter(dlq, 1, 1, "store");
        deadLetter(dlq, 1, 2, "decode");
    }

    private void sceneWithoutDeadLetters() throws Exception {
        try (KafkaProducer<String, String> producer =
                producer(Map.of("transactional.id", input + "-scene"))) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int offset = 0; offset < 4; offset++) {
                producer.send(new ProducerRecord<>(input, 0, null, "message"));
            }
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(input, 0, null, "aborted")).get();
            producer.send(new ProducerRecord<>(input, 0, null, "aborted")).get();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(input, 0, null, "message"));
            producer.commitTransaction();
        }
        for (int offset = 0; offset < 3; offset++) {
            send(new ProducerRecord<>(input, 1, null, "message"));
        }
        commit(0, 10);
        commit(1, 2);

        parquet(
                "dt=1970-01-01/part-0.parquet",
                row(A, 1, 0, 0),
                row(C, 3, 0, 3),
                row(C, 2, 1, 0),
                row(D, 4, 1, 1));
        parquet("dt=1970-01-02/part-1.parquet", row(B, 2, 0, 2), row(A, 8, 0, 8));
        parquet("dt=1970-01-02/part-not-yet.parquet", row(B, 1, 1, 2));
        parquet("dt=1970-01-02/.part-hidden.parquet", row(B, 2, 0, 2));
        insert(row(B, 2, 0, 2));
        insert(row(A, 8, 0, 8));
        insert(row(D, 4, 1, 1));
    }

    private Account account() throws IOException, SQLException {
        return new AccountAudit(
                        kafkaProperties(),
                        GROUP,
                        input,
                        dlq,
                        parking,
                        postgres::connection,
                        ParquetFiles.below(parquet.toString()))
                .compute();
    }

    /** A row as SQL that both databases take; {@code version} is a number of microseconds. */
    private static String row(String eventId, int version, int partition, long offset) {
        String time =
                String.format(Locale.ROOT, "'1970-01-01 00:00:00.%06d+00'::timestamptz", version);
        return String.format(
                Locale.ROOT,
                "SELECT '%s'::UUID_TYPE AS event_id, 'CLICK' AS event_type, %s AS occurred_at,"
                        + " '%s'::UUID_TYPE AS user_id, NULL::bigint AS amount_cents, '/' AS path,"
                        + " NULL::varchar AS referrer, %s AS processed_at,"
                        + " %d::integer AS src_partition, %d::bigint AS src_offset",
                eventId,
                time,
                eventId,
                time,
                partition,
                offset);
    }

    private void insert(String row) throws SQLException {
        sql("INSERT INTO events_normalized " + row.replace("UUID_TYPE", "uuid"));
    }

    private void parquet(String name, String... rows) throws IOException, SQLException {
        Path file = parquet.resolve(name);
        Files.createDirectories(file.getParent());
        String query = String.join(" UNION ALL ", rows).replace("UUID_TYPE", "varchar");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute(
                    "COPY (" + query + ") TO '" + file + "' (FORMAT parquet, COMPRESSION zstd)");
        }
    }

    private void deadLetter(String topic, int partition, long offset, String stage)
            throws ExecutionException, InterruptedException {
        ProducerRecord<String, String> message = new ProducerRecord<>(topic, 0, null, "refused");
        Map.of(
                        "streamforge.source.topic",
                        input,
                        "streamforge.source.partition",
                        Integer.toString(partition),
                        "streamforge.source.offset",
                        Long.toString(offset),
                        "streamforge.stage",
                        stage)
                .forEach(
                        (name, text) ->
                                message.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        send(message);
    }

    private void commit(int partition, long offset)
            throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            admin.alterConsumerGroupOffsets(
                            GROUP,
                            Map.of(
                                    new TopicPartition(input, partition),
                                    new OffsetAndMetadata(offset)))
                    .all()
                    .get();
        }
    }

    private static void awaitMessages(String topic, int count) {
        Map<String, Object> settings = new HashMap<>();
        kafkaProperties().forEach((name, value) -> settings.put(name.toString(), value));
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            int messages = -1;
            while (messages != count) {
                assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
                messages = 0;
                consumer.seekToBeginning(List.of(partition));
                while (consumer.position(partition) < end) {
                    for (ConsumerRecord<String, String> message :
                            consumer.poll(Duration.ofMillis(500))) {
                        assertThat(message.topic()).isEqualTo(topic);
                        messages++;
                    }
                }
            }
        }
    }

    private static void send(ProducerRecord<String, String> message)
            throws ExecutionException, InterruptedException {
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            producer.send(message).get();
        }
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        kafkaProperties().forEach((name, value) -> settings.put(name.toString(), value));
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static Admin admin() {
        return Admin.create(kafkaProperties());
    }

    private static Properties kafkaProperties() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", kafka.bootstrapServers());
        return properties;
    }

    private static void sql(String statements) throws SQLException {
        try (Connection connection = postgres.connection();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }
}
