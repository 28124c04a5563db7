package io.streamforge.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * A message as it lies in a topic. Two with equal {@link #text()} are equal byte for byte.
 *
 * @param value null for a tombstone
 * @param headers those that are not ours, each as {@code name=hex}
 */
record OracleMessage(int partition, long offset, byte[] key, byte[] value, List<String> headers) {

    private static final String OURS = "streamforge.";

    static OracleMessage of(ConsumerRecord<byte[], byte[]> message) {
        List<String> headers = new ArrayList<>();
        for (Header header : message.headers()) {
            if (!header.key().startsWith(OURS)) {
                headers.add(header.key() + "=" + hex(header.value()));
            }
        }
        return new OracleMessage(
                message.partition(), message.offset(), message.key(), message.value(), headers);
    }

    String coordinates() {
        return partition + "@" + offset;
    }

    String text() {
        return "key=" + hex(key) + " value=" + hex(value) + " headers=" + headers;
    }

    /** A message of the topic's first partition, for tests without Kafka. */
    static OracleMessage of(long offset, String value) {
        return new OracleMessage(
                0, offset, null, value.getBytes(StandardCharsets.UTF_8), List.of());
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
    }
}
