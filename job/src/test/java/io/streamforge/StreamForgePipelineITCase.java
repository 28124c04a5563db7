package io.streamforge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.StreamForgeConfig;
import io.streamforge.event.DeadLetter;
import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.sink.DeadLetterKafkaSink;
import io.streamforge.sink.ParquetArchiveSink;
import io.streamforge.sink.PostgresUpsertSink;
import io.streamforge.sink.TopicLimits;
import io.streamforge.source.KafkaEventSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The graph: every message ends where it belongs, and the names of its state never change. */
class StreamForgePipelineITCase {

    private static final int PARALLELISM = 2;
    private static final int MESSAGES = 1_000;

    @RegisterExtension
    private static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(PARALLELISM)
                            .build());

    @TempDir private static Path directory;

    @Test
    void everyMessageGoesToBothStoresOrToTheDeadLetters() throws Exception {
        CollectingSink<Event> table = new CollectingSink<>();
        CollectingSink<Event> archive = new CollectingSink<>();
        CollectingSink<DeadLetter> deadLetters = new CollectingSink<>();
        AtomicReference<Sink<DeadLetter>> forRefusedRows = new AtomicReference<>();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        JobSettings.apply(env, config());

        StreamForgePipeline.define(
                env,
                new DataGeneratorSource<>(
                        StreamForgePipelineITCase::message,
                        MESSAGES,
                        TypeInformation.of(RawEvent.class)),
                200,
                refusedRows -> {
                    forRefusedRows.set(refusedRows);
                    return table;
                },
                archive,
                deadLetters);
        env.execute();

        assertThat(forRefusedRows).hasValue(deadLetters);
        assertThat(table.flushed()).hasSize(MESSAGES - MESSAGES / 10);
        assertThat(table.flushed())
                .allSatisfy(
                        event -> {
                            long offset = event.raw().offset();
                            assertThat(event.eventId()).hasToString(eventId(offset));
                            assertThat(event.raw().value()).isEqualTo(message(offset).value());
                        });
        assertThat(offsets(table.flushed().stream().map(Event::raw)))
                .isEqualTo(offsetsWhere(offset -> offset % 10 != 0));
        assertThat(archive.flushed()).hasSameElementsAs(table.flushed());
        assertThat(offsets(deadLetters.flushed().stream().map(DeadLetter::raw)))
                .isEqualTo(offsetsWhere(offset -> offset % 10 == 0));
        assertThat(deadLetters.flushed())
                .allSatisfy(
                        letter -> {
                            long offset = letter.raw().offset();
                            assertThat(letter.raw().value()).isEqualTo(message(offset).value());
                            assertThat(letter.reason())
                                    .isEqualTo(
                                            offset % 20 == 0
                                                    ? RejectionReason.TOO_LARGE
                                                    : RejectionReason.MISSING_FIELD);
                        });
    }

    /** State is found by uid: a changed one here means that old checkpoints lose state. */
    @Test
    void namesAndUidsArePinned() {
        assertThat(
                        productionGraph().getStreamNodes().stream()
                                .map(
                                        node ->
                                                node.getTransformationUID()
                                                        + " | "
                                                        + node.getOperatorName()))
                .containsExactlyInAnyOrder(
                        "read-kafka | Source: Read from Kafka",
                        "validate | Validate and normalise",
                        "upsert-postgres | Upsert into Postgres: Writer",
                        "archive-parquet | Archive as Parquet: Writer",
                        // Flink splits sinks that commit; it derives the second half's uid.
                        "Sink Committer: archive-parquet | Archive as Parquet: Committer",
                        "write-dead-letters | Write dead letters: Writer",
                        "Sink Committer: write-dead-letters | Write dead letters: Committer");
    }

    @Test
    void oneThreadTakesAMessageFromKafkaToItsSinks() {
        List<JobVertex> vertices =
                StreamSupport.stream(
                                productionGraph().getJobGraph().getVertices().spliterator(), false)
                        .toList();

        assertThat(vertices).hasSize(1);
        assertThat(vertices)
                .allSatisfy(
                        vertex -> {
                            assertThat(vertex.getParallelism()).isEqualTo(PARALLELISM);
                            assertThat(vertex.getMaxParallelism()).isEqualTo(128);
                        });
    }

    /** The graph as on a cluster; making it connects to nothing. */
    private static StreamGraph productionGraph() {
        StreamForgeConfig config = config();
        StreamExecutionEnvironment env = new StreamExecutionEnvironment();
        env.setParallelism(PARALLELISM);
        JobSettings.apply(env, config);
        TopicLimits limits =
                new TopicLimits(
                        Map.of(
                                config.kafka().dlqTopic(), 1 << 20,
                                config.kafka().parkingTopic(), 1 << 20));
        StreamForgePipeline.define(
                env,
                KafkaEventSource.create(config.kafka(), false, null),
                config.maxEventBytes(),
                refusedRows -> PostgresUpsertSink.create(config.postgres(), refusedRows),
                ParquetArchiveSink.create(config.parquet(), "1.2.3"),
                DeadLetterKafkaSink.create(config.kafka(), limits, 5, "1.2.3"));
        return env.getStreamGraph();
    }

    private static StreamForgeConfig config() {
        return StreamForgeConfig.from(
                new String[] {
                    "--POSTGRES_URL=postgresql://unused@localhost/unused",
                    "--PARQUET_ROOT=" + directory.resolve("events"),
                    "--CHECKPOINT_DIR=" + directory.resolve("checkpoints")
                },
                Map.of());
    }

    /** Every tenth one is bad: too large, or without its id. */
    private static RawEvent message(long offset) {
        String id = offset % 10 == 0 ? "" : "\"event_id\":\"" + eventId(offset) + "\",";
        String json =
                ("{%s\"event_type\":\"VIEW\",\"occurred_at\":\"2024-01-15T10:30:00Z\","
                                + "\"user_id\":\"%s\"}%s")
                        .formatted(id, eventId(1), offset % 20 == 0 ? " ".repeat(200) : "");
        return new RawEvent(null, json.getBytes(UTF_8), List.of(), "events", 0, offset, 5);
    }

    private static String eventId(long n) {
        return "00000000-0000-4000-8000-%012d".formatted(n);
    }

    private static List<Long> offsets(Stream<RawEvent> messages) {
        return messages.map(RawEvent::offset).sorted().toList();
    }

    private static List<Long> offsetsWhere(LongPredicate which) {
        return LongStream.range(0, MESSAGES).filter(which).boxed().toList();
    }
}
