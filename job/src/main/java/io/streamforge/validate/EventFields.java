package io.streamforge.validate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Uuid;
import io.streamforge.event.Violation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The fields of one message while it is read: their normal forms and the rules they break.
 * Thread-confined, and used again for the next message after {@link #clear}.
 *
 * <p>A field breaks one rule at most, so there is one place for a violation per field, and the
 * order of the fields is the order of the report.
 */
final class EventFields {

    private static final Field[] FIELDS = Field.values();
    private static final int LONGEST_AMOUNT = Long.toString(Long.MAX_VALUE).length();
    private static final EventType[] EVENT_TYPES = EventType.values();

    private final Utf8Text message;
    private final Rfc3339 times = new Rfc3339();

    private final Violation[] violations = new Violation[FIELDS.length];
    private boolean broken;

    private Uuid eventId;
    private EventType eventType;
    private long occurredAtMicros;
    private Uuid userId;
    private Long amountCents;
    private String path;
    private String referrer;

    /**
     * @param message the text that the values come from
     */
    EventFields(Utf8Text message) {
        this.message = message;
    }

    /** Forgets the message before. */
    void clear() {
        if (broken) {
            Arrays.fill(violations, null);
            broken = false;
        }
        eventId = null;
        eventType = null;
        occurredAtMicros = Rfc3339.INVALID;
        userId = null;
        amountCents = null;
        path = null;
        referrer = null;
    }

    /**
     * Takes the field's value, the parser's current token. Null is the same as an absent field.
     *
     * @throws IOException if the value is not well-formed JSON
     */
    void read(Field field, JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (field == Field.AMOUNT_CENTS) {
            readAmount(json, token);
        } else if (token == JsonToken.VALUE_STRING) {
            readText(field, json);
        } else {
            refuse(json, field, RejectionReason.WRONG_TYPE, "a string", JsonTypes.name(token));
        }
    }

    private void readText(Field field, JsonParser json) throws IOException {
        char[] text = json.getTextCharacters();
        int offset = json.getTextOffset();
        int length = json.getTextLength();
        switch (field) {
            case EVENT_ID -> eventId = readUuid(field, json, text, offset, length);
            case USER_ID -> userId = readUuid(field, json, text, offset, length);
            case EVENT_TYPE -> readEventType(json, text, offset, length);
            case OCCURRED_AT -> readTime(json, text, offset, length);
            case PATH -> {
                if (isStorable(field, json, text, offset, length)) {
                    path = FreeText.path(text, offset, length);
                }
            }
            case REFERRER -> {
                if (isStorable(field, json, text, offset, length)) {
                    referrer = FreeText.referrer(text, offset, length);
                }
            }
            case AMOUNT_CENTS -> throw new IllegalArgumentException("an amount is not a text");
        }
    }

    private Uuid readUuid(Field field, JsonParser json, char[] text, int offset, int length) {
        Uuid uuid = CanonicalUuid.parse(text, offset, length);
        if (uuid == null) {
            refuse(
                    json,
                    field,
                    RejectionReason.INVALID_UUID,
                    "a UUID of 8-4-4-4-12 hexadecimal digits",
                    CanonicalUuid.problem(text, offset, length));
        }
        return uuid;
    }

    private void readEventType(JsonParser json, char[] text, int offset, int length) {
        for (EventType type : EVENT_TYPES) {
            if (equalsIgnoringAsciiCase(type.name(), text, offset, length)) {
                eventType = type;
                return;
            }
        }
        refuse(
                json,
                Field.EVENT_TYPE,
                RejectionReason.UNKNOWN_EVENT_TYPE,
                "CLICK, VIEW or PURCHASE",
                "another text of " + length + " characters");
    }

    /** Only a to z have another case here: neither U+017F nor U+0131 is an s or an i. */
    private static boolean equalsIgnoringAsciiCase(
            String upperCase, char[] text, int offset, int length) {
        if (upperCase.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text[offset + i];
            if (c >= 'a' && c <= 'z') {
                c -= 'a' - 'A';
            }
            if (c != upperCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void readTime(JsonParser json, char[] text, int offset, int length) {
        occurredAtMicros = times.parse(text, offset, length);
        if (occurredAtMicros == Rfc3339.INVALID) {
            refuse(
                    json,
                    Field.OCCURRED_AT,
                    RejectionReason.INVALID_TIMESTAMP,
                    "an RFC 3339 date-time such as 2024-01-15T10:30:00.123456Z",
                    times.problem());
        }
    }

    private boolean isStorable(Field field, JsonParser json, char[] text, int offset, int length) {
        if (FreeText.isUnstorable(text, offset, length)) {
            refuse(
                    json,
                    field,
                    RejectionReason.INVALID_TEXT,
                    "text without U+0000 and lone surrogates",
                    "one of them");
            return false;
        }
        return true;
    }

    private void readAmount(JsonParser json, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_NUMBER_INT) {
            String found =
                    token == JsonToken.VALUE_NUMBER_FLOAT
                            ? "a number with a fraction or an exponent"
                            : JsonTypes.name(token);
            refuse(json, Field.AMOUNT_CENTS, RejectionReason.WRONG_TYPE, "a JSON integer", found);
            return;
        }
        // The digits are read here, since a number may have a million of them.
        char[] text = json.getTextCharacters();
        int at = json.getTextOffset();
        int end = at + json.getTextLength();
        boolean negative = text[at] == '-';
        if (negative) {
            at++;
        }
        int digits = end - at;
        long amount = digits > LONGEST_AMOUNT ? -1 : 0;
        for (; at < end && amount >= 0; at++) {
            // Of 19 digits, those that do not fit turn negative at the last one: none reaches 2^64.
            amount = amount * 10 + (text[at] - '0');
        }
        if (amount < 0 || negative && amount != 0) {
            refuse(
                    json,
                    Field.AMOUNT_CENTS,
                    RejectionReason.AMOUNT_OUT_OF_RANGE,
                    "0 to 9223372036854775807",
                    negative ? "a negative integer" : "an integer of " + digits + " digits");
            return;
        }
        amountCents = amount;
    }

    /** The event, or all the rules that its fields break. */
    ParseResult result(RawEvent raw, long processedAtMicros) {
        require(Field.EVENT_ID, eventId != null, "required");
        require(Field.EVENT_TYPE, eventType != null, "required");
        require(Field.OCCURRED_AT, occurredAtMicros != Rfc3339.INVALID, "required");
        require(Field.USER_ID, userId != null, "required");
        if (eventType == EventType.PURCHASE) {
            require(Field.AMOUNT_CENTS, amountCents != null, "required for a PURCHASE");
        }
        if (!broken) {
            return new ParseResult.Accepted(
                    new Event(
                            eventId,
                            eventType,
                            occurredAtMicros,
                            userId,
                            amountCents,
                            path,
                            referrer,
                            processedAtMicros,
                            raw));
        }
        List<Violation> report = new ArrayList<>(FIELDS.length);
        for (Violation violation : violations) {
            if (violation != null) {
                report.add(violation);
            }
        }
        return new ParseResult.Rejected(report);
    }

    private void require(Field field, boolean present, String rule) {
        if (!present && violations[field.ordinal()] == null) {
            refuse(field, RejectionReason.MISSING_FIELD, rule + ", but absent or null");
        }
    }

    private void refuse(
            JsonParser json, Field field, RejectionReason reason, String expected, String found) {
        String at = message.at(json.currentTokenLocation());
        refuse(field, reason, "expected " + expected + ", found " + found + at);
    }

    private void refuse(Field field, RejectionReason reason, String detail) {
        violations[field.ordinal()] = new Violation(reason, field.wireName(), detail);
        broken = true;
    }
}
