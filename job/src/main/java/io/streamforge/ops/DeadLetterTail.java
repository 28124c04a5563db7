package io.streamforge.ops;

import io.streamforge.config.KafkaConfig;
import io.streamforge.event.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The latest dead letters, from their topic: why and where, never what. Read only while somebody
 * looks at the page.
 */
final class DeadLetterTail extends OnDemandMonitor {

    private static final int KEPT = 8;
    private static final int LONGEST_TEXT = 200;

    /**
     * One dead letter by its headers; each may be missing, the topic is anybody's.
     *
     * @param source {@code topic-partition@offset} of the original
     * @param failedAt RFC 3339
     */
    record Line(
            String reason,
            String stage,
            String field,
            String detail,
            String source,
            String failedAt) {}

    private final KafkaConfig kafka;
    private KafkaConsumer<byte[], byte[]> consumer;
    private Map<TopicPartition, Long> endsBefore = Map.of();
    private volatile List<Line> latest = List.of();

    DeadLetterTail(KafkaConfig kafka) {
        super("dead letters");
        this.kafka = kafka;
    }

    /** The newest first. */
    List<Line> latest() {
        want();
        return latest;
    }

    @Override
    void read() {
        try {
            if (consumer == null) {
                consumer = new KafkaConsumer<>(client());
            }
            List<TopicPartition> partitions =
                    consumer.partitionsFor(kafka.dlqTopic()).stream()
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            if (!ends.equals(endsBefore)) {
                latest = lastOf(partitions, ends);
                endsBefore = ends;
            }
        } catch (KafkaException e) {
            // The check named kafka says so; what was read before is still the latest.
            release();
        }
    }

    private List<Line> lastOf(List<TopicPartition> partitions, Map<TopicPartition, Long> ends) {
        consumer.assign(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, Math.max(begins.get(partition), ends.get(partition) - KEPT));
        }
        List<Line> lines = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline
                && partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
            consumer.poll(PATIENCE.dividedBy(10)).forEach(record -> lines.add(line(record)));
        }
        lines.sort(Comparator.comparing(Line::failedAt).reversed());
        return List.copyOf(lines.subList(0, Math.min(KEPT, lines.size())));
    }

    private static Line line(ConsumerRecord<byte[], byte[]> letter) {
        return new Line(
                text(letter, DeadLetterHeaders.REASON),
                text(letter, DeadLetterHeaders.STAGE),
                text(letter, DeadLetterHeaders.FIELD),
                text(letter, DeadLetterHeaders.DETAIL).lines().findFirst().orElse(""),
                text(letter, DeadLetterHeaders.SOURCE_TOPIC)
                        + "-"
                        + text(letter, DeadLetterHeaders.SOURCE_PARTITION)
                        + "@"
                        + text(letter, DeadLetterHeaders.SOURCE_OFFSET),
                text(letter, DeadLetterHeaders.FAILED_AT));
    }

    private static String text(ConsumerRecord<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader(name);
        if (header == null || header.value() == null) {
            return "";
        }
        String text = new String(header.value(), StandardCharsets.UTF_8);
        return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
    }

    private Properties client() {
        Properties client = kafka.clientProperties();
        client.setProperty(ConsumerConfig.CLIENT_ID_CONFIG, "streamforge-ops-dlq");
        client.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        client.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        // Asking for a topic that is missing would make it, where the broker allows that.
        client.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        client.setProperty(
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis()));
        client.setProperty(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "65536");
        client.setProperty(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, "262144");
        client.setProperty(ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        String deserializer = ByteArrayDeserializer.class.getName();
        client.setProperty(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, deserializer);
        client.setProperty(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, deserializer);
        return client;
    }

    @Override
    void release() {
        if (consumer != null) {
            consumer.close(CloseOptions.timeout(PATIENCE));
            consumer = null;
            endsBefore = Map.of();
        }
    }
}
