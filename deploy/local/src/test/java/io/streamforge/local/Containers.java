package io.streamforge.local;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * Kafka and Postgres in containers, of the images that docker-compose.yml has. They end with the
 * JVM: Testcontainers sees to that.
 */
final class Containers {

    static final String KAFKA = "apache/kafka:4.1.1";
    static final String POSTGRES = "postgres:17-alpine";

    private Containers() {}

    /** Starts a broker; its settings are those of {@link KafkaProcess} that tests rely on. */
    static KafkaContainer kafka() {
        KafkaContainer kafka =
                new KafkaContainer(KAFKA)
                        .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                        .withEnv("KAFKA_LOG_RETENTION_MS", "-1")
                        .withEnv("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "1")
                        .withEnv("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "1");
        kafka.start();
        return kafka;
    }

    static PostgresServer postgres() {
        return new Postgres();
    }

    private static final class Postgres implements PostgresServer {

        private final PostgreSQLContainer container =
                new PostgreSQLContainer(POSTGRES)
                        .withUsername(PostgresCluster.ADMIN)
                        .withDatabaseName(PostgresCluster.ADMIN);

        Postgres() {
            container.start();
        }

        @Override
        public String jdbcUrl(String database) {
            return "jdbc:postgresql://%s:%d/%s"
                    .formatted(
                            container.getHost(),
                            container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                            database);
        }

        @Override
        public Connection adminConnection(String database) throws SQLException {
            return DriverManager.getConnection(
                    jdbcUrl(database), container.getUsername(), container.getPassword());
        }
    }
}
