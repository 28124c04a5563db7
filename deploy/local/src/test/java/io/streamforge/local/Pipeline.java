package io.streamforge.local;

import io.streamforge.account.Account;
import io.streamforge.cli.SchemaMigration;
import io.streamforge.config.Setting;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The whole pipeline as a test sees it: the job on a cluster in this JVM, on the {@link LocalStack}
 * with topics, consumer group, database and directories of its own. It can be started again as
 * often as wanted, and goes on where it was.
 */
public final class Pipeline implements AutoCloseable {

    /** As in the golden files. */
    public static final int MAX_EVENT_BYTES = 2_048;

    public static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
    private final Map<String, String> kafkaProperties = new HashMap<>();
    private final Topics topics;
    private final String database;
    private final Path data;
    private KafkaProducer<byte[], byte[]> producer;
    private LocalCluster cluster;

    private Pipeline(String input, String name, Path data) {
        this.topics =
                new Topics(
                        input,
                        name + ".dlq",
                        name + ".parking",
                        Topics.DEFAULT_PARTITIONS,
                        MAX_EVENT_BYTES);
        this.database = name.toLowerCase(Locale.ROOT).replace('-', '_');
        this.data = data.resolve(name);
        with(Setting.KAFKA_BROKERS, LocalStack.bootstrapServers());
        with(Setting.KAFKA_GROUP_ID, name);
        with(Setting.KAFKA_INPUT_TOPIC, input);
        with(Setting.KAFKA_DLQ_TOPIC, topics.deadLetters());
        with(Setting.KAFKA_PARKING_TOPIC, topics.parking());
        with(Setting.KAFKA_AUDIT_TOPIC, name + ".audit");
        with(Setting.MAX_EVENT_BYTES, Integer.toString(MAX_EVENT_BYTES));
        with(Setting.POSTGRES_URL, LocalStack.postgres().jdbcUrl(database));
        with(Setting.POSTGRES_USER, PostgresProcess.NAME);
        with(Setting.POSTGRES_PASSWORD_FILE, this.data.resolve("password").toString());
        with(Setting.PARQUET_ROOT, this.data.resolve("parquet").toString());
        with(Setting.CHECKPOINT_DIR, this.data.resolve("checkpoints").toString());
        with(Setting.CHECKPOINT_INTERVAL, "500ms");
    }

    /**
     * A pipeline that is not started yet, with a topic of its own.
     *
     * @param name of all that it has in the shared services
     * @param data a directory that outlives it
     */
    public static Pipeline create(String name, Path data) throws IOException, InterruptedException {
        return reading(name + ".input", name, data);
    }

    /** The same on a topic that may exist, and may be read by others as well. */
    public static Pipeline reading(String input, String name, Path data)
            throws IOException, InterruptedException {
        Pipeline pipeline = new Pipeline(input, name, data);
        Files.createDirectories(pipeline.data);
        Files.writeString(pipeline.data.resolve("password"), PostgresProcess.NAME);
        pipeline.topics.create(LocalStack.bootstrapServers());
        LocalStack.postgres().createDatabase(pipeline.database);
        SchemaMigration.migrate(
                pipeline.settings.get(Setting.POSTGRES_URL),
                PostgresProcess.NAME,
                PostgresProcess.NAME);
        return pipeline;
    }

    /** Sets or changes a setting, for the next start. */
    public Pipeline with(Setting setting, String value) {
        settings.put(setting, value);
        return this;
    }

    /** Sets a property of all Kafka clients, by Kafka's name of it, for the next start. */
    public Pipeline withKafkaProperty(String name, String value) {
        kafkaProperties.put(
                Setting.KAFKA_PROPERTIES_PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_'),
                value);
        return this;
    }

    public StreamForgeConfig config() {
        return StreamForgeConfig.from(new String[0], environment());
    }

    /** The settings as a process is given them. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(kafkaProperties);
        settings.forEach((setting, value) -> environment.put(setting.name(), value));
        return environment;
    }

    /** The settings as a program's arguments; no secret is among them. */
    public List<String> arguments() {
        return settings.entrySet().stream()
                .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    public String input() {
        return topics.input();
    }

    public String database() {
        return database;
    }

    // ---- input

    /** Queues a message; {@link #flush()} waits for those queued. */
    public void send(Integer partition, byte[] key, byte[] value) {
        send(new ProducerRecord<>(input(), partition, key, value));
    }

    public void send(ProducerRecord<byte[], byte[]> message) {
        if (producer == null) {
            producer = producer(Map.of());
        }
        producer.send(message);
    }

    public void flush() {
        producer.flush();
    }

    /** A producer that takes whatever the topics take. */
    public KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(more);
        all.put("bootstrap.servers", LocalStack.bootstrapServers());
        all.put("max.request.size", topics.maxMessageBytes());
        all.put("linger.ms", 5);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends generated messages in the background, once it is started. */
    public EventGenerator generator(GeneratorOptions options) {
        return EventGenerator.generating(
                LocalStack.bootstrapServers(),
                input(),
                topics.maxMessageBytes(),
                new EventFactory(options, MAX_EVENT_BYTES, InstantSource.system()),
                options);
    }

    /** Sends generated messages and waits until Kafka has them. */
    public void generate(GeneratorOptions options) throws IOException, InterruptedException {
        try (EventGenerator generator = generator(options)) {
            generator.start();
            generator.await();
        }
    }

    public Admin admin() {
        return Admin.create(kafka());
    }

    /** What a client needs to connect. */
    public Properties kafka() {
        return config().kafka().clientProperties();
    }

    // ---- the job

    public void start(int parallelism) throws Exception {
        start(parallelism, new Configuration());
    }

    /**
     * Starts the job; it may not run yet.
     *
     * @param overrides Flink settings that win over the local ones
     */
    public void start(int parallelism, Configuration overrides) throws Exception {
        cluster = LocalCluster.start(config(), parallelism, 0, overrides);
    }

    /** Waits until a checkpoint that begins now, or later, is complete. */
    void awaitCheckpoint() throws Exception {
        Eventually.holds(
                "a checkpoint",
                PATIENCE,
                () -> {
                    requireNotEnded();
                    try {
                        cluster.checkpoint();
                        return true;
                    } catch (ExecutionException e) {
                        return false; // the tasks are not all running yet, or again
                    }
                });
    }

    public JobStatus status() throws ExecutionException, InterruptedException {
        return cluster.status();
    }

    public LocalCluster cluster() {
        return cluster;
    }

    /** Waits until the committed offsets are past every message that there is. */
    public void awaitDrained() throws Exception {
        try (InputDrain drain = new InputDrain(config().kafka())) {
            Eventually.holds(
                    "the topic to be processed",
                    PATIENCE,
                    () -> {
                        requireNotEnded();
                        return drain.isEmpty();
                    });
        }
    }

    public void awaitRows(long count) throws Exception {
        Eventually.holds(
                count + " rows",
                PATIENCE,
                () -> {
                    requireNotEnded();
                    return rows() >= count;
                });
    }

    private void requireNotEnded() throws ExecutionException, InterruptedException {
        if (cluster != null && status().isGloballyTerminalState()) {
            throw new AssertionError("the job ended: " + status(), cluster.failure().orElse(null));
        }
    }

    /** Stops in good order, as Ctrl-C does. */
    public void stop() throws Exception {
        awaitCheckpoint();
        cluster.stopWithSavepoint(config().checkpointDir());
        crash();
    }

    /** Ends it without a word: no savepoint, whatever was under way is lost. */
    public void crash() {
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }

    /** Takes the group's offsets away; only a checkpoint knows then where to go on. */
    void forgetOffsets() throws ExecutionException, InterruptedException {
        String group = config().kafka().groupId();
        try (Admin admin = admin()) {
            Set<TopicPartition> committed =
                    admin.listConsumerGroupOffsets(group)
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .keySet();
            if (!committed.isEmpty()) { // before the first commit there is no group
                admin.deleteConsumerGroupOffsets(group, committed).all().get();
            }
        }
    }

    // ---- results

    /** Waits until all is processed, stops, and asserts the {@link Invariant}. */
    public Account finish() throws Exception {
        awaitDrained();
        stop();
        return Invariant.assertHolds(config());
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(
                settings.get(Setting.POSTGRES_URL), PostgresProcess.NAME, PostgresProcess.NAME);
    }

    public long rows() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet count =
                        statement.executeQuery("SELECT count(*) FROM events_normalized")) {
            count.next();
            return count.getLong(1);
        }
    }

    /** The Parquet files that a reader sees. */
    public List<Path> parquetFiles() throws IOException {
        Path root = Path.of(settings.get(Setting.PARQUET_ROOT));
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(
                            file ->
                                    file.toString().endsWith(".parquet")
                                            && !file.getFileName().toString().startsWith("."))
                    .toList();
        }
    }

    @Override
    public void close() {
        crash();
        if (producer != null) {
            producer.close(Duration.ZERO);
        }
    }
}
