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

    /** Kafka's own default; a larger record needs more. */
    private static final long BUFFER_BYTES = 32 << 20;

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
