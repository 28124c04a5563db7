package io.streamforge.bench;

import io.streamforge.local.KafkaProcess;
import io.streamforge.local.LoopbackPort;
import io.streamforge.local.PostgresProcess;
import io.streamforge.local.PostgresProcess.Durability;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The Kafka and the durable Postgres of {@code make run}, in processes of their own, with
 * everything in one directory that is removed at the end. Postgres keeps the time of every commit
 * and Kafka's broker that of every message, so that what became of an event, and when, is read from
 * the stores and not told by who wrote it.
 */
final class BenchStack implements AutoCloseable {

    private static final String SETTINGS =
            """
            SELECT name, current_setting(name) FROM pg_settings
            WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes',
                'wal_level', 'shared_buffers', 'max_wal_size', 'checkpoint_timeout',
                'track_commit_timestamp', 'autovacuum', 'wal_compression')
            ORDER BY name
            """;

    private final Path data;
    private final KafkaProcess kafka;
    private final PostgresProcess postgres;
    private boolean stopped;

    private BenchStack(Path data, KafkaProcess kafka, PostgresProcess postgres) {
        this.data = data;
        this.kafka = kafka;
        this.postgres = postgres;
    }

    /**
     * @param data a directory to come and go
     */
    static BenchStack start(Path data) throws IOException, InterruptedException, SQLException {
        remove(data);
        Files.createDirectories(data);
        KafkaProcess kafka =
                KafkaProcess.start(
                        data,
                        LoopbackPort.free(),
                        Map.of("log.message.timestamp.type", "LogAppendTime"));
        int port = LoopbackPort.free();
        PostgresProcess first = PostgresProcess.start(data, port, Durability.DURABLE);
        try (Connection admin = first.adminConnection("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute("ALTER SYSTEM SET track_commit_timestamp = on");
        }
        first.stop();
        BenchStack stack =
                new BenchStack(data, kafka, PostgresProcess.start(data, port, Durability.DURABLE));
        // For Ctrl-C: the processes would outlive this one.
        Runtime.getRuntime().addShutdownHook(new Thread(stack::stop, "stop"));
        return stack;
    }

    Path data() {
        return data;
    }

    String brokers() {
        return kafka.bootstrapServers();
    }

    PostgresProcess postgres() {
        return postgres;
    }

    /** CPU seconds of Postgres's processes so far. */
    double postgresCpuSeconds() {
        return Processes.familyCpuSeconds(postgres.pid());
    }

    /** The settings of Postgres that matter here. */
    Map<String, String> postgresSettings() throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        try (Connection connection = postgres.connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SETTINGS)) {
            while (rows.next()) {
                settings.put(rows.getString(1), rows.getString(2));
            }
        }
        return settings;
    }

    /** Creates a database with the rows of another one, file by file and so without any WAL. */
    void createDatabase(String database, StartingTable table) throws SQLException {
        try (Connection admin = postgres.adminConnection("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute(
                    "CREATE DATABASE %s OWNER %s TEMPLATE %s STRATEGY file_copy"
                            .formatted(database, PostgresProcess.NAME, table.database()));
        }
    }

    /** Drops a database, and writes back what is dirty, so that no round pays for the last one. */
    void drop(String database) throws SQLException {
        try (Connection admin = postgres.adminConnection("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
            statement.execute("CHECKPOINT");
        }
    }

    static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, IOException failure)
                            throws IOException {
                        Files.delete(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** Stops both processes, once, and removes the directory. */
    @Override
    public void close() {
        stop();
    }

    private synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        try {
            postgres.stop();
            kafka.stop();
            remove(data);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("look for what is left in " + data, e);
        }
    }
}
