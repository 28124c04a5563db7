package io.streamforge.account;

import io.streamforge.event.RejectionReason.Stage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Adds up {@link PartitionCounts}. Dead letters may repeat, so of them it keeps the coordinates.
 */
final class CountsByPartition {

    private final Map<Integer, Long> consumed = new TreeMap<>();
    private final Map<Integer, Long> parquetRows = new TreeMap<>();
    private final Map<Integer, Long> tableRows = new TreeMap<>();
    private final OffsetSet rejected = new OffsetSet();
    private final OffsetSet refused = new OffsetSet();

    void consumed(int partition) {
        consumed.merge(partition, 1L, Long::sum);
    }

    void archived(int partition) {
        parquetRows.merge(partition, 1L, Long::sum);
    }

    void row(int partition) {
        tableRows.merge(partition, 1L, Long::sum);
    }

    /** One without coordinates, which is none of the job's, counts nothing. */
    void deadLetter(ConsumerRecord<?, ?> message, String inputTopic, Window window) {
        try {
            DeadLetterCoordinates source = DeadLetterCoordinates.of(message.headers());
            if (source.topic().equals(inputTopic)
                    && window.contains(source.partition(), source.offset())) {
                (source.stage() == Stage.STORE ? refused : rejected)
                        .add(source.partition(), source.offset());
            }
        } catch (IllegalArgumentException e) {
            return;
        }
    }

    List<PartitionCounts> list(Window window) {
        return window.numbers().stream()
                .map(
                        partition ->
                                new PartitionCounts(
                                        partition,
                                        consumed.getOrDefault(partition, 0L),
                                        parquetRows.getOrDefault(partition, 0L),
                                        rejected.size(partition),
                                        refused.size(partition),
                                        tableRows.getOrDefault(partition, 0L)))
                .toList();
    }
}
