package io.streamforge.validate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Violation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The contract by example: every line of {@code golden/input.ndjson} is a message, whose offset is
 * the line's number from 1, and comes out in {@code golden/events.ndjson} or in {@code
 * golden/dead-letters.ndjson}, exactly as it stands there. The limit is 2048 bytes here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoldenEventsTest {

    private static final int MAX_BYTES = 2048;

    private final ObjectMapper mapper = new ObjectMapper();
    private final List<String> events = new ArrayList<>();
    private final List<String> deadLetters = new ArrayList<>();
    private final Set<RejectionReason> reasons = EnumSet.noneOf(RejectionReason.class);

    @BeforeAll
    void parseTheInput() throws IOException {
        EventParser parser = new EventParser(MAX_BYTES);
        long offset = 0;
        for (String line : lines("input.ndjson")) {
            offset++;
            RawEvent raw =
                    new RawEvent(
                            null,
                            line.getBytes(StandardCharsets.UTF_8),
                            List.of(),
                            "events.input.v1",
                            0,
                            offset,
                            0);
            ParseResult result = parser.parse(raw, 0);
            if (result instanceof ParseResult.Accepted accepted) {
                events.add(json(accepted.event()));
            } else if (result instanceof ParseResult.Rejected rejected) {
                deadLetters.add(json(offset, rejected.violations()));
                rejected.violations().forEach(violation -> reasons.add(violation.reason()));
            }
        }
    }

    @Test
    void theEventsAreThoseOfTheGoldenFile() throws IOException {
        assertThat(events).containsExactlyElementsOf(lines("events.ndjson"));
    }

    @Test
    void theDeadLettersAreThoseOfTheGoldenFile() throws IOException {
        assertThat(deadLetters).containsExactlyElementsOf(lines("dead-letters.ndjson"));
    }

    @Test
    void everyReasonOfDecodingAndValidationOccurs() {
        assertThat(reasons)
                .containsExactlyInAnyOrderElementsOf(
                        EnumSet.complementOf(EnumSet.of(RejectionReason.REJECTED_BY_DATABASE)));
    }

    private String json(Event event) throws JsonProcessingException {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("offset", event.raw().offset());
        row.put("event_id", event.eventId().toString());
        row.put("event_type", event.eventType());
        row.put("occurred_at_micros", event.occurredAtMicros());
        row.put("user_id", event.userId().toString());
        row.put("amount_cents", event.amountCents());
        row.put("path", event.path());
        row.put("referrer", event.referrer());
        return mapper.writeValueAsString(row);
    }

    private String json(long offset, List<Violation> violations) throws JsonProcessingException {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("offset", offset);
        row.put("violations", violations);
        return mapper.writeValueAsString(row);
    }

    /** Split at line feeds only, so that an empty line is a message of zero bytes. */
    private static List<String> lines(String name) throws IOException {
        try (InputStream file = GoldenEventsTest.class.getResourceAsStream("/golden/" + name)) {
            assertThat(file).as(name).isNotNull();
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(text).as("the last line ends too").endsWith("\n");
            return List.of(text.substring(0, text.length() - 1).split("\n", -1));
        }
    }
}
