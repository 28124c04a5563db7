package io.streamforge.event;

import java.util.List;

/**
 * One Kafka message as it was read: bytes untouched, with its coordinates. It travels with the
 * event to the sinks by reference, so that a row refused late can still be dead-lettered byte for
 * byte.
 *
 * @param key the message key, or null
 * @param value the message value, or null for a tombstone
 * @param headers in their original order, repeated keys included
 * @param topic the topic it was read from
 * @param partition its partition
 * @param offset its offset
 * @param timestamp Kafka's record timestamp in milliseconds since the epoch
 */
public record RawEvent(
        byte[] key,
        byte[] value,
        List<RawHeader> headers,
        String topic,
        int partition,
        long offset,
        long timestamp) {

    /** {@code topic-partition@offset}, the form in which logs and errors name a message. */
    public String coordinates() {
        return topic + "-" + partition + "@" + offset;
    }
}
