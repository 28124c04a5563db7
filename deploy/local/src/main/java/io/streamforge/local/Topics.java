package io.streamforge.local;

import io.streamforge.sink.TopicLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topics of one pipeline. They keep their messages for ever, so that the account can be
 * computed from them at any time, and take a message of the greatest size that the job accepts with
 * room for the headers of a dead letter.
 *
 * @param input where events come in
 * @param deadLetters where refused messages go
 * @param parking where messages go that were refused too often
 * @param partitions of the first two; parking has one
 * @param maxEventBytes {@code MAX_EVENT_BYTES}
 */
public record Topics(
        String input, String deadLetters, String parking, int partitions, int maxEventBytes) {

    /** How many partitions the input has unless somebody asks for another number. */
    public static final int DEFAULT_PARTITIONS = 4;

    private static final Duration KNOWN_TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_EVENT_BYTES_LIMIT = Integer.MAX_VALUE - TopicLimits.HEADROOM_BYTES;

    public Topics {
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions must be at least 1: " + partitions);
        }
        if (maxEventBytes < 1 || maxEventBytes > MAX_EVENT_BYTES_LIMIT) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "maxEventBytes must be 1 to %d: %d",
                            MAX_EVENT_BYTES_LIMIT,
                            maxEventBytes));
        }
    }

    /**
     * Creates those that don't exist and waits until the broker knows all of them. A topic that
     * exists keeps its partitions and messages; where it takes only smaller messages, it is made to
     * take these.
     *
     * @throws IOException if Kafka refuses or cannot be reached
     */
    public void create(String bootstrapServers) throws IOException, InterruptedException {
        Map<String, Object> settings =
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        try (Admin admin = Admin.create(settings)) {
            List<NewTopic> topics =
                    List.of(
                            topic(input, partitions),
                            topic(deadLetters, partitions),
                            topic(parking, 1));
            List<String> existing = createMissing(admin, topics);
            awaitKnown(admin, topics.stream().map(NewTopic::name).toList());
            admitLargeMessages(admin, existing);
        } catch (ExecutionException | KafkaException e) {
            throw new IOException(
                    "Could not create the topics at " + bootstrapServers + ": " + e.getMessage(),
                    e);
        }
    }

    /** The greatest message, and batch of messages, that the topics take, in bytes. */
    public int maxMessageBytes() {
        return maxEventBytes + TopicLimits.HEADROOM_BYTES;
    }

    private NewTopic topic(String name, int partitions) {
        return new NewTopic(name, partitions, (short) 1)
                .configs(
                        Map.of(
                                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                Integer.toString(maxMessageBytes()),
                                TopicConfig.CLEANUP_POLICY_CONFIG,
                                TopicConfig.CLEANUP_POLICY_DELETE,
                                TopicConfig.RETENTION_MS_CONFIG,
                                "-1"));
    }

    /** Returns the names of those that exist already. */
    private static List<String> createMissing(Admin admin, List<NewTopic> topics)
            throws ExecutionException, InterruptedException {
        List<String> existing = new ArrayList<>();
        CreateTopicsResult result = admin.createTopics(topics);
        for (Map.Entry<String, KafkaFuture<Void>> entry : result.values().entrySet()) {
            try {
                entry.getValue().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
                existing.add(entry.getKey());
            }
        }
        return existing;
    }

    /** The controller creates them; the broker hears of it a moment later. */
    private static void awaitKnown(Admin admin, List<String> names)
            throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + KNOWN_TIMEOUT.toNanos();
        while (true) {
            try {
                admin.describeTopics(names).allTopicNames().get();
                return;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            Thread.sleep(20);
        }
    }

    private void admitLargeMessages(Admin admin, List<String> names)
            throws ExecutionException, InterruptedException {
        List<ConfigResource> resources =
                names.stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList();
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        Map<ConfigResource, Config> configs = admin.describeConfigs(resources).all().get();
        for (Map.Entry<ConfigResource, Config> entry : configs.entrySet()) {
            String limit = entry.getValue().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value();
            if (Integer.parseInt(limit) < maxMessageBytes()) {
                ConfigEntry wanted =
                        new ConfigEntry(
                                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                Integer.toString(maxMessageBytes()));
                changes.put(
                        entry.getKey(),
                        List.of(new AlterConfigOp(wanted, AlterConfigOp.OpType.SET)));
            }
        }
        if (!changes.isEmpty()) {
            admin.incrementalAlterConfigs(changes).all().get();
        }
    }
}
