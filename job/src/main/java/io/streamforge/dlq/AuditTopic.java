package io.streamforge.dlq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.streamforge.account.DeadLetterCoordinates;
import io.streamforge.account.OffsetSet;
import io.streamforge.account.TopicReader;
import io.streamforge.account.UnknownTopicException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topic that remembers what was replayed: one record a dead letter, keyed by its source
 * coordinates ({@code topic-partition@offset}) and compacted, so that it keeps the last one of each
 * for ever. A tombstone makes Kafka, and so the next replay, forget it.
 */
final class AuditTopic {

    private static final Duration KNOWN_TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern KEY = Pattern.compile("(.+)-([0-9]{1,9})@([0-9]{1,18})");

    private final String name;

    AuditTopic(String name) {
        this.name = name;
    }

    static String key(DeadLetterCoordinates source) {
        return source.topic() + "-" + source.partition() + "@" + source.offset();
    }

    /**
     * Creates it where it is missing, and waits until the broker knows it.
     *
     * @throws IllegalStateException where it would forget by itself
     */
    void require(Admin admin) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + KNOWN_TIMEOUT.toNanos();
        boolean created = false;
        while (true) {
            try {
                requireCompacted(admin);
                return;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            if (!created) {
                create(admin);
                created = true;
            }
            Thread.sleep(50);
        }
    }

    private void create(Admin admin) throws ExecutionException, InterruptedException {
        Map<String, String> compacted =
                Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        try {
            admin.createTopics(
                            List.of(
                                    new NewTopic(name, Optional.of(1), Optional.empty())
                                            .configs(compacted)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private void requireCompacted(Admin admin) throws ExecutionException, InterruptedException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        String policy =
                admin.describeConfigs(List.of(topic))
                        .all()
                        .get()
                        .get(topic)
                        .get(TopicConfig.CLEANUP_POLICY_CONFIG)
                        .value();
        if (!policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            throw new IllegalStateException(
                    "topic "
                            + name
                            + " has cleanup.policy="
                            + policy
                            + " and would forget what was replayed: set it to compact");
        }
    }

    /** The coordinates of this topic's messages that were replayed; none if it does not exist. */
    OffsetSet replayed(TopicReader reader, String sourceTopic) {
        OffsetSet replayed = new OffsetSet();
        try {
            reader.readAll(
                    name,
                    record -> {
                        Matcher key = KEY.matcher(text(record.key()));
                        if (key.matches() && key.group(1).equals(sourceTopic)) {
                            int partition = Integer.parseInt(key.group(2));
                            long offset = Long.parseLong(key.group(3));
                            if (record.value() == null) {
                                replayed.remove(partition, offset);
                            } else {
                                replayed.add(partition, offset);
                            }
                        }
                    });
        } catch (UnknownTopicException e) {
            // Nothing was replayed yet; it is created where something will be.
        }
        return replayed;
    }

    private static String text(ByteBuffer bytes) {
        return bytes == null ? "" : UTF_8.decode(bytes.duplicate()).toString();
    }
}
