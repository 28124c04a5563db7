package io.streamforge.event;

/**
 * The names of the headers that a dead letter adds to the original's. They are a contract: tools
 * and replays read them. Values are UTF-8 text.
 */
public final class DeadLetterHeaders {

    /** Every name below begins with this; an input header that does is replaced, never copied. */
    public static final String PREFIX = "streamforge.";

    /** A {@link RejectionReason}. */
    public static final String REASON = PREFIX + "reason";

    /** A {@link RejectionReason.Stage}'s wire name. */
    public static final String STAGE = PREFIX + "stage";

    /** The field of the first violation; absent where it concerns the whole message. */
    public static final String FIELD = PREFIX + "field";

    /** All violations, one a line; never the payload. */
    public static final String DETAIL = PREFIX + "detail";

    /** The database's SQLSTATE; stage {@code store} only. */
    public static final String SQLSTATE = PREFIX + "sqlstate";

    /** The violated constraint; stage {@code store} only, where the database names one. */
    public static final String CONSTRAINT = PREFIX + "constraint";

    public static final String SOURCE_TOPIC = PREFIX + "source.topic";
    public static final String SOURCE_PARTITION = PREFIX + "source.partition";
    public static final String SOURCE_OFFSET = PREFIX + "source.offset";

    /** Kafka's timestamp of the original, milliseconds since the epoch. */
    public static final String SOURCE_TIMESTAMP = PREFIX + "source.timestamp";

    /** When the message was refused, RFC 3339 in UTC. */
    public static final String FAILED_AT = PREFIX + "failed.at";

    /** How often this message has been refused, from 1; the only header that a replay keeps. */
    public static final String ATTEMPT = PREFIX + "attempt";

    /** The version of StreamForge that refused it. */
    public static final String VERSION = PREFIX + "version";

    /** {@code true} where the value was cut to fit the topic; absent otherwise. */
    public static final String TRUNCATED = PREFIX + "truncated";

    /** The original value's size in bytes; only with {@link #TRUNCATED}. */
    public static final String ORIGINAL_SIZE = PREFIX + "original.size";

    /** The original value's SHA-256, hexadecimal; only with {@link #TRUNCATED}. */
    public static final String ORIGINAL_SHA256 = PREFIX + "original.sha256";

    private DeadLetterHeaders() {}
}
