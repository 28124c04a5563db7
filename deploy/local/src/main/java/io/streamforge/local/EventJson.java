package io.streamforge.local;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A JSON object in the making: its members in order, each value a JSON text already. */
final class EventJson {

    private final Map<String, String> members = new LinkedHashMap<>();

    /** Adds a member, or gives it another value. */
    EventJson with(String name, String jsonText) {
        members.put(name, jsonText);
        return this;
    }

    /** Adds a string member, or gives it another value; for text that needs no escapes. */
    EventJson withString(String name, String text) {
        return with(name, '"' + text + '"');
    }

    EventJson without(String name) {
        members.remove(name);
        return this;
    }

    byte[] bytes() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The object, without white space. */
    @Override
    public String toString() {
        StringBuilder json = new StringBuilder(320);
        char separator = '{';
        for (Map.Entry<String, String> member : members.entrySet()) {
            json.append(separator).append('"').append(member.getKey()).append("\":");
            json.append(member.getValue());
            separator = ',';
        }
        return json.append('}').toString();
    }
}
