package io.streamforge.config;

import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Where events come from and where dead letters go.
 *
 * @param brokers {@code host:port}, several separated by commas
 * @param groupId consumer group under which offsets are committed
 * @param inputTopic the topic of events
 * @param dlqTopic the topic of dead letters, never the input topic
 * @param parkingTopic where a message goes after its last attempt, neither of the other two
 * @param auditTopic where a replay notes which dead letters it has sent, none of the other three
 * @param autoOffsetReset where a first start without committed offsets begins
 * @param isolationLevel whether messages of open and aborted transactions are read
 * @param properties further client properties by their Kafka names; holds no secret, only Kafka's
 *     {@code ${provider:…}} references to them
 */
public record KafkaConfig(
        String brokers,
        String groupId,
        String inputTopic,
        String dlqTopic,
        String parkingTopic,
        String auditTopic,
        OffsetReset autoOffsetReset,
        IsolationLevel isolationLevel,
        Map<String, String> properties)
        implements Serializable {

    /** Where to begin when the group has no committed offset. */
    public enum OffsetReset {
        EARLIEST,
        LATEST,
        NONE;

        /** Kafka's spelling. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Which messages of a transactional producer are read. */
    public enum IsolationLevel {
        READ_COMMITTED,
        READ_UNCOMMITTED;

        /** Kafka's spelling. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public KafkaConfig {
        properties = Collections.unmodifiableMap(new TreeMap<>(properties));
    }

    /** What every Kafka client needs: {@code bootstrap.servers} and {@link #properties}. */
    public Properties clientProperties() {
        Properties client = new Properties();
        client.putAll(properties);
        client.setProperty("bootstrap.servers", brokers);
        return client;
    }

    /** The same for a client whose every question fails where it has no answer by then. */
    public Properties clientProperties(Duration patience) {
        Properties client = clientProperties();
        String millis = Long.toString(patience.toMillis());
        client.setProperty("request.timeout.ms", millis);
        client.setProperty("default.api.timeout.ms", millis);
        return client;
    }
}
