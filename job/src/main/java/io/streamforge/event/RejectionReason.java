package io.streamforge.event;

/**
 * Why a message became a dead letter: a closed set. The names are the wire format of the {@code
 * streamforge.reason} header and of metric labels, so they are stable across releases.
 */
public enum RejectionReason {
    /** A null value or zero bytes. */
    EMPTY_PAYLOAD(Stage.DECODE),
    /** More bytes than {@code MAX_EVENT_BYTES}. */
    TOO_LARGE(Stage.DECODE),
    /** Not well-formed UTF-8, or a byte-order mark, or UTF-16. */
    INVALID_ENCODING(Stage.DECODE),
    /** Not exactly one JSON text (RFC 8259), or nested deeper than 64. */
    MALFORMED_JSON(Stage.DECODE),
    /** A JSON text, but not an object. */
    NOT_AN_OBJECT(Stage.DECODE),
    /** An object, at any depth, that names a member twice. */
    DUPLICATE_FIELD(Stage.DECODE),
    /** A required field that is absent or null. */
    MISSING_FIELD(Stage.VALIDATE),
    /** A field of another JSON type than the contract's; nothing is coerced. */
    WRONG_TYPE(Stage.VALIDATE),
    /** Not a canonical 8-4-4-4-12 hexadecimal UUID. */
    INVALID_UUID(Stage.VALIDATE),
    /** Not CLICK, VIEW or PURCHASE. */
    UNKNOWN_EVENT_TYPE(Stage.VALIDATE),
    /** Not an RFC 3339 date-time, or outside the years 0001 to 9999 UTC. */
    INVALID_TIMESTAMP(Stage.VALIDATE),
    /** An integer outside 0 … 2^63-1. */
    AMOUNT_OUT_OF_RANGE(Stage.VALIDATE),
    /** Text with U+0000 or a lone surrogate. */
    INVALID_TEXT(Stage.VALIDATE),
    /** Valid, but the database refused the row; see the SQLSTATE. */
    REJECTED_BY_DATABASE(Stage.STORE);

    /** The part of the pipeline that refused the message; wire names in lower case. */
    public enum Stage {
        DECODE("decode"),
        VALIDATE("validate"),
        STORE("store");

        private final String wireName;

        Stage(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }

    private final Stage stage;

    RejectionReason(Stage stage) {
        this.stage = stage;
    }

    /** The stage that gives this reason. */
    public Stage stage() {
        return stage;
    }
}
