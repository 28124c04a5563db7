package io.streamforge.config;

import io.streamforge.config.ConfigException.Problem;
import io.streamforge.config.Settings.Given;
import io.streamforge.config.Settings.Origin;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Understands {@link Settings}, and collects every problem before it gives up. */
final class ConfigReader {

    private static final Pattern BROKER =
            Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[A-Za-z0-9._-]+):([0-9]{1,5})");
    private static final Pattern HTTP_URL =
            Pattern.compile("https?://[A-Za-z0-9._\\[\\]:-]+(/[A-Za-z0-9._~/-]*)?");
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");
    private static final String LEVEL = "(?i:trace|debug|info|warn|error|off)";
    private static final Pattern LOG_LEVEL =
            Pattern.compile(LEVEL + "(\\s*,\\s*[A-Za-z0-9_.$-]+\\s*=\\s*" + LEVEL + ")*");

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final Duration LONGEST = Duration.ofDays(7);

    private final Settings settings;
    private final boolean postgresNeeded;
    private final List<Problem> problems;

    /**
     * @param postgresNeeded whether {@code POSTGRES_URL} must be set
     */
    ConfigReader(Settings settings, boolean postgresNeeded) {
        this.settings = settings;
        this.postgresNeeded = postgresNeeded;
        this.problems = new ArrayList<>(settings.problems());
    }

    StreamForgeConfig read() {
        KafkaConfig kafka = kafka();
        int maxEventBytes = (int) bytes(Setting.MAX_EVENT_BYTES, KIB, 64 * MIB);
        int dlqMaxAttempts = integer(Setting.DLQ_MAX_ATTEMPTS, 1, 1000);
        ReadUntil readUntil =
                parsed(
                        Setting.KAFKA_READ_UNTIL,
                        ReadUntil::parse,
                        "latest, an RFC 3339 time such as 2024-01-15T00:00:00Z, or"
                                + " partition:offset pairs such as 0:1500,1:1498");
        StreamForgeConfig config =
                new StreamForgeConfig(
                        kafka,
                        postgres(),
                        parquet(),
                        new CheckpointConfig(
                                duration(Setting.CHECKPOINT_INTERVAL, Duration.ofMillis(10)),
                                text(Setting.CHECKPOINT_DIR, "a path or URI")),
                        new HttpConfig(host(), integer(Setting.PORT, 0, 65535)),
                        readUntil,
                        flinkRestUrl(),
                        logLevel(),
                        duration(Setting.START_TIMEOUT, Duration.ofMillis(1)),
                        maxEventBytes,
                        dlqMaxAttempts,
                        bool(Setting.ACCEPT_OFFSET_GAP),
                        bool(Setting.ALLOW_START_WITHOUT_STATE));
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return config;
    }

    private KafkaConfig kafka() {
        KafkaConfig kafka =
                new KafkaConfig(
                        brokers(),
                        text(Setting.KAFKA_GROUP_ID, "a group's name"),
                        topic(Setting.KAFKA_INPUT_TOPIC),
                        topic(Setting.KAFKA_DLQ_TOPIC),
                        topic(Setting.KAFKA_PARKING_TOPIC),
                        topic(Setting.KAFKA_AUDIT_TOPIC),
                        oneOf(Setting.KAFKA_AUTO_OFFSET_RESET, KafkaConfig.OffsetReset.class),
                        oneOf(Setting.KAFKA_ISOLATION_LEVEL, KafkaConfig.IsolationLevel.class),
                        new KafkaProperties(settings.kafkaProperties(), problems).read());
        Setting dlq = Setting.KAFKA_DLQ_TOPIC;
        Setting parking = Setting.KAFKA_PARKING_TOPIC;
        requireOther(dlq, kafka.dlqTopic(), Setting.KAFKA_INPUT_TOPIC, kafka.inputTopic());
        requireOther(parking, kafka.parkingTopic(), Setting.KAFKA_INPUT_TOPIC, kafka.inputTopic());
        requireOther(parking, kafka.parkingTopic(), dlq, kafka.dlqTopic());
        Setting audit = Setting.KAFKA_AUDIT_TOPIC;
        requireOther(audit, kafka.auditTopic(), Setting.KAFKA_INPUT_TOPIC, kafka.inputTopic());
        requireOther(audit, kafka.auditTopic(), dlq, kafka.dlqTopic());
        requireOther(audit, kafka.auditTopic(), parking, kafka.parkingTopic());
        return kafka;
    }

    private PostgresConfig postgres() {
        PostgresUrl url = postgresUrl();
        String user = text(Setting.POSTGRES_USER, "a role");
        if (user == null && url != null) {
            user = url.user();
            if (user == null) {
                problems.add(
                        new Problem(
                                Setting.POSTGRES_USER.name(),
                                null,
                                "the role to connect as, here or in the URL"));
            }
        }
        return new PostgresConfig(
                url == null ? null : url.jdbcUrl(),
                user,
                password(url),
                integer(Setting.BATCH_SIZE, 1, 100_000),
                Duration.ofMillis(integer(Setting.BATCH_INTERVAL_MS, 1, 60_000)),
                duration(Setting.POSTGRES_RETRY_BUDGET, Duration.ofMillis(1)),
                integer(Setting.BREAKER_WINDOW, 1, 1_000_000),
                ratio());
    }

    private PostgresUrl postgresUrl() {
        Given given = settings.given(Setting.POSTGRES_URL);
        if (given == null && postgresNeeded) {
            problems.add(
                    new Problem(
                            Setting.POSTGRES_URL.name(),
                            null,
                            "jdbc:postgresql://host:5432/database or"
                                    + " postgresql://user:password@host:5432/database"));
        }
        if (given == null || given.text() == null) {
            return null;
        }
        PostgresUrl url;
        try {
            url = PostgresUrl.parse(given.text());
        } catch (PostgresUrl.MalformedException e) {
            refuse(Setting.POSTGRES_URL, e.getMessage());
            return null;
        }
        if (given.origin() == Origin.ARGUMENT && url.password() != null) {
            refuse(
                    Setting.POSTGRES_URL,
                    "no password in program arguments; set the environment variable"
                            + " POSTGRES_URL, POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE");
        }
        return url;
    }

    private Secret password(PostgresUrl url) {
        Given given = settings.given(Setting.POSTGRES_PASSWORD);
        if (given != null) {
            return given.origin() == Origin.FILE
                    ? Secret.ofFile(given.path())
                    : Secret.ofVariable(given.name());
        }
        if (url == null || url.password() == null) {
            return Secret.none();
        }
        Given givenUrl = settings.given(Setting.POSTGRES_URL);
        return givenUrl.origin() == Origin.FILE
                ? Secret.ofUrlInFile(givenUrl.path())
                : Secret.ofUrlInVariable(givenUrl.name());
    }

    private ParquetConfig parquet() {
        return new ParquetConfig(
                text(Setting.PARQUET_ROOT, "a path or URI"),
                oneOf(Setting.PARQUET_PARTITION, ParquetConfig.Partition.class),
                oneOf(Setting.PARQUET_PARTITION_TIME, ParquetConfig.PartitionTime.class),
                integer(Setting.PARQUET_FLUSH_MAX_ROWS, 1, Integer.MAX_VALUE),
                bytes(Setting.PARQUET_FLUSH_MAX_BYTES, KIB, Long.MAX_VALUE),
                oneOf(Setting.PARQUET_COMPRESSION, ParquetConfig.Compression.class),
                integer(Setting.PARQUET_ZSTD_LEVEL, 1, 19),
                (int) bytes(Setting.PARQUET_ROW_GROUP_BYTES, MIB, 256 * MIB),
                bool(Setting.PARQUET_BLOOM_FILTER));
    }

    private String brokers() {
        return parsed(
                Setting.KAFKA_BROKERS,
                text ->
                        Arrays.stream(text.split(",", -1))
                                        .map(String::strip)
                                        .allMatch(ConfigReader::isBroker)
                                ? text.replaceAll("\\s", "")
                                : null,
                "host:port, several separated by commas, without a protocol");
    }

    private static boolean isBroker(String text) {
        return BROKER.matcher(text).matches()
                && isBetween(text.substring(text.lastIndexOf(':') + 1), 1, 65535);
    }

    private static boolean isBetween(String digits, int least, int most) {
        int number = Integer.parseInt(digits);
        return number >= least && number <= most;
    }

    private String topic(Setting setting) {
        return parsed(
                setting,
                text ->
                        TOPIC.matcher(text).matches() && !text.equals(".") && !text.equals("..")
                                ? text
                                : null,
                "a topic of 1 to 249 letters, digits, '.', '_' or '-', and not '.' or '..'");
    }

    private void requireOther(Setting setting, String topic, Setting other, String otherTopic) {
        if (topic.equals(otherTopic)) {
            problems.add(new Problem(setting.name(), topic, "another topic than " + other));
        }
    }

    private String host() {
        return parsed(
                Setting.HOST,
                text -> text.matches("[^\\s/]+") ? text : null,
                "a host name or address");
    }

    private URI flinkRestUrl() {
        return parsed(
                Setting.FLINK_REST_URL,
                text ->
                        HTTP_URL.matcher(text).matches()
                                ? URI.create(text.replaceFirst("/+$", ""))
                                : null,
                "http://host:port or https://host:port, without credentials");
    }

    private String logLevel() {
        return parsed(
                Setting.LOG_LEVEL,
                text -> LOG_LEVEL.matcher(text).matches() ? text.replaceAll("\\s", "") : null,
                "trace, debug, info, warn, error or off, optionally followed by ,logger=level"
                        + " pairs");
    }

    private double ratio() {
        BigDecimal ratio =
                parsed(
                        Setting.BREAKER_RATIO,
                        text -> {
                            if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
                                return null;
                            }
                            BigDecimal number = new BigDecimal(text);
                            return number.signum() > 0 && number.compareTo(BigDecimal.ONE) <= 0
                                    ? number
                                    : null;
                        },
                        "a number above 0 and at most 1");
        return ratio.doubleValue();
    }

    private int integer(Setting setting, int least, int most) {
        return parsed(
                setting,
                text -> {
                    if (!text.matches("-?[0-9]{1,18}")) {
                        return null;
                    }
                    long number = Long.parseLong(text);
                    return number >= least && number <= most ? (Integer) (int) number : null;
                },
                "an integer from " + least + " to " + most);
    }

    private long bytes(Setting setting, long least, long most) {
        return parsed(
                setting,
                text -> {
                    Long size = ByteSize.parse(text);
                    return size != null && size >= least && size <= most ? size : null;
                },
                "bytes, or a number with KiB, MiB or GiB, from "
                        + least
                        + (most == Long.MAX_VALUE ? "" : " to " + most)
                        + " bytes");
    }

    private Duration duration(Setting setting, Duration least) {
        return parsed(
                setting,
                text -> {
                    Duration span = TimeSpan.parse(text);
                    return span != null
                                    && span.compareTo(least) >= 0
                                    && span.compareTo(LONGEST) <= 0
                            ? span
                            : null;
                },
                "a duration such as 500ms, 30s, 5m or 1h, from " + least.toMillis() + "ms to 168h");
    }

    private boolean bool(Setting setting) {
        return parsed(
                setting,
                text ->
                        switch (text.toLowerCase(Locale.ROOT)) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> null;
                        },
                "true or false");
    }

    private <E extends Enum<E>> E oneOf(Setting setting, Class<E> type) {
        return parsed(
                setting,
                text ->
                        Arrays.stream(type.getEnumConstants())
                                .filter(constant -> constant.name().equalsIgnoreCase(text))
                                .findFirst()
                                .orElse(null),
                setting.type());
    }

    private String text(Setting setting, String expected) {
        return parsed(setting, text -> text.isEmpty() ? null : text, expected);
    }

    /**
     * The setting's value; where it is refused, the problem is noted and the default goes on, so
     * that one mistake is reported once.
     *
     * @param parser gives null for what it refuses
     */
    private <T> T parsed(Setting setting, Function<String, T> parser, String expected) {
        Given given = settings.given(setting);
        T value = given == null ? null : parser.apply(given.text());
        if (given != null && value == null) {
            refuse(setting, expected);
        }
        return value == null && setting.defaultValue() != null
                ? parser.apply(setting.defaultValue())
                : value;
    }

    private void refuse(Setting setting, String expected) {
        Given given = settings.given(setting);
        problems.add(new Problem(given.name(), Settings.shown(setting, given.text()), expected));
    }
}
