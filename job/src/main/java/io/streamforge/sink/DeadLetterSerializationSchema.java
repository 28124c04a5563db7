package io.streamforge.sink;

import io.streamforge.event.DeadLetter;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Dead letters for Kafka's sink, in the {@link DeadLetterFormat}. */
final class DeadLetterSerializationSchema implements KafkaRecordSerializationSchema<DeadLetter> {

    private static final long serialVersionUID = 1L;

    private final DeadLetterFormat format;

    DeadLetterSerializationSchema(
            String dlqTopic,
            String parkingTopic,
            int maxAttempts,
            TopicLimits limits,
            String version) {
        format = new DeadLetterFormat(dlqTopic, parkingTopic, maxAttempts, limits, version);
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            DeadLetter letter, KafkaSinkContext context, Long timestamp) {
        return format.record(letter);
    }
}
