package io.streamforge.validate;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;

/** The contract's fields, in the order of its table; every other field is ignored. */
enum Field {
    EVENT_ID("event_id"),
    EVENT_TYPE("event_type"),
    OCCURRED_AT("occurred_at"),
    USER_ID("user_id"),
    AMOUNT_CENTS("amount_cents"),
    PATH("path"),
    REFERRER("referrer");

    private final String wireName;
    private final SerializableString jsonName;

    Field(String wireName) {
        this.wireName = wireName;
        this.jsonName = new SerializedString(wireName);
    }

    /** The name in the message. */
    String wireName() {
        return wireName;
    }

    /** The same, as Jackson compares it with what it reads. */
    SerializableString jsonName() {
        return jsonName;
    }

    /** The field of this exact name, or null for one outside the contract. */
    static Field named(String name) {
        return switch (name) {
            case "event_id" -> EVENT_ID;
            case "event_type" -> EVENT_TYPE;
            case "occurred_at" -> OCCURRED_AT;
            case "user_id" -> USER_ID;
            case "amount_cents" -> AMOUNT_CENTS;
            case "path" -> PATH;
            case "referrer" -> REFERRER;
            default -> null;
        };
    }
}
