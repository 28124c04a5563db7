package io.streamforge.bench.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.UUID;

/** Reads an event with what everybody has: Jackson's databind, {@code java.time}, {@code UUID}. */
public final class PlainParser {

    private final ObjectReader reader = new ObjectMapper().readerFor(PlainEvent.class);

    /** The message's fields as they are spelled, and no more. */
    public PlainEvent bind(byte[] value) throws IOException {
        return reader.readValue(value);
    }

    /**
     * The event in normal form.
     *
     * @throws IOException for what is no JSON
     * @throws java.time.DateTimeException for what is no time
     * @throws IllegalArgumentException for what is no UUID or type
     * @throws NullPointerException for a field that is missing
     */
    public PlainEvent parse(byte[] value) throws IOException {
        PlainEvent event = bind(value);
        event.event_id = uuid(event.event_id);
        event.user_id = uuid(event.user_id);
        event.event_type = event.event_type.toUpperCase(Locale.ROOT);
        event.occurredAt = micros(event.occurred_at);
        switch (event.event_type) {
            case "VIEW", "CLICK", "PURCHASE" -> {}
            default -> throw new IllegalArgumentException("type");
        }
        return event;
    }

    /** A UUID in lower case. */
    private static String uuid(String text) {
        return UUID.fromString(text).toString();
    }

    /** A time with its offset in microseconds since the epoch. */
    public static long micros(String text) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, OffsetDateTime.parse(text).toInstant());
    }
}
