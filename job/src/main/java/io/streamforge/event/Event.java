package io.streamforge.event;

/**
 * A valid event in normal form: what both stores hold.
 *
 * @param eventId which event it is
 * @param eventType the kind of event
 * @param occurredAtMicros microseconds since 1970-01-01T00:00:00Z, truncated once, before the sinks
 *     fork; negative before 1970
 * @param userId whose event it is
 * @param amountCents 0 … 2^63-1, or null
 * @param path begins with {@code /}, or null
 * @param referrer trimmed, or null
 * @param processedAtMicros when it was validated, microseconds since the epoch
 * @param raw the message it came from
 */
public record Event(
        Uuid eventId,
        EventType eventType,
        long occurredAtMicros,
        Uuid userId,
        Long amountCents,
        String path,
        String referrer,
        long processedAtMicros,
        RawEvent raw) {

    /**
     * The order that decides which of two messages with one {@code event_id} wins, greatest last:
     * {@code (occurred_at, src_partition, src_offset)}. The upsert's guard uses the same order.
     */
    public boolean supersedes(Event other) {
        int byTime = Long.compare(occurredAtMicros, other.occurredAtMicros);
        if (byTime != 0) {
            return byTime > 0;
        }
        int byPartition = Integer.compare(raw.partition(), other.raw.partition());
        return byPartition != 0 ? byPartition > 0 : raw.offset() > other.raw.offset();
    }
}
