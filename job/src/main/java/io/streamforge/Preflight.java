package io.streamforge;

import io.streamforge.config.KafkaConfig;
import io.streamforge.config.ReadUntil;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.sink.PostgresConnections;
import io.streamforge.sink.TopicLimits;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits at a start until Kafka has the topics and Postgres has the table, with one line every few
 * seconds that says what is missing, for at most {@code START_TIMEOUT}.
 */
final class Preflight {

    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

    private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(5);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private Preflight() {}

    private interface Check<T> {
        /** Answers, or throws what is missing. */
        T attempt() throws ExecutionException, SQLException, InterruptedException;
    }

    /**
     * @return the dead-letter topics' limits, which the sink needs
     * @throws UnreachableException after START_TIMEOUT
     * @throws IllegalStateException where a topic is configured so that dead letters could get
     *     lost, or where KAFKA_READ_UNTIL leaves a partition out
     */
    static TopicLimits await(StreamForgeConfig config) throws InterruptedException {
        long deadline = System.nanoTime() + config.startTimeout().toNanos();
        KafkaConfig kafka = config.kafka();
        Duration timeout = config.startTimeout();
        Properties client =
                kafka.clientProperties(
                        timeout.compareTo(LONGEST_ATTEMPT) < 0 ? timeout : LONGEST_ATTEMPT);
        TopicLimits limits =
                attemptUntil(
                        deadline,
                        "Kafka at " + kafka.brokers(),
                        () -> {
                            try (Admin admin = Admin.create(client)) {
                                TopicDescription input = findTopics(admin, kafka);
                                requireOffsets(config.readUntil(), input);
                                return TopicLimits.describe(admin, kafka);
                            }
                        });
        attemptUntil(deadline, "Postgres at " + config.postgres().url(), () -> findTable(config));
        return limits;
    }

    /** Returns the input topic. */
    private static TopicDescription findTopics(Admin admin, KafkaConfig kafka)
            throws ExecutionException, InterruptedException {
        List<String> topics = List.of(kafka.inputTopic(), kafka.dlqTopic(), kafka.parkingTopic());
        Map<String, KafkaFuture<TopicDescription>> found =
                admin.describeTopics(topics).topicNameValues();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic : found.entrySet()) {
            try {
                topic.getValue().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    throw new ExecutionException(
                            new UnknownTopicOrPartitionException(
                                    "the topic " + topic.getKey() + " is missing: create it"));
                }
                throw e;
            }
        }
        return found.get(kafka.inputTopic()).get();
    }

    private static void requireOffsets(ReadUntil until, TopicDescription input) {
        if (until instanceof ReadUntil.Offsets offsets) {
            List<Integer> missing =
                    input.partitions().stream()
                            .map(TopicPartitionInfo::partition)
                            .filter(partition -> !offsets.byPartition().containsKey(partition))
                            .toList();
            if (!missing.isEmpty()) {
                throw new IllegalStateException(
                        "KAFKA_READ_UNTIL has no offset for the partitions %s of %s; name every one,"
                                        .formatted(missing, input.name())
                                + " with 0 where nothing is to be read");
            }
        }
    }

    private static Void findTable(StreamForgeConfig config) throws SQLException {
        try (Connection connection = PostgresConnections.open(config.postgres());
                Statement statement = connection.createStatement();
                ResultSet table =
                        statement.executeQuery("SELECT to_regclass('events_normalized')")) {
            table.next();
            if (table.getString(1) == null) {
                throw new SQLException(
                        "the table events_normalized is missing: run the migrate command");
            }
            return null;
        }
    }

    /** Kafka's "Failed to create new KafkaAdminClient" has the unknown host as its cause. */
    private static Throwable rootCause(Throwable failure) {
        return failure instanceof KafkaException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }

    private static <T> T attemptUntil(long deadline, String what, Check<T> check)
            throws InterruptedException {
        long nextLine = System.nanoTime();
        while (true) {
            Throwable missing;
            try {
                return check.attempt();
            } catch (ExecutionException e) {
                missing = e.getCause();
            } catch (SQLException | KafkaException e) {
                missing = rootCause(e);
            }
            long now = System.nanoTime();
            if (now >= deadline) {
                throw new UnreachableException(
                        what + " is not ready, gave up (START_TIMEOUT): " + missing.getMessage(),
                        missing);
            }
            if (now >= nextLine) {
                LOG.warn("waiting for {}: {}", what, missing.getMessage());
                nextLine = now + BETWEEN_LINES.toNanos();
            }
            Thread.sleep(BETWEEN_ATTEMPTS.toMillis());
        }
    }
}
