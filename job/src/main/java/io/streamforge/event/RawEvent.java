package io.streamforge.event;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

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

    /**
     * The message that a consumer returned.
     *
     * @param record its key and value are not looked at
     * @param key the key's bytes, or null
     * @param value the value's bytes, or null
     */
    public static RawEvent of(ConsumerRecord<?, ?> record, byte[] key, byte[] value) {
        return new RawEvent(
                key,
                value,
                headersOf(record),
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp());
    }

    private static List<RawHeader> headersOf(ConsumerRecord<?, ?> record) {
        Header[] headers = record.headers().toArray();
        if (headers.length == 0) {
            return List.of();
        }
        List<RawHeader> copy = new ArrayList<>(headers.length);
        for (Header header : headers) {
            copy.add(new RawHeader(header.key(), header.value()));
        }
        return copy;
    }

    /** {@code topic-partition@offset}, the form in which logs and errors name a message. */
    public String coordinates() {
        return topic + "-" + partition + "@" + offset;
    }
}
