package io.streamforge.local.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.Setting;
import io.streamforge.local.Eventually;
import io.streamforge.local.LocalStack;
import io.streamforge.local.OracleTopic;
import io.streamforge.local.Pipeline;
import io.streamforge.local.Topics;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A bad Kafka costs no message, and what is gone from it is never gone silently. */
@Tag("faults")
@ExtendWith(FaultReport.class)
class KafkaFaultsITCase {

    private static final byte[] INVALID = "{".getBytes(UTF_8);

    @TempDir Path data;

    @Test
    @Tag("slow")
    void survivesABrokerThatIsAwayForTwentySeconds() throws Exception {
        try (FaultRun run = new FaultRun("Kafka: broker stopped for 20 s", "broker", data)) {
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        LocalStack.stopKafka();
                        Throughout.holds(Duration.ofSeconds(20), run::requireNotEnded);
                        LocalStack.kafka();
                    });
            run.finish();
        }
    }

    @Test
    void holdsBackWhileTheDeadLetterTopicIsMissing() throws Exception {
        try (FaultRun run = new FaultRun("Kafka: no dead-letter topic for 10 s", "no_dlq", data);
                Admin admin = run.pipeline().admin()) {
            Pipeline pipeline = run.pipeline();
            String dlq = pipeline.config().kafka().dlqTopic();
            pipeline.start(2);
            run.load(500, 0);
            run.awaitProgress();
            run.strike(
                    () -> {
                        admin.deleteTopics(List.of(dlq)).all().get();
                        Eventually.holds(
                                "the topic to be gone",
                                Pipeline.PATIENCE,
                                () -> !admin.listTopics().names().get().contains(dlq));
                        long first = send(pipeline, 0, INVALID);
                        Throughout.holds(
                                Duration.ofSeconds(10), () -> assertNotPast(run, 0, first));
                        new Topics(
                                        pipeline.input(),
                                        dlq,
                                        pipeline.config().kafka().parkingTopic(),
                                        Topics.DEFAULT_PARTITIONS,
                                        Pipeline.MAX_EVENT_BYTES)
                                .create(LocalStack.bootstrapServers());
                    });
            run.finish();
        }
    }

    @Test
    void cutsWhatTheDeadLetterTopicDoesNotTake() throws Exception {
        try (FaultRun run = new FaultRun("Kafka: dead letter larger than allowed", "cut", data);
                Admin admin = run.pipeline().admin()) {
            Pipeline pipeline = run.pipeline();
            String dlq = pipeline.config().kafka().dlqTopic();
            admin.incrementalAlterConfigs(
                            Map.of(
                                    new ConfigResource(ConfigResource.Type.TOPIC, dlq),
                                    List.of(
                                            new AlterConfigOp(
                                                    new ConfigEntry("max.message.bytes", "20000"),
                                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            byte[] large = new byte[60_000];
            new Random(1).nextBytes(large);
            run.start(2, 500);
            run.strike(() -> send(pipeline, 0, large));
            run.assertNeverRestarted();
            run.finish();
            String sha256 =
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(large));
            assertThat(OracleTopic.read(pipeline.kafka(), dlq))
                    .filteredOn(letter -> "true".equals(header(letter, "truncated")))
                    .filteredOn(letter -> sha256.equals(header(letter, "original.sha256")))
                    .singleElement()
                    .satisfies(
                            letter -> {
                                assertThat(header(letter, "original.size")).isEqualTo("60000");
                                assertThat(letter.value()).hasSizeBetween(18_000, 20_000);
                            });
        }
    }

    @Test
    @Tag("slow")
    void readsPartitionsThatAreAdded() throws Exception {
        try (FaultRun run = new FaultRun("Kafka: partitions added", "added", data);
                Admin admin = run.pipeline().admin()) {
            run.start(2, 500);
            run.strike(
                    () -> {
                        admin.createPartitions(
                                        Map.of(run.pipeline().input(), NewPartitions.increaseTo(6)))
                                .all()
                                .get();
                        for (int i = 0; i < 100; i++) {
                            send(run.pipeline(), 4 + i % 2, event());
                        }
                    });
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    void saysWhatIsLostWhereUnreadMessagesAreDeleted() throws Exception {
        try (FaultRun run = new FaultRun("Kafka: unread messages deleted", "deleted", data);
                Admin admin = run.pipeline().admin()) {
            Pipeline pipeline = run.pipeline();
            TopicPartition partition = new TopicPartition(pipeline.input(), 0);
            pipeline.start(2);
            send(pipeline, 1, event());
            pipeline.awaitDrained();
            pipeline.stop();
            for (int i = 0; i < 300; i++) {
                send(pipeline, 0, event());
            }
            run.strike(
                    () -> {
                        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(100)))
                                .all()
                                .get();
                        pipeline.start(2);
                        Eventually.holds(
                                "the job to refuse the gap",
                                Pipeline.PATIENCE,
                                () -> pipeline.status() == JobStatus.FAILED);
                        assertThat(pipeline.cluster().failure().orElseThrow())
                                .hasStackTraceContaining(partition + " offsets 0 to 99 are deleted")
                                .hasStackTraceContaining("ACCEPT_OFFSET_GAP=true");
                        assertNotPast(run, 0, 0);
                        pipeline.crash();
                        pipeline.with(Setting.ACCEPT_OFFSET_GAP, "true").start(2);
                    });
            assertThat(run.finish().consumed()).isEqualTo(201);
        }
    }

    @Test
    void waitsForAnOpenTransaction() throws Exception {
        try (FaultRun run = new FaultRun("Kafka: transaction open for 5 s, aborted", "txn", data)) {
            Pipeline pipeline = run.pipeline();
            run.start(2, 500);
            try (KafkaProducer<byte[], byte[]> producer =
                    pipeline.producer(Map.of("transactional.id", "hung"))) {
                producer.initTransactions();
                run.strike(
                        () -> {
                            producer.beginTransaction();
                            long open =
                                    producer.send(
                                                    new ProducerRecord<>(
                                                            pipeline.input(), 0, null, event()))
                                            .get()
                                            .offset();
                            Throughout.holds(
                                    Duration.ofSeconds(5), () -> assertNotPast(run, 0, open));
                            producer.abortTransaction();
                        });
            }
            run.assertNeverRestarted();
            run.finish();
        }
    }

    /** Sends it and says at which offset it is. */
    private static long send(Pipeline pipeline, int partition, byte[] value) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = pipeline.producer(Map.of())) {
            return producer.send(new ProducerRecord<>(pipeline.input(), partition, null, value))
                    .get()
                    .offset();
        }
    }

    private static byte[] event() {
        UUID id = UUID.randomUUID();
        return ("{\"event_id\":\"%s\",\"event_type\":\"VIEW\",\"user_id\":\"%s\","
                        + "\"occurred_at\":\"2026-01-02T03:04:05Z\"}")
                .formatted(id, id)
                .getBytes(UTF_8);
    }

    private static void assertNotPast(FaultRun run, int partition, long offset) throws Exception {
        assertThat(
                        run.committed()
                                .getOrDefault(
                                        new TopicPartition(run.pipeline().input(), partition), 0L))
                .isLessThanOrEqualTo(offset);
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return letter.headers().lastHeader("streamforge." + name) == null
                ? null
                : new String(letter.headers().lastHeader("streamforge." + name).value(), UTF_8);
    }
}
