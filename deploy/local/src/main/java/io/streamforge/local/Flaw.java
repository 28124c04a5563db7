package io.streamforge.local;

import static io.streamforge.event.RejectionReason.AMOUNT_OUT_OF_RANGE;
import static io.streamforge.event.RejectionReason.DUPLICATE_FIELD;
import static io.streamforge.event.RejectionReason.EMPTY_PAYLOAD;
import static io.streamforge.event.RejectionReason.INVALID_ENCODING;
import static io.streamforge.event.RejectionReason.INVALID_TEXT;
import static io.streamforge.event.RejectionReason.INVALID_TIMESTAMP;
import static io.streamforge.event.RejectionReason.INVALID_UUID;
import static io.streamforge.event.RejectionReason.MALFORMED_JSON;
import static io.streamforge.event.RejectionReason.MISSING_FIELD;
import static io.streamforge.event.RejectionReason.NOT_AN_OBJECT;
import static io.streamforge.event.RejectionReason.TOO_LARGE;
import static io.streamforge.event.RejectionReason.UNKNOWN_EVENT_TYPE;
import static io.streamforge.event.RejectionReason.WRONG_TYPE;

import io.streamforge.event.RejectionReason;
import java.nio.charset.StandardCharsets;

/**
 * One way to break the input contract, and no other rule with it. The first ones give each reason
 * but {@link RejectionReason#TOO_LARGE} once, so that even a short run shows them.
 */
enum Flaw {
    NO_BYTES(EMPTY_PAYLOAD, event -> new byte[0]),
    BROKEN_SEQUENCE(INVALID_ENCODING, event -> withBytesInPath(event, 0xC3, 0x28)),
    CUT_SHORT(MALFORMED_JSON, event -> utf8(event.toString().substring(0, 100))),
    IN_AN_ARRAY(NOT_AN_OBJECT, event -> utf8("[" + event + "]")),
    NAMED_TWICE(
            DUPLICATE_FIELD, event -> utf8("{\"path\":\"/a\"," + event.toString().substring(1))),
    NO_USER(MISSING_FIELD, event -> event.without("user_id").bytes()),
    AMOUNT_AS_STRING(WRONG_TYPE, event -> event.withString("amount_cents", "1099").bytes()),
    NO_HYPHENS(
            INVALID_UUID,
            event -> event.withString("user_id", "9d6f3c0e5b7a4f1e8c2d1a0b3c4d5e6f").bytes()),
    UNKNOWN_TYPE(UNKNOWN_EVENT_TYPE, event -> event.withString("event_type", "HOVER").bytes()),
    NO_SUCH_DAY(INVALID_TIMESTAMP, event -> withTime(event, "2026-02-30T12:00:00Z")),
    NEGATIVE_AMOUNT(AMOUNT_OUT_OF_RANGE, event -> event.with("amount_cents", "-1").bytes()),
    NUL(INVALID_TEXT, event -> event.withString("path", "/a\\u0000b").bytes()),

    TOMBSTONE(EMPTY_PAYLOAD, event -> null),
    OVERLONG_SLASH(INVALID_ENCODING, event -> withBytesInPath(event, 0xC0, 0xAF)),
    ENCODED_SURROGATE(INVALID_ENCODING, event -> withBytesInPath(event, 0xED, 0xA0, 0x80)),
    BYTE_ORDER_MARK(INVALID_ENCODING, event -> utf8("\uFEFF" + event)),
    UTF_16(INVALID_ENCODING, event -> event.toString().getBytes(StandardCharsets.UTF_16)),
    TRAILING_TOKEN(MALFORMED_JSON, event -> utf8(event + " x")),
    TWO_DOCUMENTS(MALFORMED_JSON, event -> utf8(event.toString() + event)),
    SINGLE_QUOTES(MALFORMED_JSON, event -> utf8(event.toString().replace('"', '\''))),
    NESTED_TOO_DEEP(
            MALFORMED_JSON,
            event -> event.with("context", "[".repeat(80) + "]".repeat(80)).bytes()),
    PLAIN_TEXT(MALFORMED_JSON, event -> utf8("GET /health HTTP/1.1")),
    JUST_NULL(NOT_AN_OBJECT, event -> utf8("null")),
    JUST_A_STRING(NOT_AN_OBJECT, event -> utf8("\"event\"")),
    NAMED_TWICE_BELOW(DUPLICATE_FIELD, event -> event.with("context", "{\"a\":1,\"a\":2}").bytes()),
    NO_ID(MISSING_FIELD, event -> event.without("event_id").bytes()),
    NULL_TYPE(MISSING_FIELD, event -> event.with("event_type", "null").bytes()),
    NULL_TIME(MISSING_FIELD, event -> event.with("occurred_at", "null").bytes()),
    PURCHASE_WITHOUT_AMOUNT(
            MISSING_FIELD,
            event ->
                    event.withString("event_type", "PURCHASE")
                            .with("amount_cents", "null")
                            .bytes()),
    FRACTION_OF_A_CENT(WRONG_TYPE, event -> event.with("amount_cents", "10.9").bytes()),
    EXPONENT(WRONG_TYPE, event -> event.with("amount_cents", "1e3").bytes()),
    AMOUNT_AS_BOOLEAN(WRONG_TYPE, event -> event.with("amount_cents", "true").bytes()),
    TIME_AS_NUMBER(WRONG_TYPE, event -> event.with("occurred_at", "1700000000").bytes()),
    PATH_AS_NUMBER(WRONG_TYPE, event -> event.with("path", "123").bytes()),
    REFERRER_AS_OBJECT(WRONG_TYPE, event -> event.with("referrer", "{}").bytes()),
    SHORT_UUID(INVALID_UUID, event -> event.withString("event_id", "1-1-1-1-1").bytes()),
    EMPTY_UUID(INVALID_UUID, event -> event.withString("user_id", "").bytes()),
    EMPTY_TYPE(UNKNOWN_EVENT_TYPE, event -> event.withString("event_type", "").bytes()),
    DOTTED_TYPE(UNKNOWN_EVENT_TYPE, event -> event.withString("event_type", "v\u0130ew").bytes()),
    SPACE_FOR_T(INVALID_TIMESTAMP, event -> withTime(event, "2026-01-31 12:00:00Z")),
    NO_OFFSET(INVALID_TIMESTAMP, event -> withTime(event, "2026-01-31T12:00:00")),
    HOUR_24(INVALID_TIMESTAMP, event -> withTime(event, "2026-01-31T24:00:00Z")),
    YEAR_0(INVALID_TIMESTAMP, event -> withTime(event, "0000-12-31T12:00:00Z")),
    AMOUNT_OF_2_TO_63(
            AMOUNT_OUT_OF_RANGE,
            event -> event.with("amount_cents", "9223372036854775808").bytes()),
    LONE_SURROGATE(
            INVALID_TEXT,
            event -> event.withString("referrer", "https://example.org/\\ud800").bytes());

    /** The members of an event that is to be spoilt, all of them present and valid. */
    private interface Spoiler {
        byte[] spoil(EventJson event);
    }

    private static final Flaw[] ALL = values();
    private static final int ONCE_EACH = TOMBSTONE.ordinal();
    private static final int OVERSIZED_PERIOD = 500;

    private final RejectionReason reason;
    private final Spoiler spoiler;

    Flaw(RejectionReason reason, Spoiler spoiler) {
        this.reason = reason;
        this.spoiler = spoiler;
    }

    /**
     * The n-th invalid message of a run. The flaws take turns; in between, rarely since it is so
     * big, comes a message that is too large and valid but for that.
     *
     * @param number from 0
     * @param event may be changed
     * @param key the message's key
     * @param maxEventBytes the greatest size that is valid
     */
    static GeneratedEvent spoil(long number, EventJson event, byte[] key, int maxEventBytes) {
        if (number % OVERSIZED_PERIOD == ONCE_EACH) {
            byte[] value = event.withString("path", "/" + "x".repeat(maxEventBytes)).bytes();
            return new GeneratedEvent(GeneratedEvent.Kind.INVALID, TOO_LARGE, key, value);
        }
        Flaw flaw = ALL[(int) (number % ALL.length)];
        return new GeneratedEvent(
                GeneratedEvent.Kind.INVALID, flaw.reason, key, flaw.spoiler.spoil(event));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] withTime(EventJson event, String occurredAt) {
        return event.withString("occurred_at", occurredAt).bytes();
    }

    /** The event with these bytes in place of its path, as they are. */
    private static byte[] withBytesInPath(EventJson event, int... bytes) {
        String latin1 = event.withString("path", "/").without("referrer").toString();
        StringBuilder text = new StringBuilder(latin1);
        int end = text.indexOf("\"path\":\"/") + "\"path\":\"/".length();
        for (int i = bytes.length - 1; i >= 0; i--) {
            text.insert(end, (char) bytes[i]);
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
