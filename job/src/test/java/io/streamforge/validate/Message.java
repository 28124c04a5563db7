package io.streamforge.validate;

import io.streamforge.event.RawEvent;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A message that keeps the contract, to be broken in one place by a test. */
final class Message {

    static final String EVENT_ID = "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b";
    static final String USER_ID = "00000000-0000-0000-0000-00000000000a";

    private final Map<String, String> members = new LinkedHashMap<>();

    private Message() {
        with("event_id", quoted(EVENT_ID));
        with("event_type", quoted("PURCHASE"));
        with("occurred_at", quoted("2024-01-15T10:30:00.123456Z"));
        with("user_id", quoted(USER_ID));
        with("amount_cents", "1999");
        with("path", quoted("/cart"));
        with("referrer", quoted("https://example.com/"));
    }

    static Message valid() {
        return new Message();
    }

    /** Sets a member to a JSON text, which may be any text. */
    Message with(String name, String json) {
        members.put(name, json);
        return this;
    }

    /** Sets a member to a string; the text may hold escapes. */
    Message withText(String name, String text) {
        return with(name, quoted(text));
    }

    Message without(String name) {
        members.remove(name);
        return this;
    }

    String json() {
        StringBuilder json = new StringBuilder("{");
        members.forEach(
                (name, value) -> {
                    if (json.length() > 1) {
                        json.append(',');
                    }
                    json.append(quoted(name)).append(':').append(value);
                });
        return json.append('}').toString();
    }

    RawEvent raw() {
        return raw(json());
    }

    static RawEvent raw(String text) {
        return raw(text.getBytes(StandardCharsets.UTF_8));
    }

    static RawEvent raw(byte[] value) {
        return new RawEvent(null, value, List.of(), "events.input.v1", 3, 42, 1_700_000_000_000L);
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
