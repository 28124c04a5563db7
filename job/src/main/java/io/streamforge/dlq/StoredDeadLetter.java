package io.streamforge.dlq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.streamforge.account.DeadLetterCoordinates;
import io.streamforge.account.Messages;
import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RawHeader;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * A record of the dead-letter or the parking topic. Anybody may write there, so every header of the
 * contract may be absent or wrong.
 */
public final class StoredDeadLetter {

    private final ConsumerRecord<ByteBuffer, ByteBuffer> record;

    public StoredDeadLetter(ConsumerRecord<ByteBuffer, ByteBuffer> record) {
        this.record = record;
    }

    /** The topic that it is in. */
    public String topic() {
        return record.topic();
    }

    /** Its partition there. */
    public int partition() {
        return record.partition();
    }

    /** Its offset there. */
    public long offset() {
        return record.offset();
    }

    /** The value's bytes as stored, which may have been cut; 0 for none. */
    public int size() {
        return record.value() == null ? 0 : record.value().remaining();
    }

    /** One of the {@link DeadLetterHeaders} as text. */
    public Optional<String> header(String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    /** Where the original is, if the headers tell. */
    public Optional<DeadLetterCoordinates> source() {
        try {
            return Optional.of(DeadLetterCoordinates.of(record.headers()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** When it was refused; where the header does not tell, when it was written. */
    public Instant failedAt() {
        try {
            Optional<String> text = header(DeadLetterHeaders.FAILED_AT);
            if (text.isPresent()) {
                return Instant.parse(text.get());
            }
        } catch (DateTimeException e) {
            // Not of the job's making.
        }
        return Instant.ofEpochMilli(record.timestamp());
    }

    /** Whether its value, key or headers were cut to fit the topic. */
    public boolean isTruncated() {
        return header(DeadLetterHeaders.TRUNCATED).isPresent();
    }

    /** The record as it is stored. */
    public RawEvent raw() {
        return Messages.raw(record);
    }

    /** The headers that a replay sends: the original's, and the count of attempts. */
    public static List<RawHeader> replayed(List<RawHeader> original, StoredDeadLetter letter) {
        List<RawHeader> kept =
                original.stream()
                        .filter(header -> !header.key().startsWith(DeadLetterHeaders.PREFIX))
                        .collect(Collectors.toCollection(ArrayList::new));
        Header attempt = letter.record.headers().lastHeader(DeadLetterHeaders.ATTEMPT);
        if (attempt != null) {
            kept.add(new RawHeader(attempt.key(), attempt.value()));
        }
        return kept;
    }
}
