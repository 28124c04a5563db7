package io.streamforge.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamforge.config.Setting;
import io.streamforge.local.EventFactory;
import io.streamforge.local.EventGenerator;
import io.streamforge.local.Eventually;
import io.streamforge.local.GeneratorOptions;
import io.streamforge.local.KafkaProcess;
import io.streamforge.local.LocalStack;
import io.streamforge.local.LoopbackPort;
import io.streamforge.local.Pipeline;
import io.streamforge.local.Topics;
import io.streamforge.sink.PostgresConnections;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job reads from Kafka by SASL_SSL and writes to Postgres with {@code sslmode=verify-full}, set
 * as in the overlay {@code tls} of the Kubernetes manifests. Servers that their certificate does
 * not name, and clients without the password, are refused.
 */
class EncryptedConnectionsITCase {

    private static final String USER = "encrypted";
    private static final String KAFKA_CANARY = "kafka-secret-1a9f03d7";
    private static final String POSTGRES_CANARY = "postgres-secret-77c2b1e4";
    private static final int EVENTS = 2_000;

    @TempDir static Path data;

    private static ServerCertificate certificate;
    private static KafkaProcess kafka;
    private static int securePort;

    @BeforeAll
    static void startServers() throws Exception {
        certificate = new ServerCertificate(data.resolve("certificates"));
        securePort = LoopbackPort.free();
        kafka = KafkaProcess.start(data.resolve("broker"), LoopbackPort.free(), secureListener());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            ScramCredentialInfo scram =
                    new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4_096);
            admin.alterUserScramCredentials(
                            List.of(new UserScramCredentialUpsertion(USER, scram, KAFKA_CANARY)))
                    .all()
                    .get();
        }
        administer(
                "postgres",
                "CREATE ROLE " + USER + " LOGIN PASSWORD '" + POSTGRES_CANARY + "'",
                "ALTER SYSTEM SET ssl_cert_file = '" + certificate.certificate() + "'",
                "ALTER SYSTEM SET ssl_key_file = '" + certificate.key() + "'",
                "ALTER SYSTEM SET ssl = on",
                "SELECT pg_reload_conf()");
    }

    @AfterAll
    static void stopServers() throws Exception {
        administer("postgres", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
        if (kafka != null) {
            kafka.stop();
        }
    }

    private static Map<String, String> secureListener() throws Exception {
        String listener = "listener.name.secure.";
        return Map.of(
                "listeners",
                "SECURE://localhost:" + securePort,
                "listener.security.protocol.map",
                "SECURE:SASL_SSL",
                listener + "ssl.keystore.type",
                "PKCS12",
                listener + "ssl.keystore.location",
                certificate.keyStore().toString(),
                listener + "ssl.keystore.password",
                ServerCertificate.PASSWORD,
                listener + "sasl.enabled.mechanisms",
                "SCRAM-SHA-512",
                listener + "scram-sha-512.sasl.jaas.config",
                ScramLoginModule.class.getName() + " required;");
    }

    @Test
    void readsAndWritesEncryptedAndShowsNoSecret() throws Exception {
        try (Pipeline pipeline = Pipeline.create("encrypted", data)) {
            encrypt(pipeline);
            administer(
                    pipeline.database(),
                    "GRANT SELECT, INSERT, UPDATE ON events_normalized TO " + USER);
            awaitEncryption(pipeline);
            generate(pipeline);

            pipeline.start(2);
            pipeline.awaitRows(EVENTS / 2);
            assertThat(encrypted(pipeline.database())).isNotEmpty().containsOnly(true);
            FlinkRest rest = new FlinkRest(pipeline.cluster().restAddress());
            String job = "/jobs/" + pipeline.cluster().jobId();
            for (String path : List.of(job + "/config", job + "/plan", "/config")) {
                assertNoSecretIn(rest.get(path));
            }
            assertThat(pipeline.finish().consumed()).isEqualTo(EVENTS);
            List<Path> states = states(Path.of(pipeline.config().checkpoints().dir()));
            assertThat(states).isNotEmpty();
            for (Path state : states) {
                assertNoSecretIn(Files.readString(state, StandardCharsets.ISO_8859_1));
            }
        }
    }

    @Test
    void refusesAServerThatItsCertificateDoesNotNameAndAWrongPassword() throws Exception {
        try (Pipeline pipeline = Pipeline.create("refused-servers", data)) {
            encrypt(pipeline);
            awaitEncryption(pipeline);
            assertThat(nodes(pipeline)).isEqualTo(1);

            String url = pipeline.config().postgres().url();
            pipeline.with(Setting.POSTGRES_URL, url.replace("localhost", "127.0.0.1"));
            assertThatThrownBy(() -> connect(pipeline)).hasMessageContaining("127.0.0.1");

            pipeline.with(Setting.KAFKA_BROKERS, "127.0.0.1:" + securePort);
            assertThatThrownBy(() -> nodes(pipeline))
                    .hasCauseInstanceOf(SslAuthenticationException.class);

            pipeline.with(Setting.KAFKA_BROKERS, "localhost:" + securePort);
            Files.writeString(data.resolve("kafka.properties"), "password=of-nobody");
            assertThatThrownBy(() -> nodes(pipeline))
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    private static void encrypt(Pipeline pipeline) throws Exception {
        Path secret =
                Files.writeString(data.resolve("kafka.properties"), "password=" + KAFKA_CANARY);
        String authority = certificate.authority().toString();
        pipeline.with(Setting.KAFKA_BROKERS, "localhost:" + securePort)
                .withKafkaProperty("security.protocol", "SASL_SSL")
                .withKafkaProperty("ssl.truststore.type", "PEM")
                .withKafkaProperty("ssl.truststore.location", authority)
                .withKafkaProperty("sasl.mechanism", "SCRAM-SHA-512")
                .withKafkaProperty(
                        "sasl.jaas.config",
                        "%s required username=\"%s\" password=\"${file:%s:password}\";"
                                .formatted(ScramLoginModule.class.getName(), USER, secret))
                .withKafkaProperty("config.providers", "file")
                .withKafkaProperty(
                        "config.providers.file.class", FileConfigProvider.class.getName());
        String url = LocalStack.postgres().jdbcUrl(pipeline.database());
        pipeline.with(
                        Setting.POSTGRES_URL,
                        url.replace("127.0.0.1", "localhost")
                                + "?sslmode=verify-full&sslrootcert="
                                + authority)
                .with(Setting.POSTGRES_USER, USER)
                .with(
                        Setting.POSTGRES_PASSWORD_FILE,
                        Files.writeString(data.resolve("secret"), POSTGRES_CANARY).toString());
    }

    private static void generate(Pipeline pipeline) throws IOException, InterruptedException {
        Topics topics =
                new Topics(
                        pipeline.input(),
                        pipeline.config().kafka().dlqTopic(),
                        pipeline.config().kafka().parkingTopic(),
                        Topics.DEFAULT_PARTITIONS,
                        Pipeline.MAX_EVENT_BYTES);
        topics.create(kafka.bootstrapServers());
        GeneratorOptions options = new GeneratorOptions(EVENTS, 0, 2, 5, 42);
        EventFactory events =
                new EventFactory(options, Pipeline.MAX_EVENT_BYTES, InstantSource.system());
        try (EventGenerator load =
                EventGenerator.generating(
                        kafka.bootstrapServers(),
                        pipeline.input(),
                        topics.maxMessageBytes(),
                        events,
                        options)) {
            load.start();
            load.await();
        }
    }

    /** The server takes the changed settings a moment later. */
    private static void awaitEncryption(Pipeline pipeline) throws Exception {
        Eventually.holds(
                "Postgres to encrypt",
                Pipeline.PATIENCE,
                () -> {
                    try {
                        connect(pipeline);
                        return true;
                    } catch (SQLException e) {
                        return false;
                    }
                });
    }

    private static void connect(Pipeline pipeline) throws SQLException {
        PostgresConnections.open(pipeline.config().postgres()).close();
    }

    private static int nodes(Pipeline pipeline) throws ExecutionException, InterruptedException {
        Properties client = pipeline.kafka();
        try (Admin admin = Admin.create(client)) {
            return admin.describeCluster().nodes().get().size();
        }
    }

    /** Of each connection that the job has to the database. */
    private static List<Boolean> encrypted(String database) throws SQLException {
        try (Connection admin = LocalStack.postgres().adminConnection(database);
                Statement statement = admin.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                                        + " WHERE usename = '"
                                        + USER
                                        + "'")) {
            Stream.Builder<Boolean> encrypted = Stream.builder();
            while (rows.next()) {
                encrypted.add(rows.getBoolean(1));
            }
            return encrypted.build().toList();
        }
    }

    private static void administer(String database, String... statements) throws SQLException {
        try (Connection admin = LocalStack.postgres().adminConnection(database);
                Statement statement = admin.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static List<Path> states(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.endsWith("_metadata")).toList();
        }
    }

    private static void assertNoSecretIn(String text) {
        assertThat(text.contains(KAFKA_CANARY) || text.contains(POSTGRES_CANARY))
                .as("a secret in %.200s", text)
                .isFalse();
    }
}
