package io.streamforge.sink;

import io.streamforge.config.KafkaConfig;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * How large a message each dead-letter topic takes, in bytes, asked of the broker once when the job
 * is composed.
 */
public final class TopicLimits implements Serializable {

    private static final long serialVersionUID = 1L;

    /**
     * Bytes by which a dead-letter topic's limit should exceed MAX_EVENT_BYTES: for the key, the
     * original's headers and those of the dead letter.
     */
    public static final int HEADROOM_BYTES = 64 << 10;

    /** The added headers take up to 8 KiB, and something of the original has to fit as well. */
    private static final int SMALLEST_USEFUL = 16 << 10;

    private final HashMap<String, Integer> maxMessageBytes;

    /**
     * @param maxMessageBytes bytes, by topic
     * @throws IllegalStateException where a topic takes less than a dead letter needs
     */
    public TopicLimits(Map<String, Integer> maxMessageBytes) {
        maxMessageBytes.forEach(
                (topic, limit) -> {
                    if (limit < SMALLEST_USEFUL) {
                        throw new IllegalStateException(
                                "topic %s takes messages of at most %d bytes, too few for a dead"
                                                .formatted(topic, limit)
                                        + " letter: set max.message.bytes to at least "
                                        + SMALLEST_USEFUL);
                    }
                });
        this.maxMessageBytes = new HashMap<>(maxMessageBytes);
    }

    /**
     * Reads {@code max.message.bytes} of the dead-letter and the parking topic.
     *
     * @throws IllegalStateException where a topic is missing, may not be described, or is compacted
     *     (dead letters with equal keys would delete each other), or takes too small messages
     */
    public static TopicLimits describe(Admin admin, KafkaConfig kafka) throws InterruptedException {
        List<ConfigResource> topics =
                List.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, kafka.dlqTopic()),
                        new ConfigResource(ConfigResource.Type.TOPIC, kafka.parkingTopic()));
        Map<String, Integer> limits = new HashMap<>();
        try {
            Map<ConfigResource, Config> configs = admin.describeConfigs(topics).all().get();
            for (Map.Entry<ConfigResource, Config> entry : configs.entrySet()) {
                String topic = entry.getKey().name();
                Config config = entry.getValue();
                String cleanup = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
                if (cleanup.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
                    throw new IllegalStateException(
                            "topic %s is compacted: dead letters with equal keys would delete each"
                                            .formatted(topic)
                                    + " other. Set cleanup.policy=delete on it.");
                }
                limits.put(
                        topic,
                        Integer.parseInt(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()));
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "cannot describe the topics %s and %s: %s. Create them, and allow this user to"
                                    .formatted(
                                            kafka.dlqTopic(),
                                            kafka.parkingTopic(),
                                            e.getCause().getMessage())
                            + " describe their configuration.",
                    e.getCause());
        }
        return new TopicLimits(limits);
    }

    int maxMessageBytes(String topic) {
        return maxMessageBytes.get(topic);
    }

    int smallest() {
        return maxMessageBytes.values().stream().mapToInt(Integer::intValue).min().orElseThrow();
    }

    int largest() {
        return maxMessageBytes.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    }
}
