package io.streamforge.local;

import io.streamforge.config.KafkaConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Tells whether everything in the input topic is behind the committed offsets: whether a consumer
 * that begins there is given nothing more. Offsets alone don't tell, since transaction markers and
 * aborted messages have offsets and are never given.
 */
public final class InputDrain implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KafkaConfig kafka;
    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;

    public InputDrain(KafkaConfig kafka) {
        this.kafka = kafka;
        this.admin = Admin.create(kafka.clientProperties());
        this.consumer = consumer(kafka);
    }

    public boolean isEmpty() throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions =
                consumer.partitionsFor(kafka.inputTopic()).stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        committed().entrySet().stream()
                .filter(entry -> partitions.contains(entry.getKey()))
                .forEach(entry -> consumer.seek(entry.getKey(), entry.getValue().offset()));
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ends.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (!consumer.poll(POLL).isEmpty() || System.nanoTime() >= deadline) {
                return false;
            }
        }
        return true;
    }

    private Map<TopicPartition, OffsetAndMetadata> committed()
            throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(kafka.groupId())
                .partitionsToOffsetAndMetadata()
                .get();
    }

    @Override
    public void close() {
        consumer.close();
        admin.close();
    }

    private static KafkaConsumer<byte[], byte[]> consumer(KafkaConfig kafka) {
        Properties properties = kafka.clientProperties();
        properties.setProperty(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, kafka.isolationLevel().wireName());
        properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
