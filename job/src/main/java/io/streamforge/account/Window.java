package io.streamforge.account;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of a topic: for each partition some consecutive offsets. For the account it is the offsets
 * from the topic's beginning to the group's commit; what lies outside is either not consumed yet or
 * no longer in the topic.
 */
public record Window(Map<Integer, Range> partitions) {

    /** Only what lies in both. */
    Window and(Window other) {
        Map<Integer, Range> both = new HashMap<>();
        partitions.forEach(
                (partition, range) -> {
                    Range others = other.partitions.get(partition);
                    if (others != null) {
                        long start = Math.max(range.start, others.start);
                        long end = Math.min(range.end, others.end);
                        both.put(partition, new Range(start, Math.max(start, end)));
                    }
                });
        return new Window(both);
    }

    /** Only this partition. */
    public Window ofPartition(int partition) {
        Range range = partitions.get(partition);
        return new Window(range == null ? Map.of() : Map.of(partition, range));
    }

    /** The partitions in order. */
    List<Integer> numbers() {
        return partitions.keySet().stream().sorted().toList();
    }

    /** How many offsets; of messages there may be fewer. */
    public long size() {
        return partitions.values().stream().mapToLong(range -> range.end - range.start).sum();
    }

    /**
     * Consecutive offsets.
     *
     * @param start the first one
     * @param end the first one after them
     */
    public record Range(long start, long end) {

        boolean isEmpty() {
            return end <= start;
        }

        boolean contains(long offset) {
            return start <= offset && offset < end;
        }
    }

    boolean contains(int partition, long offset) {
        Range range = partitions.get(partition);
        return range != null && range.contains(offset);
    }
}
