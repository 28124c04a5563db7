package io.streamforge.bench;

import java.util.Map;
import java.util.SortedMap;

/**
 * A count that only rises.
 *
 * @param counts by microseconds since the epoch
 */
record Curve(SortedMap<Long, Long> counts) {

    long total() {
        return counts.isEmpty() ? 0 : counts.get(counts.lastKey());
    }

    /** A part of the curve. */
    record Stretch(long fromMicros, long toMicros, long count) {

        double perSecond() {
            return count * 1e6 / (toMicros - fromMicros);
        }
    }

    /**
     * Between the moments at which so much and so much was reached.
     *
     * @throws IllegalStateException where that is one moment
     */
    Stretch between(long fromCount, long toCount) {
        Map.Entry<Long, Long> from = reached(fromCount);
        Map.Entry<Long, Long> to = reached(toCount);
        if (from.getKey() >= to.getKey()) {
            throw new IllegalStateException(
                    "too few events: nothing between " + fromCount + " and " + toCount);
        }
        return new Stretch(from.getKey(), to.getKey(), to.getValue() - from.getValue());
    }

    private Map.Entry<Long, Long> reached(long count) {
        return counts.entrySet().stream()
                .filter(point -> point.getValue() >= count)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("never reached: " + count));
    }
}
