package io.streamforge.config;

/**
 * Every setting, declared once: its name is the environment variable and the program argument, and
 * the documentation is checked against this list.
 */
public enum Setting {
    KAFKA_BROKERS("list of host:port", "", "localhost:9092", "Kafka's bootstrap servers."),
    KAFKA_GROUP_ID("text", "", "streamforge", "Consumer group under which offsets are committed."),
    KAFKA_INPUT_TOPIC("topic", "", "events.input.v1", "Topic of events."),
    KAFKA_DLQ_TOPIC("topic", "", "events.dlq.v1", "Topic of dead letters, never the input topic."),
    KAFKA_PARKING_TOPIC(
            "topic", "", "events.parking.v1", "Topic of messages whose last attempt has failed."),
    KAFKA_AUDIT_TOPIC(
            "topic",
            "",
            "events.dlq.audit.v1",
            "Topic that remembers which dead letters were replayed."),
    KAFKA_AUTO_OFFSET_RESET(
            "earliest, latest or none",
            "",
            "earliest",
            "Where a first start without committed offsets begins."),
    KAFKA_ISOLATION_LEVEL(
            "read_committed or read_uncommitted",
            "",
            "read_committed",
            "Whether messages of open and aborted transactions are read."),
    KAFKA_READ_UNTIL(
            "latest, a time, or partition:offset pairs",
            "",
            null,
            "Where a bounded run ends: latest as of the start, messages before an RFC 3339 time, or"
                    + " the first offset of each partition that is not read."),
    MAX_EVENT_BYTES("bytes", "bytes", "1048576", "Longest accepted message value, 1KiB to 64MiB."),
    DLQ_MAX_ATTEMPTS("integer", "attempts", "5", "Attempts after which a message is parked."),
    POSTGRES_URL(
            "URL",
            "",
            null,
            "Required, unless POSTGRES_URL_FILE is set: jdbc:postgresql://host/db or"
                    + " postgresql://user:password@host/db."),
    POSTGRES_URL_FILE("path", "", null, "File that holds POSTGRES_URL."),
    POSTGRES_USER("text", "", null, "Role to connect as; by default the URL's."),
    POSTGRES_PASSWORD("secret", "", null, "Password of the role; by default the URL's, or none."),
    POSTGRES_PASSWORD_FILE("path", "", null, "File that holds POSTGRES_PASSWORD."),
    POSTGRES_RETRY_BUDGET(
            "duration", "", "5m", "How long one flush is retried before the job restarts."),
    BATCH_SIZE("integer", "rows", "5000", "Rows that make a flush."),
    BATCH_INTERVAL_MS("integer", "ms", "20", "Longest time a row waits for its flush."),
    BREAKER_WINDOW("integer", "rows", "1000", "Rows over which the breaker judges."),
    BREAKER_RATIO(
            "number",
            "",
            "0.9",
            "Share of rows refused by the database, above 0 and at most 1, that stops the job."),
    PARQUET_ROOT("path or URI", "", "./data/parquet/events", "Where the archive is written."),
    PARQUET_PARTITION(
            "date or hour",
            "",
            "date",
            "Directories of the archive, by a time in UTC: dt=2024-01-15, or"
                    + " dt=2024-01-15/hour=07. To be chosen before the first start: readers take"
                    + " no mixture."),
    PARQUET_PARTITION_TIME(
            "event or processing",
            "",
            "event",
            "Whether directories go by occurred_at or by processed_at."),
    PARQUET_FLUSH_MAX_ROWS("integer", "rows", "1000000", "Rows after which a file is rolled."),
    PARQUET_FLUSH_MAX_BYTES("bytes", "bytes", "128MiB", "Size after which a file is rolled."),
    PARQUET_COMPRESSION("zstd, snappy, gzip or uncompressed", "", "zstd", "Codec of the archive."),
    PARQUET_ZSTD_LEVEL("integer", "", "3", "Level of zstd, 1 to 19: higher is smaller and slower."),
    PARQUET_ROW_GROUP_BYTES(
            "bytes",
            "bytes",
            "16MiB",
            "Encoded columns that an open file gathers before it writes them, 1MiB to 256MiB."),
    PARQUET_BLOOM_FILTER(
            "true or false",
            "",
            "false",
            "Give each row group a Bloom filter of its event ids, for look-ups of single events."),
    CHECKPOINT_INTERVAL(
            "duration",
            "",
            null,
            "Time between checkpoints; by default 10s on one machine and 60s on a cluster, whose"
                    + " own setting wins."),
    CHECKPOINT_DIR(
            "path or URI",
            "",
            null,
            "Where checkpoints are kept; by default ./data/checkpoints on one machine; a cluster"
                    + " needs it here or in its own settings."),
    HOST(
            "text",
            "",
            "0.0.0.0",
            "Address to bind for HTTP; the launcher for one machine binds 127.0.0.1."),
    PORT("integer", "", "8080", "Port of HTTP; 0 for any free port."),
    FLINK_REST_URL(
            "URL", "", "http://localhost:8081", "Flink's REST API, which the ops command reads."),
    LOG_LEVEL("level", "", "info", "Level, optionally followed by ,logger=level pairs."),
    START_TIMEOUT("duration", "", "2m", "How long a start waits for Kafka and Postgres."),
    ACCEPT_OFFSET_GAP(
            "true or false",
            "",
            "false",
            "Go on where the broker has deleted messages that were not read."),
    ALLOW_START_WITHOUT_STATE(
            "true or false",
            "",
            "false",
            "Start from committed offsets although files exist and no checkpoint is found.");

    /** Names that begin so are client properties: {@code KAFKA_PROPERTIES_A_B} is {@code a.b}. */
    public static final String KAFKA_PROPERTIES_PREFIX = "KAFKA_PROPERTIES_";

    private final String type;
    private final String unit;
    private final String defaultValue;
    private final String description;

    Setting(String type, String unit, String defaultValue, String description) {
        this.type = type;
        this.unit = unit;
        this.defaultValue = defaultValue;
        this.description = description;
    }

    /** What kind of text is accepted. */
    public String type() {
        return type;
    }

    /** The unit of a plain number; empty where there is none. */
    public String unit() {
        return unit;
    }

    /** As one would write it, or null where there is none. */
    public String defaultValue() {
        return defaultValue;
    }

    /** One sentence. */
    public String description() {
        return description;
    }

    /** Whether the whole value is a secret: never shown, never a program argument. */
    public boolean isSecret() {
        return this == POSTGRES_PASSWORD;
    }

    /** The setting that names a file with this one's value, or null where there is none. */
    Setting fileForm() {
        return switch (this) {
            case POSTGRES_URL -> POSTGRES_URL_FILE;
            case POSTGRES_PASSWORD -> POSTGRES_PASSWORD_FILE;
            default -> null;
        };
    }

    /** The setting of exactly this name, or null. */
    static Setting named(String name) {
        for (Setting setting : values()) {
            if (setting.name().equals(name)) {
                return setting;
            }
        }
        return null;
    }
}
