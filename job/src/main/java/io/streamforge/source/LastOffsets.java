package io.streamforge.source;

import io.streamforge.config.ReadUntil;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a bounded run ends: the first offset of each partition that is not read. They are looked up
 * once, when the run starts, and are part of its checkpoints; Flink's own {@code latest()} would
 * move on with every restart.
 */
final class LastOffsets implements OffsetsInitializer {

    private static final long serialVersionUID = 1L;

    private final ReadUntil until;

    LastOffsets(ReadUntil until) {
        this.until = until;
    }

    /**
     * @throws IllegalStateException where offsets are given, but not for every partition
     */
    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        if (until instanceof ReadUntil.Offsets offsets) {
            return partitions.stream()
                    .collect(Collectors.toMap(p -> p, p -> given(offsets.byPartition(), p)));
        }
        Map<TopicPartition, Long> last = new HashMap<>(retriever.endOffsets(partitions));
        if (until instanceof ReadUntil.Time time) {
            long millis = time.time().toEpochMilli();
            Map<TopicPartition, OffsetAndTimestamp> found =
                    retriever.offsetsForTimes(
                            partitions.stream().collect(Collectors.toMap(p -> p, p -> millis)));
            // A partition without a message of that time or later is read to its end.
            found.forEach(
                    (partition, first) -> {
                        if (first != null) {
                            last.put(partition, first.offset());
                        }
                    });
        }
        return last;
    }

    private static long given(Map<Integer, Long> offsets, TopicPartition partition) {
        Long offset = offsets.get(partition.partition());
        if (offset == null) {
            throw new IllegalStateException(
                    "KAFKA_READ_UNTIL has no offset for "
                            + partition
                            + "; name every partition, 0 for one that is not to be read");
        }
        return offset;
    }

    /** Not asked for where a source ends. */
    @Override
    @SuppressWarnings("deprecation")
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
        return OffsetResetStrategy.NONE;
    }
}
