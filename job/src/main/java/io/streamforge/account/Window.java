package io.streamforge.account;

import java.util.Map;

/**
 * The part of the input topic that the account is about: for each partition the offsets from the
 * topic's beginning to the group's commit. What lies outside is either not consumed yet or no
 * longer in the topic.
 */
record Window(Map<Integer, Range> partitions) {

    /**
     * Consecutive offsets.
     *
     * @param start the first one
     * @param end the first one after them
     */
    record Range(long start, long end) {

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
