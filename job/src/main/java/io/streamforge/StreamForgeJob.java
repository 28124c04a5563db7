package io.streamforge;

import io.streamforge.config.BuildInfo;
import io.streamforge.config.Setting;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.event.DeadLetter;
import io.streamforge.sink.DeadLetterKafkaSink;
import io.streamforge.sink.ParquetArchiveSink;
import io.streamforge.sink.PostgresUpsertSink;
import io.streamforge.sink.TopicLimits;
import io.streamforge.source.KafkaEventSource;
import java.util.Map;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job's entry point on a cluster: reads the configuration, waits until Kafka and Postgres are
 * there, finds the state to go on from, and runs the graph.
 *
 * <p>Fails with one exception that lists every problem; it never ends the process, which on a
 * session cluster is the JobManager's.
 */
public final class StreamForgeJob {

    /** The job's name in Flink's web interface and REST API. */
    public static final String NAME = "StreamForge";

    private StreamForgeJob() {}

    public static void main(String[] args) throws Exception {
        StreamForgeConfig config = StreamForgeConfig.from(args, System.getenv());
        LogLevels.apply(config.logLevel());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        compose(env, config);
        env.execute(NAME);
    }

    /**
     * Everything but running it: checks, settings, state, graph.
     *
     * @throws UnreachableException where Kafka or Postgres does not answer within START_TIMEOUT
     * @throws IllegalStateException where the start would lose or double something
     */
    public static void compose(StreamExecutionEnvironment env, StreamForgeConfig config)
            throws InterruptedException {
        // Task managers find it there.
        env.getConfig()
                .setGlobalJobParameters(
                        Configuration.fromMap(Map.of(Setting.LOG_LEVEL.name(), config.logLevel())));
        BuildInfo build = BuildInfo.load();
        TopicLimits limits = Preflight.await(config);
        JobSettings.apply(env, config);
        StateRecovery.apply(env, config);
        Sink<DeadLetter> deadLetters =
                DeadLetterKafkaSink.create(
                        config.kafka(), limits, config.dlqMaxAttempts(), build.version());
        StreamForgePipeline.define(
                env,
                KafkaEventSource.create(
                        config.kafka(), config.acceptOffsetGap(), config.readUntil()),
                config.maxEventBytes(),
                refusedRows -> PostgresUpsertSink.create(config.postgres(), refusedRows),
                ParquetArchiveSink.create(config.parquet(), build.version()),
                deadLetters);
    }
}
