package io.streamforge.account;

import io.streamforge.event.RawEvent;
import java.nio.ByteBuffer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Messages that a {@link TopicReader} gives, as the job sees them. */
public final class Messages {

    private Messages() {}

    /** The message with copies of its bytes. */
    public static RawEvent raw(ConsumerRecord<ByteBuffer, ByteBuffer> message) {
        return RawEvent.of(message, bytes(message.key()), bytes(message.value()));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
