package io.streamforge.ops;

import io.streamforge.config.KafkaConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Whether Kafka can be reached and has the topics, each partition with a leader; and how many
 * messages lie behind the committed offsets, which is the lag as long as no job reads.
 */
final class KafkaMonitor extends Monitor {

    private static final String CHECK = "kafka";

    private final KafkaConfig kafka;
    private Admin admin;
    private volatile Long uncommitted;

    KafkaMonitor(KafkaConfig kafka) {
        super(CHECK, CHECK);
        this.kafka = kafka;
    }

    /** Messages behind the committed offsets, where Kafka tells. */
    OptionalLong uncommitted() {
        Long count = uncommitted;
        return count == null ? OptionalLong.empty() : OptionalLong.of(count);
    }

    @Override
    List<Finding> look() throws InterruptedException {
        uncommitted = null;
        try {
            if (admin == null) {
                admin = Admin.create(client());
            }
            return List.of(ask());
        } catch (KafkaException e) {
            return List.of(Finding.bad(CHECK, "cannot connect: " + rootMessage(e)));
        } catch (TimeoutException e) {
            return List.of(Finding.bad(CHECK, "no answer from " + kafka.brokers()));
        }
    }

    private Finding ask() throws InterruptedException, TimeoutException {
        List<String> topics = List.of(kafka.inputTopic(), kafka.dlqTopic(), kafka.parkingTopic());
        Map<String, KafkaFuture<TopicDescription>> described =
                admin.describeTopics(topics).topicNameValues();
        TopicDescription input = null;
        for (String topic : topics) {
            try {
                TopicDescription description = get(described.get(topic));
                for (TopicPartitionInfo partition : description.partitions()) {
                    if (partition.leader() == null || partition.leader().isEmpty()) {
                        return Finding.bad(
                                CHECK,
                                topic
                                        + "-"
                                        + partition.partition()
                                        + " has no leader: it cannot"
                                        + " be read or written");
                    }
                }
                input = input == null ? description : input;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    return Finding.bad(CHECK, "the topic " + topic + " is missing: create it");
                }
                return Finding.bad(
                        CHECK, "no answer from " + kafka.brokers() + ": " + rootMessage(e));
            }
        }
        try {
            uncommitted = countUncommitted(input);
        } catch (ExecutionException e) {
            return Finding.bad(CHECK, "offsets cannot be looked up: " + rootMessage(e));
        }
        return Finding.ok(CHECK, "reachable, with all topics");
    }

    private long countUncommitted(TopicDescription input)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        Map<TopicPartition, OffsetSpec> begins = new HashMap<>();
        for (TopicPartitionInfo partition : input.partitions()) {
            TopicPartition of = new TopicPartition(input.name(), partition.partition());
            ends.put(of, OffsetSpec.latest());
            begins.put(of, OffsetSpec.earliest());
        }
        Map<TopicPartition, ListOffsetsResultInfo> end = get(admin.listOffsets(ends).all());
        Map<TopicPartition, ListOffsetsResultInfo> begin = get(admin.listOffsets(begins).all());
        Map<TopicPartition, OffsetAndMetadata> committed =
                get(
                        admin.listConsumerGroupOffsets(kafka.groupId())
                                .partitionsToOffsetAndMetadata());
        long sum = 0;
        for (TopicPartition partition : ends.keySet()) {
            OffsetAndMetadata position = committed.get(partition);
            long from = position == null ? begin.get(partition).offset() : position.offset();
            sum += Math.max(0, end.get(partition).offset() - from);
        }
        return sum;
    }

    private static <T> T get(KafkaFuture<T> answer)
            throws ExecutionException, InterruptedException, TimeoutException {
        return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Properties client() {
        Properties client = kafka.clientProperties(PATIENCE);
        String patience = Long.toString(PATIENCE.toMillis());
        client.setProperty(AdminClientConfig.CLIENT_ID_CONFIG, "streamforge-ops");
        client.setProperty(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, patience);
        // A broker that is back is to be noticed at once.
        client.setProperty(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, "500");
        client.setProperty(AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        return client;
    }

    private static String rootMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }

    @Override
    void release() {
        if (admin != null) {
            admin.close(PATIENCE);
        }
    }
}
