package io.streamforge.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.streamforge.event.DeadLetter;
import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RawHeader;
import io.streamforge.event.Violation;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;

/**
 * A dead letter as a Kafka record: key, value and headers of the original byte for byte, so that it
 * can be produced back unchanged, and {@link DeadLetterHeaders} added.
 *
 * <p>What would not fit the topic is cut here, before sending: the broker's refusal would arrive
 * asynchronously and fail the job for ever. A message that has been refused {@code maxAttempts}
 * times goes to the parking topic, so that a replay loop ends. No class of Flink's is needed, so
 * that a dry run shows what the job would write.
 */
public final class DeadLetterFormat implements Serializable {

    private static final long serialVersionUID = 1L;

    /** UTF-8 bytes; with the other headers well below the contract's 8 KiB together. */
    private static final int MAX_DETAIL_BYTES = 4096;

    private static final int MAX_NAME_BYTES = 256;

    private final String dlqTopic;
    private final String parkingTopic;
    private final int maxAttempts;
    private final TopicLimits limits;
    private final String version;

    /**
     * @param maxAttempts a message refused this often goes to the parking topic
     * @param limits of the two topics
     * @param version of StreamForge, for the header
     */
    public DeadLetterFormat(
            String dlqTopic,
            String parkingTopic,
            int maxAttempts,
            TopicLimits limits,
            String version) {
        this.dlqTopic = dlqTopic;
        this.parkingTopic = parkingTopic;
        this.maxAttempts = maxAttempts;
        this.limits = limits;
        this.version = version;
    }

    /** The record to send, its topic chosen and its size within that topic's limit. */
    public ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        RawEvent raw = letter.raw();
        int attempt = previousAttempts(raw) + 1;
        String topic = attempt >= maxAttempts ? parkingTopic : dlqTopic;
        List<Header> headers = new ArrayList<>(raw.headers().size() + 16);
        for (RawHeader header : raw.headers()) {
            if (!header.key().startsWith(DeadLetterHeaders.PREFIX)) {
                headers.add(new RecordHeader(header.key(), header.value()));
            }
        }
        addReason(headers, letter);
        add(headers, DeadLetterHeaders.SOURCE_TOPIC, raw.topic());
        add(headers, DeadLetterHeaders.SOURCE_PARTITION, Integer.toString(raw.partition()));
        add(headers, DeadLetterHeaders.SOURCE_OFFSET, Long.toString(raw.offset()));
        add(headers, DeadLetterHeaders.SOURCE_TIMESTAMP, Long.toString(raw.timestamp()));
        add(
                headers,
                DeadLetterHeaders.FAILED_AT,
                Instant.ofEpochMilli(letter.failedAtMillis()).toString());
        add(headers, DeadLetterHeaders.ATTEMPT, Integer.toString(attempt));
        add(headers, DeadLetterHeaders.VERSION, version);
        return fitting(topic, raw.key(), raw.value(), headers);
    }

    private static void addReason(List<Header> headers, DeadLetter letter) {
        add(headers, DeadLetterHeaders.REASON, letter.reason().name());
        add(headers, DeadLetterHeaders.STAGE, letter.reason().stage().wireName());
        String field = letter.violations().get(0).field();
        if (field != null) {
            add(headers, DeadLetterHeaders.FIELD, field);
        }
        String detail =
                letter.violations().stream()
                        .map(Violation::toString)
                        .collect(Collectors.joining("\n"));
        headers.add(
                new RecordHeader(DeadLetterHeaders.DETAIL, boundedUtf8(detail, MAX_DETAIL_BYTES)));
        if (letter.sqlState() != null) {
            add(headers, DeadLetterHeaders.SQLSTATE, letter.sqlState());
        }
        if (letter.constraint() != null) {
            add(headers, DeadLetterHeaders.CONSTRAINT, letter.constraint());
        }
    }

    private static void add(List<Header> headers, String name, String value) {
        headers.add(new RecordHeader(name, boundedUtf8(value, MAX_NAME_BYTES)));
    }

    /** The text in UTF-8, cut at a character's border. */
    private static byte[] boundedUtf8(String text, int maxBytes) {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length <= maxBytes) {
            return bytes;
        }
        int end = maxBytes;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }

    /** The last {@code streamforge.attempt} on the input; anything unreadable counts as none. */
    private static int previousAttempts(RawEvent raw) {
        int attempts = 0;
        for (RawHeader header : raw.headers()) {
            if (header.key().equals(DeadLetterHeaders.ATTEMPT) && header.value() != null) {
                String text = new String(header.value(), UTF_8);
                attempts = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
            }
        }
        return attempts;
    }

    private ProducerRecord<byte[], byte[]> fitting(
            String topic, byte[] key, byte[] value, List<Header> headers) {
        int limit = limits.maxMessageBytes(topic);
        if (size(key, value, headers) <= limit) {
            return record(topic, key, value, headers);
        }
        byte[] original = value == null ? new byte[0] : value;
        List<Header> marked = new ArrayList<>(headers);
        add(marked, DeadLetterHeaders.TRUNCATED, "true");
        add(marked, DeadLetterHeaders.ORIGINAL_SIZE, Integer.toString(original.length));
        add(marked, DeadLetterHeaders.ORIGINAL_SHA256, sha256(original));
        byte[] keptKey = key;
        if (size(key, null, marked) > limit) {
            // The original's own headers or its key alone are over the limit: the coordinates are
            // worth more than they are.
            marked.removeIf(header -> !header.key().startsWith(DeadLetterHeaders.PREFIX));
            int room = limit - size(null, null, marked);
            keptKey = key == null ? null : Arrays.copyOf(key, Math.min(key.length, room / 2));
        }
        if (value == null) {
            return record(topic, keptKey, null, marked);
        }
        // A null value's length takes one byte, a real one's up to five.
        int room = limit - size(keptKey, null, marked) - 5;
        byte[] head = Arrays.copyOf(original, Math.max(0, Math.min(original.length, room)));
        return record(topic, keptKey, head, marked);
    }

    private static ProducerRecord<byte[], byte[]> record(
            String topic, byte[] key, byte[] value, List<Header> headers) {
        // Neither the original's partition (the topic may have fewer) nor its timestamp (retention
        // would count from it).
        return new ProducerRecord<>(topic, null, null, key, value, headers);
    }

    /** The same estimate that the producer and the broker compare with their limits. */
    private static int size(byte[] key, byte[] value, List<Header> headers) {
        return AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE,
                CompressionType.NONE,
                key,
                value,
                headers.toArray(new Header[0]));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
