package io.streamforge.local;

import io.streamforge.event.RejectionReason;

/**
 * One generated message and what it is.
 *
 * @param kind what the pipeline should make of it
 * @param reason why it is to be refused if it is {@link Kind#INVALID}, else null
 * @param key the user's id in UTF-8
 * @param value the event in JSON, or null for a tombstone, which is one of the invalid ones
 */
public record GeneratedEvent(Kind kind, RejectionReason reason, byte[] key, byte[] value) {

    /** What a generated message is. */
    public enum Kind {
        /** A valid event with an {@code event_id} of its own. */
        ORIGINAL,
        /** An original once more, byte for byte. */
        COPY,
        /** A valid event with the {@code event_id} of an original, earlier or later than it. */
        CORRECTION,
        /** It breaks exactly one rule of the input contract. */
        INVALID
    }
}
