package io.streamforge.config;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Everything that can be set, read and checked once. It holds no secret, so it may be logged and
 * serialised into the job graph.
 *
 * @param readUntil where a bounded run ends, or null for a run without end
 * @param flinkRestUrl of Flink's REST API, without a slash at its end
 * @param logLevel a level, or a level followed by {@code ,logger=level} pairs
 * @param startTimeout how long a start waits for Kafka and Postgres
 * @param maxEventBytes longest accepted message value in bytes
 * @param dlqMaxAttempts replays after which a message is parked
 * @param acceptOffsetGap whether to go on where the broker has already deleted unread messages
 * @param allowStartWithoutState whether to start from committed offsets where files exist but no
 *     checkpoint does
 */
public record StreamForgeConfig(
        KafkaConfig kafka,
        PostgresConfig postgres,
        ParquetConfig parquet,
        CheckpointConfig checkpoints,
        HttpConfig http,
        ReadUntil readUntil,
        URI flinkRestUrl,
        String logLevel,
        Duration startTimeout,
        int maxEventBytes,
        int dlqMaxAttempts,
        boolean acceptOffsetGap,
        boolean allowStartWithoutState)
        implements Serializable {

    /**
     * Where this run's checkpoints and savepoints go, or null where that is not set: a run that
     * ends has a directory of its own, see {@link ReadUntil#directory()}.
     */
    public String checkpointDir() {
        String dir = checkpoints.dir();
        return readUntil == null || dir == null
                ? dir
                : dir.replaceAll("/+$", "") + "/" + readUntil.directory();
    }

    /**
     * Reads program arguments ({@code --NAME=value} or {@code --NAME value}) over environment
     * variables over defaults.
     *
     * @throws ConfigException with all problems at once
     */
    public static StreamForgeConfig from(String[] args, Map<String, String> environment) {
        return from(Settings.read(args, environment));
    }

    /**
     * The same from settings already gathered, for callers that also want {@link
     * Settings#warnings()} or {@link Settings#effective()}.
     *
     * @throws ConfigException with all problems at once
     */
    public static StreamForgeConfig from(Settings settings) {
        return new ConfigReader(settings, true).read();
    }

    /**
     * The same for tools that do without Postgres: where its URL is not set, it is null here.
     *
     * @throws ConfigException with all problems at once
     */
    public static StreamForgeConfig withoutPostgres(Settings settings) {
        return new ConfigReader(settings, false).read();
    }
}
