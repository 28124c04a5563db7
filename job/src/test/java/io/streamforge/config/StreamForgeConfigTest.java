package io.streamforge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.streamforge.config.ConfigException.Problem;
import io.streamforge.config.Settings.Effective;
import io.streamforge.config.Settings.Origin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamForgeConfigTest {

    private static final String URL = "postgresql://alice@db/events";
    private static final String CANARY = "canary-9f2c";

    @TempDir private Path directory;

    @Test
    void needsNothingButAnAddressOfPostgres() {
        StreamForgeConfig config = read(Map.of("POSTGRES_URL", URL));

        assertThat(config.kafka())
                .isEqualTo(
                        new KafkaConfig(
                                "localhost:9092",
                                "streamforge",
                                "events.input.v1",
                                "events.dlq.v1",
                                "events.parking.v1",
                                "events.dlq.audit.v1",
                                KafkaConfig.OffsetReset.EARLIEST,
                                KafkaConfig.IsolationLevel.READ_COMMITTED,
                                Map.of()));
        PostgresConfig postgres = config.postgres();
        assertThat(postgres.url()).isEqualTo("jdbc:postgresql://db/events");
        assertThat(postgres.user()).isEqualTo("alice");
        assertThat(postgres.password().resolve(Map.of())).isNull();
        assertThat(postgres.batchSize()).isEqualTo(5000);
        assertThat(postgres.batchInterval()).isEqualTo(Duration.ofMillis(20));
        assertThat(postgres.retryBudget()).isEqualTo(Duration.ofMinutes(5));
        assertThat(postgres.breakerWindow()).isEqualTo(1000);
        assertThat(postgres.breakerRatio()).isEqualTo(0.9);
        assertThat(config.parquet())
                .isEqualTo(
                        new ParquetConfig(
                                "./data/parquet/events",
                                ParquetConfig.Partition.DATE,
                                ParquetConfig.PartitionTime.EVENT,
                                1_000_000,
                                128L << 20,
                                ParquetConfig.Compression.ZSTD,
                                3,
                                16 << 20,
                                false));
        assertThat(config.readUntil()).isNull();
        assertThat(config.checkpoints()).isEqualTo(new CheckpointConfig(null, null));
        assertThat(config.http()).isEqualTo(new HttpConfig("0.0.0.0", 8080));
        assertThat(config.logLevel()).isEqualTo("info");
        assertThat(config.startTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.maxEventBytes()).isEqualTo(1_048_576);
        assertThat(config.dlqMaxAttempts()).isEqualTo(5);
        assertThat(config.acceptOffsetGap()).isFalse();
        assertThat(config.allowStartWithoutState()).isFalse();
    }

    @Test
    void toolsThatDoWithoutPostgresNeedNothing() {
        Settings nothing = Settings.read(new String[0], Map.of());
        assertThat(StreamForgeConfig.withoutPostgres(nothing).postgres().url()).isNull();

        Settings wrong = Settings.read(new String[0], Map.of("POSTGRES_URL", "mysql://db"));
        assertThat(
                        catchThrowableOfType(
                                ConfigException.class,
                                () -> StreamForgeConfig.withoutPostgres(wrong)))
                .hasMessageContaining("POSTGRES_URL");
    }

    @Test
    void takesEverySettingFromTheEnvironment() {
        Map<String, String> environment = everythingSet();

        StreamForgeConfig config = read(environment);

        assertThat(config.kafka())
                .isEqualTo(
                        new KafkaConfig(
                                "a:1,[::1]:65535",
                                "group",
                                "in",
                                "dead",
                                "parked",
                                "audited",
                                KafkaConfig.OffsetReset.NONE,
                                KafkaConfig.IsolationLevel.READ_UNCOMMITTED,
                                Map.of("security.protocol", "SSL")));
        PostgresConfig postgres = config.postgres();
        assertThat(postgres.url()).isEqualTo("jdbc:postgresql://h1:5432,h2/x?sslmode=require");
        assertThat(postgres.user()).isEqualTo("bob");
        assertThat(postgres.password().resolve(environment)).isEqualTo(" p w ");
        assertThat(postgres.batchSize()).isEqualTo(1);
        assertThat(postgres.batchInterval()).isEqualTo(Duration.ofMillis(60_000));
        assertThat(postgres.retryBudget()).isEqualTo(Duration.ofMillis(500));
        assertThat(postgres.breakerWindow()).isEqualTo(7);
        assertThat(postgres.breakerRatio()).isEqualTo(1.0);
        assertThat(config.parquet())
                .isEqualTo(
                        new ParquetConfig(
                                "s3://b/e",
                                ParquetConfig.Partition.HOUR,
                                ParquetConfig.PartitionTime.PROCESSING,
                                5,
                                1L << 30,
                                ParquetConfig.Compression.GZIP,
                                19,
                                256 << 20,
                                true));
        assertThat(config.readUntil()).isEqualTo(new ReadUntil.Offsets(Map.of(0, 15L, 1, 0L)));
        assertThat(config.checkpoints())
                .isEqualTo(new CheckpointConfig(Duration.ofSeconds(90), "s3://b/c"));
        assertThat(config.http()).isEqualTo(new HttpConfig("::1", 0));
        assertThat(config.flinkRestUrl()).isEqualTo(URI.create("https://flink:8081/a"));
        assertThat(config.logLevel()).isEqualTo("warn,org.apache.kafka=error");
        assertThat(config.startTimeout()).isEqualTo(Duration.ofHours(1));
        assertThat(config.maxEventBytes()).isEqualTo(65_536);
        assertThat(config.dlqMaxAttempts()).isEqualTo(1);
        assertThat(config.acceptOffsetGap()).isTrue();
        assertThat(config.allowStartWithoutState()).isTrue();

        Set<Setting> notSet = EnumSet.allOf(Setting.class);
        environment.keySet().stream()
                .map(Setting::named)
                .filter(setting -> setting != null)
                .forEach(notSet::remove);
        assertThat(notSet)
                .as("settings that this test forgot")
                .containsExactlyInAnyOrder(
                        Setting.POSTGRES_URL_FILE, Setting.POSTGRES_PASSWORD_FILE);
        assertThat(config.postgres().toString()).doesNotContain(" p w ");
    }

    @Test
    void letsArgumentsInBothFormsOverrideTheEnvironment() {
        Map<String, String> environment =
                Map.of("POSTGRES_URL", URL, "PORT", "1", "BATCH_SIZE", "2", "HOST", "h");

        StreamForgeConfig config =
                StreamForgeConfig.from(
                        new String[] {
                            "--PORT=81",
                            "--BATCH_SIZE",
                            "82",
                            "--KAFKA_PROPERTIES_CLIENT_RACK=a",
                            "--POSTGRES_URL",
                            "postgresql://bob@other/x"
                        },
                        environment);

        assertThat(config.http()).isEqualTo(new HttpConfig("h", 81));
        assertThat(config.postgres().batchSize()).isEqualTo(82);
        assertThat(config.postgres().url()).isEqualTo("jdbc:postgresql://other/x");
        assertThat(config.postgres().user()).isEqualTo("bob");
        assertThat(config.kafka().properties()).isEqualTo(Map.of("client.rack", "a"));
    }

    @Test
    void takesAnEmptyVariableForOneThatIsNotSet() {
        StreamForgeConfig config =
                read(
                        Map.of(
                                "POSTGRES_URL",
                                URL,
                                "PORT",
                                "",
                                "POSTGRES_PASSWORD",
                                "",
                                "POSTGRES_PASSWORD_FILE",
                                "",
                                "KAFKA_PROPERTIES_CLIENT_RACK",
                                ""));

        assertThat(config.http().port()).isEqualTo(8080);
        assertThat(config.postgres().password().resolve(Map.of())).isNull();
        assertThat(config.kafka().properties()).isEmpty();
    }

    @Test
    void givesKafkaClientsTheirServersAndProperties() {
        StreamForgeConfig config =
                read(
                        Map.of(
                                "POSTGRES_URL",
                                URL,
                                "KAFKA_PROPERTIES_SECURITY_PROTOCOL",
                                "SASL_SSL",
                                "KAFKA_PROPERTIES_client.rack",
                                "r1"));

        assertThat(config.kafka().clientProperties())
                .isEqualTo(
                        Map.of(
                                "bootstrap.servers",
                                "localhost:9092",
                                "security.protocol",
                                "SASL_SSL",
                                "client.rack",
                                "r1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    PORT | 65536 | PORT is '65536': expected an integer from 0 to 65535
                    PORT | -1 | PORT is '-1': expected an integer from 0 to 65535
                    PORT | 80.0 | PORT is '80.0': expected an integer from 0 to 65535
                    PORT | 99999999999999999999 | PORT is '99999999999999999999': expected an integer from 0 to 65535
                    PORT | ٣ | PORT is '٣': expected an integer from 0 to 65535
                    HOST | a b | HOST is 'a b': expected a host name or address
                    LOG_LEVEL | loud | LOG_LEVEL is 'loud': expected trace, debug, info, warn, error or off, optionally followed by ,logger=level pairs
                    LOG_LEVEL | a.b=info | LOG_LEVEL is 'a.b=info': expected trace, debug, info, warn, error or off, optionally followed by ,logger=level pairs
                    BATCH_SIZE | 0 | BATCH_SIZE is '0': expected an integer from 1 to 100000
                    BATCH_INTERVAL_MS | 20ms | BATCH_INTERVAL_MS is '20ms': expected an integer from 1 to 60000
                    BREAKER_WINDOW | 0 | BREAKER_WINDOW is '0': expected an integer from 1 to 1000000
                    BREAKER_RATIO | 0 | BREAKER_RATIO is '0': expected a number above 0 and at most 1
                    BREAKER_RATIO | 1.01 | BREAKER_RATIO is '1.01': expected a number above 0 and at most 1
                    BREAKER_RATIO | NaN | BREAKER_RATIO is 'NaN': expected a number above 0 and at most 1
                    POSTGRES_RETRY_BUDGET | 5 | POSTGRES_RETRY_BUDGET is '5': expected a duration such as 500ms, 30s, 5m or 1h, from 1ms to 168h
                    START_TIMEOUT | 0s | START_TIMEOUT is '0s': expected a duration such as 500ms, 30s, 5m or 1h, from 1ms to 168h
                    START_TIMEOUT | PT-5M | START_TIMEOUT is 'PT-5M': expected a duration such as 500ms, 30s, 5m or 1h, from 1ms to 168h
                    CHECKPOINT_INTERVAL | 9ms | CHECKPOINT_INTERVAL is '9ms': expected a duration such as 500ms, 30s, 5m or 1h, from 10ms to 168h
                    CHECKPOINT_DIR | ` ` | CHECKPOINT_DIR is '': expected a path or URI
                    PARQUET_ROOT | ` ` | PARQUET_ROOT is '': expected a path or URI
                    PARQUET_FLUSH_MAX_ROWS | 0 | PARQUET_FLUSH_MAX_ROWS is '0': expected an integer from 1 to 2147483647
                    PARQUET_FLUSH_MAX_BYTES | 1MB | PARQUET_FLUSH_MAX_BYTES is '1MB': expected bytes, or a number with KiB, MiB or GiB, from 1024 bytes
                    PARQUET_FLUSH_MAX_BYTES | 9999999999999GiB | PARQUET_FLUSH_MAX_BYTES is '9999999999999GiB': expected bytes, or a number with KiB, MiB or GiB, from 1024 bytes
                    PARQUET_PARTITION | day | PARQUET_PARTITION is 'day': expected date or hour
                    PARQUET_PARTITION_TIME | now | PARQUET_PARTITION_TIME is 'now': expected event or processing
                    PARQUET_ZSTD_LEVEL | 20 | PARQUET_ZSTD_LEVEL is '20': expected an integer from 1 to 19
                    PARQUET_ROW_GROUP_BYTES | 1KiB | PARQUET_ROW_GROUP_BYTES is '1KiB': expected bytes, or a number with KiB, MiB or GiB, from 1048576 to 268435456 bytes
                    PARQUET_BLOOM_FILTER | yes | PARQUET_BLOOM_FILTER is 'yes': expected true or false
                    KAFKA_READ_UNTIL | now | KAFKA_READ_UNTIL is 'now': expected latest, an RFC 3339 time such as 2024-01-15T00:00:00Z, or partition:offset pairs such as 0:1500,1:1498
                    KAFKA_READ_UNTIL | 2024-01-15T00:00:00 | KAFKA_READ_UNTIL is '2024-01-15T00:00:00': expected latest, an RFC 3339 time such as 2024-01-15T00:00:00Z, or partition:offset pairs such as 0:1500,1:1498
                    KAFKA_READ_UNTIL | 0:1,0:2 | KAFKA_READ_UNTIL is '0:1,0:2': expected latest, an RFC 3339 time such as 2024-01-15T00:00:00Z, or partition:offset pairs such as 0:1500,1:1498
                    PARQUET_COMPRESSION | lzo | PARQUET_COMPRESSION is 'lzo': expected zstd, snappy, gzip or uncompressed
                    MAX_EVENT_BYTES | 1023 | MAX_EVENT_BYTES is '1023': expected bytes, or a number with KiB, MiB or GiB, from 1024 to 67108864 bytes
                    MAX_EVENT_BYTES | 65MiB | MAX_EVENT_BYTES is '65MiB': expected bytes, or a number with KiB, MiB or GiB, from 1024 to 67108864 bytes
                    DLQ_MAX_ATTEMPTS | 0 | DLQ_MAX_ATTEMPTS is '0': expected an integer from 1 to 1000
                    ACCEPT_OFFSET_GAP | yes | ACCEPT_OFFSET_GAP is 'yes': expected true or false
                    ALLOW_START_WITHOUT_STATE | 1 | ALLOW_START_WITHOUT_STATE is '1': expected true or false
                    KAFKA_BROKERS | localhost | KAFKA_BROKERS is 'localhost': expected host:port, several separated by commas, without a protocol
                    KAFKA_BROKERS | a:1, | KAFKA_BROKERS is 'a:1,': expected host:port, several separated by commas, without a protocol
                    KAFKA_BROKERS | a:0 | KAFKA_BROKERS is 'a:0': expected host:port, several separated by commas, without a protocol
                    KAFKA_BROKERS | SASL_SSL://u:p@a:1 | KAFKA_BROKERS is 'SASL_SSL://****@a:1': expected host:port, several separated by commas, without a protocol
                    KAFKA_GROUP_ID | ` ` | KAFKA_GROUP_ID is '': expected a group's name
                    KAFKA_INPUT_TOPIC | a b | KAFKA_INPUT_TOPIC is 'a b': expected a topic of 1 to 249 letters, digits, '.', '_' or '-', and not '.' or '..'
                    KAFKA_INPUT_TOPIC | .. | KAFKA_INPUT_TOPIC is '..': expected a topic of 1 to 249 letters, digits, '.', '_' or '-', and not '.' or '..'
                    KAFKA_DLQ_TOPIC | events.input.v1 | KAFKA_DLQ_TOPIC is 'events.input.v1': expected another topic than KAFKA_INPUT_TOPIC
                    KAFKA_PARKING_TOPIC | events.input.v1 | KAFKA_PARKING_TOPIC is 'events.input.v1': expected another topic than KAFKA_INPUT_TOPIC
                    KAFKA_PARKING_TOPIC | events.dlq.v1 | KAFKA_PARKING_TOPIC is 'events.dlq.v1': expected another topic than KAFKA_DLQ_TOPIC
                    KAFKA_AUDIT_TOPIC | events.input.v1 | KAFKA_AUDIT_TOPIC is 'events.input.v1': expected another topic than KAFKA_INPUT_TOPIC
                    KAFKA_AUDIT_TOPIC | events.parking.v1 | KAFKA_AUDIT_TOPIC is 'events.parking.v1': expected another topic than KAFKA_PARKING_TOPIC
                    KAFKA_AUTO_OFFSET_RESET | newest | KAFKA_AUTO_OFFSET_RESET is 'newest': expected earliest, latest or none
                    KAFKA_ISOLATION_LEVEL | committed | KAFKA_ISOLATION_LEVEL is 'committed': expected read_committed or read_uncommitted
                    POSTGRES_URL | localhost:5432 | POSTGRES_URL is '****': expected jdbc:postgresql://host:5432/database or postgresql://user:password@host:5432/database
                    POSTGRES_URL | postgresql://h/db | POSTGRES_USER is not set: expected the role to connect as, here or in the URL
                    POSTGRES_USER | ` ` | POSTGRES_USER is '': expected a role
                    POSTGRES_URL_FILE | /none | POSTGRES_URL_FILE is '/none': expected only one of it and POSTGRES_URL to be set
                    POSTGRES_PASSWORD_FILE | /none | POSTGRES_PASSWORD_FILE is '/none': expected a readable file, but it does not exist or is not a regular file
                    """)
    void refusesWhatItCannotUse(String name, String value, String expected) {
        Map<String, String> environment = new HashMap<>(Map.of("POSTGRES_URL", URL));
        environment.put(name, value);
        assertThat(problems(environment)).containsExactly(expected);
    }

    @Test
    void refusesATopicOf250Letters() {
        assertThat(problems(Map.of("POSTGRES_URL", URL, "KAFKA_DLQ_TOPIC", "x".repeat(250))))
                .singleElement()
                .asString()
                .endsWith("and not '.' or '..'");
    }

    @Test
    void refusesToGoWithoutPostgres() {
        assertThat(problems(Map.of()))
                .containsExactly(
                        "POSTGRES_URL is not set: expected jdbc:postgresql://host:5432/database or"
                                + " postgresql://user:password@host:5432/database");
    }

    @Test
    void refusesArgumentsThatItDoesNotKnow() {
        String[] args = {
            "stray",
            "--kafka-broker=" + CANARY,
            "--POSTGRES_PASWORD",
            CANARY,
            "--PORT",
            "--HOST=a",
            "--HOST=b",
            "--PARQUET_ROOT="
        };
        assertThat(problems(args, Map.of("POSTGRES_URL", URL)))
                .containsExactly(
                        "argument 1 is '****': expected --NAME=value",
                        "--kafka-broker is '****': expected a known setting; the nearest is"
                                + " --KAFKA_BROKERS",
                        "--POSTGRES_PASWORD is '****': expected a known setting; the nearest is"
                                + " --POSTGRES_PASSWORD",
                        "--PORT is not set: expected --PORT=value",
                        "--HOST is '****': expected one value, but it is repeated",
                        "PARQUET_ROOT is '': expected a path or URI");
    }

    @Test
    void refusesSecretsInArguments() {
        String[] args = {
            "--POSTGRES_PASSWORD", CANARY, "--POSTGRES_URL=postgresql://u:" + CANARY + "@h/db"
        };
        assertThat(problems(args, Map.of()))
                .containsExactly(
                        "--POSTGRES_PASSWORD is '****': expected no secret in program arguments;"
                                + " set the environment variable POSTGRES_PASSWORD or"
                                + " POSTGRES_PASSWORD_FILE",
                        "POSTGRES_URL is 'postgresql://u:****@h/db': expected no password in"
                                + " program arguments; set the environment variable POSTGRES_URL,"
                                + " POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE");
    }

    @Test
    void reportsAllProblemsAtOnce() {
        ConfigException exception =
                catchThrowableOfType(
                        ConfigException.class,
                        () ->
                                StreamForgeConfig.from(
                                        new String[] {"--PORT=x"},
                                        Map.of("BATCH_SIZE", "y\nz", "HOST", "/")));

        assertThat(exception.getMessage())
                .isEqualTo(
                        """
                        Invalid configuration:
                          POSTGRES_URL is not set: expected jdbc:postgresql://host:5432/database or postgresql://user:password@host:5432/database
                          BATCH_SIZE is 'y?z': expected an integer from 1 to 100000
                          HOST is '/': expected a host name or address
                          PORT is 'x': expected an integer from 0 to 65535""");
        assertThat(exception.problems())
                .contains(new Problem("PORT", "x", "an integer from 0 to 65535"));
    }

    @Test
    void warnsOfUnknownVariablesUnderItsPrefixesOnly() {
        Settings settings =
                Settings.read(
                        new String[0],
                        Map.of(
                                "KAFKA_BROKER", CANARY,
                                "POSTGRES_DB", "events",
                                "KAFKA_PROPERTIES_", "x",
                                "BATCH_SIZE", "5",
                                "BATCHES", "x",
                                "KAFKA_PROPERTIES_ACKS_X", "x",
                                "PATH", "/bin"));

        assertThat(settings.warnings())
                .containsExactly(
                        "The environment variable KAFKA_BROKER is ignored: there is no such"
                                + " setting; the nearest is KAFKA_BROKERS",
                        "The environment variable KAFKA_PROPERTIES_ is ignored: there is no such"
                                + " setting; the nearest is KAFKA_BROKERS",
                        "The environment variable POSTGRES_DB is ignored: there is no such"
                                + " setting; the nearest is POSTGRES_URL");
    }

    @Test
    void showsEachSettingWithItsOriginAndNoSecret() throws Exception {
        Path file = Files.writeString(directory.resolve("password"), CANARY);
        Settings settings =
                Settings.read(
                        new String[] {"--PORT=81"},
                        Map.of(
                                "POSTGRES_URL",
                                "postgres://alice:" + CANARY + "@db/events?sslmode=require",
                                "POSTGRES_PASSWORD_FILE",
                                file.toString(),
                                "KAFKA_PROPERTIES_SASL_JAAS_CONFIG",
                                "x password=" + CANARY,
                                "KAFKA_PROPERTIES_SSL_KEY_PASSWORD",
                                "${file:/a:b}"));

        assertThat(settings.effective())
                .hasSize(Setting.values().length + 2)
                .contains(
                        new Effective("PORT", "81", Origin.ARGUMENT),
                        new Effective("HOST", "0.0.0.0", Origin.DEFAULT),
                        new Effective("POSTGRES_USER", null, Origin.DEFAULT),
                        new Effective("POSTGRES_PASSWORD", "****", Origin.FILE),
                        new Effective(
                                "POSTGRES_PASSWORD_FILE", file.toString(), Origin.ENVIRONMENT),
                        new Effective(
                                "POSTGRES_URL",
                                "postgresql://alice:****@db/events?sslmode=require",
                                Origin.ENVIRONMENT),
                        new Effective(
                                "KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "****", Origin.ENVIRONMENT),
                        new Effective(
                                "KAFKA_PROPERTIES_SSL_KEY_PASSWORD",
                                "${file:/a:b}",
                                Origin.ENVIRONMENT));
        assertThat(settings.effective().toString()).doesNotContain(CANARY);
    }

    @Test
    void holdsNoSecretInItsTextOrItsSerialisedForm() throws Exception {
        Path passwordFile = Files.writeString(directory.resolve("password"), CANARY + "\n");
        Path urlFile =
                Files.writeString(
                        directory.resolve("url"), "postgresql://u:" + CANARY + "@h/db\r\n");
        for (Map<String, String> environment :
                Set.of(
                        Map.of("POSTGRES_URL", "postgresql://u:" + CANARY + "@h/db"),
                        Map.of("POSTGRES_URL", "jdbc:postgresql://h/db?user=u&password=" + CANARY),
                        Map.of("POSTGRES_URL_FILE", urlFile.toString()),
                        Map.of("POSTGRES_URL", URL, "POSTGRES_PASSWORD", CANARY),
                        Map.of(
                                "POSTGRES_URL",
                                "postgresql://u:other@h/db",
                                "POSTGRES_PASSWORD_FILE",
                                passwordFile.toString()))) {
            StreamForgeConfig config = read(environment);

            byte[] bytes = serialised(config);

            assertThat(config.toString()).doesNotContain(CANARY);
            assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
            assertThat(bytes).hasSizeGreaterThan(500);
            StreamForgeConfig copy = deserialised(bytes);
            assertThat(copy.postgres().password().resolve(environment)).isEqualTo(CANARY);
        }
    }

    private static Map<String, String> everythingSet() {
        Map<String, String> environment = new HashMap<>();
        environment.put("KAFKA_BROKERS", "a:1, [::1]:65535");
        environment.put("KAFKA_GROUP_ID", " group ");
        environment.put("KAFKA_INPUT_TOPIC", "in");
        environment.put("KAFKA_DLQ_TOPIC", "dead");
        environment.put("KAFKA_PARKING_TOPIC", "parked");
        environment.put("KAFKA_AUDIT_TOPIC", "audited");
        environment.put("KAFKA_AUTO_OFFSET_RESET", "none");
        environment.put("KAFKA_ISOLATION_LEVEL", "READ_UNCOMMITTED");
        environment.put("KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SSL");
        environment.put("MAX_EVENT_BYTES", "64KiB");
        environment.put("DLQ_MAX_ATTEMPTS", "1");
        environment.put("POSTGRES_URL", "jdbc:postgresql://h1:5432,h2/x?sslmode=require");
        environment.put("POSTGRES_USER", "bob");
        environment.put("POSTGRES_PASSWORD", " p w ");
        environment.put("POSTGRES_RETRY_BUDGET", "500ms");
        environment.put("BATCH_SIZE", "1");
        environment.put("BATCH_INTERVAL_MS", "60000");
        environment.put("BREAKER_WINDOW", "7");
        environment.put("BREAKER_RATIO", "1");
        environment.put("PARQUET_ROOT", "s3://b/e");
        environment.put("PARQUET_FLUSH_MAX_ROWS", "5");
        environment.put("PARQUET_FLUSH_MAX_BYTES", "1 gib");
        environment.put("PARQUET_PARTITION", "hour");
        environment.put("PARQUET_COMPRESSION", "gzip");
        environment.put("PARQUET_PARTITION_TIME", "Processing");
        environment.put("PARQUET_ZSTD_LEVEL", "19");
        environment.put("PARQUET_ROW_GROUP_BYTES", "256MiB");
        environment.put("PARQUET_BLOOM_FILTER", "true");
        environment.put("KAFKA_READ_UNTIL", "0:15, 1:0");
        environment.put("CHECKPOINT_INTERVAL", "PT1M30S");
        environment.put("CHECKPOINT_DIR", "s3://b/c");
        environment.put("HOST", "::1");
        environment.put("PORT", "0");
        environment.put("FLINK_REST_URL", "https://flink:8081/a/");
        environment.put("LOG_LEVEL", "warn, org.apache.kafka=error");
        environment.put("START_TIMEOUT", "1h");
        environment.put("ACCEPT_OFFSET_GAP", "TRUE");
        environment.put("ALLOW_START_WITHOUT_STATE", "true");
        return environment;
    }

    private static StreamForgeConfig read(Map<String, String> environment) {
        return StreamForgeConfig.from(new String[0], environment);
    }

    private static Iterable<String> problems(Map<String, String> environment) {
        return problems(new String[0], environment);
    }

    private static Iterable<String> problems(String[] args, Map<String, String> environment) {
        ConfigException exception =
                catchThrowableOfType(
                        ConfigException.class, () -> StreamForgeConfig.from(args, environment));
        assertThat(exception).isNotNull();
        assertThat(exception.getMessage()).doesNotContain(CANARY);
        return exception.problems().stream().map(Problem::toString).toList();
    }

    private static byte[] serialised(StreamForgeConfig config) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(config);
        }
        return bytes.toByteArray();
    }

    private static StreamForgeConfig deserialised(byte[] bytes) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return (StreamForgeConfig) in.readObject();
        }
    }
}
