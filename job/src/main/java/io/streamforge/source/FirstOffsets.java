package io.streamforge.source;

import io.streamforge.config.KafkaConfig.OffsetReset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a start without state begins: at the group's committed offsets, and for a partition without
 * one where {@code KAFKA_AUTO_OFFSET_RESET} says.
 *
 * <p>Flink's own {@code committedOffsets(EARLIEST)} also becomes the consumer's {@code
 * auto.offset.reset}, so that a committed offset which retention has passed jumps silently. This
 * one gives {@code none} at fetch time, and {@link GapRefusingSource} says what is lost.
 */
final class FirstOffsets implements OffsetsInitializer {

    private static final long serialVersionUID = 1L;

    private final OffsetReset fallback;

    FirstOffsets(OffsetReset fallback) {
        this.fallback = fallback;
    }

    /**
     * @throws IllegalStateException where a partition has no committed offset and the fallback is
     *     none
     */
    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        Map<TopicPartition, Long> first = new HashMap<>(fallbackOffsets(partitions, retriever));
        Map<TopicPartition, Long> committed = retriever.committedOffsets(partitions);
        for (TopicPartition partition : partitions) {
            Long offset = committed.get(partition);
            if (offset != null) {
                first.put(partition, offset);
            } else if (!first.containsKey(partition)) {
                throw new IllegalStateException(
                        partition
                                + " has no committed offset and KAFKA_AUTO_OFFSET_RESET is none;"
                                + " set it to earliest or latest for a first start.");
            }
        }
        return first;
    }

    private Map<TopicPartition, Long> fallbackOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        return switch (fallback) {
            case EARLIEST -> retriever.beginningOffsets(partitions);
            case LATEST -> retriever.endOffsets(partitions);
            case NONE -> Map.of();
        };
    }

    /** The connector's interface still speaks the consumer's deprecated enum. */
    @Override
    @SuppressWarnings("deprecation")
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
        return OffsetResetStrategy.NONE;
    }
}
