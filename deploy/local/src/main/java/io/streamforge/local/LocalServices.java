package io.streamforge.local;

import io.streamforge.cli.SchemaMigration;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * The Kafka and the Postgres of one data directory, each only where the environment names no other:
 * started side by side, with topics and schema, and stopped last.
 */
final class LocalServices implements AutoCloseable {

    private final Path data;
    private final LocalOptions options;
    private final boolean ownKafka;
    private final boolean ownPostgres;
    private KafkaProcess kafka;
    private PostgresProcess postgres;

    /**
     * @param environment of this process: names Kafka or Postgres where another is to be used
     */
    LocalServices(Path data, LocalOptions options, Map<String, String> environment) {
        this.data = data;
        this.options = options;
        this.ownKafka = !isSet(environment, "KAFKA_BROKERS");
        this.ownPostgres =
                !isSet(environment, "POSTGRES_URL") && !isSet(environment, "POSTGRES_URL_FILE");
    }

    private static boolean isSet(Map<String, String> environment, String name) {
        return !environment.getOrDefault(name, "").isEmpty();
    }

    /** The environment with what is not set in it: the services here, and the data directory. */
    Map<String, String> settings(Map<String, String> environment) throws IOException {
        Map<String, String> settings = new HashMap<>(environment);
        settings.putIfAbsent("HOST", "127.0.0.1");
        if (options.httpPort != null) {
            settings.put("PORT", Integer.toString(options.httpPort));
        }
        settings.putIfAbsent("PARQUET_ROOT", data.resolve("parquet/events").toString());
        settings.putIfAbsent("CHECKPOINT_DIR", data.resolve("checkpoints").toString());
        if (ownKafka) {
            settings.put("KAFKA_BROKERS", "127.0.0.1:" + options.kafkaPort);
        }
        if (ownPostgres) {
            // In a file, as on a cluster: a secret is read where it is used, never passed on.
            Path password = data.resolve("run/postgres.password");
            Files.writeString(password, PostgresProcess.NAME);
            settings.put(
                    "POSTGRES_URL",
                    "jdbc:postgresql://127.0.0.1:%d/%s"
                            .formatted(options.postgresPort, PostgresProcess.NAME));
            settings.put("POSTGRES_USER", PostgresProcess.NAME);
            settings.remove("POSTGRES_PASSWORD");
            settings.put("POSTGRES_PASSWORD_FILE", password.toString());
        }
        return settings;
    }

    /**
     * Starts them, or adopts those that an earlier run left behind.
     *
     * @throws PortTakenException where something else has a port
     */
    void start(StreamForgeConfig config) throws IOException, InterruptedException {
        CompletableFuture<Void> postgresReady =
                CompletableFuture.runAsync(() -> startPostgres(config));
        try {
            if (ownKafka) {
                kafka = KafkaProcess.start(data, options.kafkaPort);
                topics(config).create(kafka.bootstrapServers());
            }
        } finally {
            join(postgresReady);
        }
    }

    private void startPostgres(StreamForgeConfig config) {
        if (!ownPostgres) {
            return;
        }
        try {
            postgres =
                    PostgresProcess.start(
                            data, options.postgresPort, PostgresProcess.Durability.DURABLE);
        } catch (IOException | InterruptedException e) {
            throw new CompletionException(e);
        }
        SchemaMigration.migrate(
                config.postgres().url(),
                config.postgres().user(),
                config.postgres().password().resolve());
    }

    private static void join(CompletableFuture<Void> started)
            throws IOException, InterruptedException {
        try {
            started.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    /** Whether the Kafka is the embedded one, and not somebody's. */
    boolean ownsKafka() {
        return ownKafka;
    }

    static Topics topics(StreamForgeConfig config) {
        return new Topics(
                config.kafka().inputTopic(),
                config.kafka().dlqTopic(),
                config.kafka().parkingTopic(),
                Topics.DEFAULT_PARTITIONS,
                config.maxEventBytes());
    }

    /** The password that a person needs for psql, where it is this Postgres's and no secret. */
    Optional<String> password() {
        return postgres == null ? Optional.empty() : Optional.of(PostgresProcess.NAME);
    }

    /** Which service has ended on its own, where one has. */
    Optional<String> ended() {
        if (kafka != null && !kafka.isAlive()) {
            return Optional.of("Kafka ended; log/kafka.log in the data directory tells why");
        }
        if (postgres != null && !postgres.isAlive()) {
            return Optional.of("Postgres ended; log/postgres.log in the data directory tells why");
        }
        return Optional.empty();
    }

    /** Stops those that were started or adopted; harmless the second time. */
    @Override
    public void close() throws IOException, InterruptedException {
        if (postgres != null) {
            postgres.stop();
            postgres = null;
        }
        if (kafka != null) {
            kafka.stop();
            kafka = null;
        }
    }
}
