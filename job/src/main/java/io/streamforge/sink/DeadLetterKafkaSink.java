package io.streamforge.sink;

import io.streamforge.config.KafkaConfig;
import io.streamforge.event.DeadLetter;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Dead letters to Kafka. At least once: flushed before every checkpoint; repeats after a restart
 * carry the same source coordinates, by which a reader removes them. While the topic cannot be
 * written, checkpoints don't complete and no offset is committed.
 */
public final class DeadLetterKafkaSink {

    /**
     * What waits to be sent, in one subtask; a larger record needs more. A quarter of Kafka's
     * default: where all messages are invalid, as much as there is room for waits, and it lives too
     * long for the young generation.
     */
    private static final long BUFFER_BYTES = 8 << 20;

    /** Some 200 dead letters; Kafka's default of 16 KiB makes a request of every 25. */
    private static final int BATCH_BYTES = 128 << 10;

    private DeadLetterKafkaSink() {}

    /**
     * @param maxAttempts a message refused this often goes to the parking topic
     * @param version of StreamForge, for the header
     */
    public static KafkaSink<DeadLetter> create(
            KafkaConfig kafka, TopicLimits limits, int maxAttempts, String version) {
        Properties properties = kafka.clientProperties();
        properties.setProperty(ProducerConfig.ACKS_CONFIG, "all");
        properties.setProperty(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        // Without it nearly every dead letter is a request of its own. A checkpoint does not wait.
        properties.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "50");
        // To the broker a batch is a message, with the same limit.
        properties.putIfAbsent(
                ProducerConfig.BATCH_SIZE_CONFIG,
                Integer.toString(Math.min(BATCH_BYTES, limits.smallest())));
        // What fits the topic must also fit the producer; compression is no help, since the
        // producer compares the size before it.
        long largest = limits.largest() + 1024L;
        properties.setProperty(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Long.toString(Math.min(largest, Integer.MAX_VALUE)));
        properties.setProperty(
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                Long.toString(Math.max(BUFFER_BYTES, largest)));
        return KafkaSink.<DeadLetter>builder()
                .setBootstrapServers(kafka.brokers())
                .setKafkaProducerConfig(properties)
                // The builder's own default is NONE.
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(
                        new DeadLetterSerializationSchema(
                                kafka.dlqTopic(),
                                kafka.parkingTopic(),
                                maxAttempts,
                                limits,
                                version))
                .build();
    }
}
