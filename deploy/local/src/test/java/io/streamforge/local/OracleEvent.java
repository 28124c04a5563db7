package io.streamforge.local;

import java.time.LocalDate;

/**
 * A valid message in normal form, as the oracle expects it in the stores.
 *
 * @param occurredAtMicros microseconds since the epoch
 */
public record OracleEvent(
        String eventId,
        String eventType,
        long occurredAtMicros,
        String userId,
        Long amountCents,
        String path,
        String referrer,
        int partition,
        long offset) {

    public String coordinates() {
        return partition + "@" + offset;
    }

    /** The UTC date, as the archive's directories are named. */
    String date() {
        return LocalDate.ofEpochDay(Math.floorDiv(occurredAtMicros, 86_400_000_000L)).toString();
    }

    /** Whether this one wins against another message with the same {@code event_id}. */
    boolean beats(OracleEvent other) {
        if (occurredAtMicros != other.occurredAtMicros) {
            return occurredAtMicros > other.occurredAtMicros;
        }
        if (partition != other.partition) {
            return partition > other.partition;
        }
        return offset > other.offset;
    }
}
