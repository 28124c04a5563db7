package io.streamforge.compact;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.streamforge.event.Event;
import io.streamforge.event.Uuid;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Tells whether two sets of files have the same rows, in whatever order: their number, and the sum
 * of a hash of each. A sum and no exclusive or, so that rows that are there twice don't cancel.
 */
final class RowChecksum {

    private final MessageDigest sha256;
    private long rows;
    private long high;
    private long low;

    RowChecksum() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    void add(Event event) {
        rows++;
        uuid(event.eventId());
        text(event.eventType().name());
        number(event.occurredAtMicros());
        uuid(event.userId());
        number(event.amountCents() == null ? -1 : event.amountCents());
        text(event.path());
        text(event.referrer());
        number(event.processedAtMicros());
        number(event.raw().partition());
        number(event.raw().offset());
        ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
        high += hash.getLong();
        low += hash.getLong();
    }

    private void uuid(Uuid uuid) {
        number(uuid.high());
        number(uuid.low());
    }

    private void text(String text) {
        if (text == null) {
            number(-1);
        } else {
            byte[] bytes = text.getBytes(UTF_8);
            number(bytes.length);
            sha256.update(bytes);
        }
    }

    private void number(long number) {
        sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
    }

    long rows() {
        return rows;
    }

    boolean matches(RowChecksum other) {
        return rows == other.rows && high == other.high && low == other.low;
    }

    @Override
    public String toString() {
        return "%d rows %016x%016x".formatted(rows, high, low);
    }
}
