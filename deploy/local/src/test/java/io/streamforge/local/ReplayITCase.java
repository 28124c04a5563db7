package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters are replayed as they were but for the correction, and each of them once. */
class ReplayITCase {

    private static final int UNKNOWN = 60;
    private static final String SELECT = "--reason=UNKNOWN_EVENT_TYPE";
    private static final String SET = "--set=event_type=CLICK";

    @TempDir Path data;

    @Test
    void replaysWhatIsCorrectedOnceAndRunsAgainWithoutEffect() throws Exception {
        try (Pipeline pipeline = deadLettered("replay", 4)) {
            Map<String, String> environment = pipeline.environment();

            ToolRun dryRun = replay(environment, SELECT, SET);
            assertThat(dryRun.exitCode()).as(dryRun.err()).isZero();
            assertThat(dryRun.summary().get("replayed").asInt()).isEqualTo(UNKNOWN);
            assertThat(replayed(pipeline)).isEmpty();

            ToolRun nothingFixed = replay(environment, SELECT, "--yes");
            assertThat(nothingFixed.exitCode()).isEqualTo(1);
            assertThat(nothingFixed.summary().get("invalid").asInt()).isEqualTo(UNKNOWN);
            assertThat(nothingFixed.out()).contains("UNKNOWN_EVENT_TYPE event_type: expected");
            assertThat(replayed(pipeline)).isEmpty();

            ToolRun ten = replay(environment, SELECT, SET, "--max=10", "--yes");
            assertThat(ten.summary().get("replayed").asInt()).isEqualTo(10);
            ToolRun first = replay(environment, SELECT, SET, "--yes");
            assertThat(first.exitCode()).as(first.err()).isZero();
            assertThat(first.summary().get("replayed").asInt()).isEqualTo(UNKNOWN - 10);
            pipeline.awaitRows(UNKNOWN);
            pipeline.awaitDrained();
            ToolRun second = replay(environment, SELECT, SET, "--yes");
            assertThat(second.exitCode()).isZero();
            assertThat(second.summary().get("replayed").asInt()).isZero();
            assertThat(second.summary().get("already_replayed").asInt()).isEqualTo(UNKNOWN);

            List<ConsumerRecord<byte[], byte[]>> sent = replayed(pipeline);
            assertThat(sent).hasSize(UNKNOWN);
            for (ConsumerRecord<byte[], byte[]> record : sent) {
                assertThat(record.key()).containsExactly(0, -1);
                List<String> names = new ArrayList<>();
                for (Header header : record.headers()) {
                    names.add(header.key());
                }
                assertThat(names).containsExactly("trace", "trace", "streamforge.attempt");
                assertThat(record.headers().lastHeader("streamforge.attempt").value())
                        .isEqualTo("1".getBytes(UTF_8));
                assertThat(new String(record.value(), UTF_8))
                        .contains("\"event_type\":\"CLICK\"", "\"weight\":1.50,");
            }
            Account account = pipeline.finish();
            assertThat(account.consumed()).isEqualTo(2 * UNKNOWN + 5);
            assertThat(account.stored()).isEqualTo(UNKNOWN);
        }
    }

    @Test
    void goesOnWhereItWasKilledAndWhereATransactionWasLeftOpen() throws Exception {
        try (Pipeline pipeline = deadLettered("killed", 4)) {
            pipeline.stop();
            Map<String, String> environment = pipeline.environment();
            Process process =
                    ToolRun.start(
                            data, environment, "dlq", "replay", SELECT, SET, "--rate=2", "--yes");
            Eventually.holds(
                    "some to be replayed",
                    Pipeline.PATIENCE,
                    () -> exists(pipeline) && replayed(pipeline).size() >= 4);
            process.destroyForcibly().waitFor();
            int before = replayed(pipeline).size();
            assertThat(before).isLessThan(UNKNOWN);

            // As if it had been killed between sending and committing.
            KafkaProducer<byte[], byte[]> open =
                    pipeline.producer(Map.of("transactional.id", "killed.audit.replay"));
            open.initTransactions();
            open.beginTransaction();
            for (ConsumerRecord<byte[], byte[]> letter : unknown(pipeline)) {
                open.send(new ProducerRecord<>(pipeline.input(), letter.key(), letter.value()));
                open.send(new ProducerRecord<>("killed.audit", key(letter), new byte[] {'{', '}'}));
            }
            open.flush();

            ToolRun rest = replay(environment, SELECT, SET, "--yes");
            assertThat(rest.exitCode()).as(rest.err()).isZero();
            assertThat(rest.summary().get("replayed").asInt()).isEqualTo(UNKNOWN - before);
            open.close(Duration.ZERO);

            awaitReplayed(pipeline);
            assertThat(replay(environment, SELECT, SET, "--yes").summary().get("replayed").asInt())
                    .isZero();
            pipeline.start(1);
            assertThat(pipeline.finish().stored()).isEqualTo(UNKNOWN);
        }
    }

    @Test
    void aReplayThatBeginsEndsTheOneBefore() throws Exception {
        try (Pipeline pipeline = deadLettered("fenced", 4)) {
            Map<String, String> environment = pipeline.environment();
            Path waiting = data.resolve("waiting");
            Path held = Files.createFile(data.resolve("held"));
            // The third message waits until the file is gone; at this rate each is sent by itself.
            String third =
                    "--exec=echo >> %1$s/count; test $(wc -l < %1$s/count) -ne 3 || touch %1$s/waiting;"
                            + " while test -e %1$s/waiting -a -e %1$s/held; do sleep 0.1; done; cat";
            CompletableFuture<ToolRun> slow =
                    CompletableFuture.supplyAsync(
                            () ->
                                    replay(
                                            environment,
                                            SELECT,
                                            SET,
                                            third.formatted(data),
                                            "--rate=4",
                                            "--yes"));
            Eventually.holds("two to be replayed", Pipeline.PATIENCE, () -> Files.exists(waiting));
            assertThat(replayed(pipeline)).hasSize(2);

            ToolRun fast = replay(environment, SELECT, SET, "--yes");
            Files.delete(held);

            assertThat(fast.exitCode()).as(fast.err()).isZero();
            assertThat(slow.get().exitCode()).as(slow.get().err()).isEqualTo(1);
            assertThat(slow.get().err()).contains("another replay has begun and ended this one");
            awaitReplayed(pipeline);
            pipeline.awaitRows(UNKNOWN);
            pipeline.finish();
        }
    }

    @Test
    void aDeadLetterThatWasCutIsReplayedFromTheOriginalWhileThereIsOne() throws Exception {
        try (Pipeline pipeline = Pipeline.create("replay-cut", data)) {
            int size = Pipeline.MAX_EVENT_BYTES + 65_200;
            for (int i = 0; i < 2; i++) {
                pipeline.send(3, null, "x".repeat(size).getBytes(UTF_8));
            }
            pipeline.flush();
            pipeline.start(1);
            pipeline.awaitDrained();
            Map<String, String> environment = pipeline.environment();
            String corrected = event(new UUID(7, 7), "VIEW");
            String exec =
                    "--exec=test $(wc -c) -eq "
                            + size
                            + " && test $STREAMFORGE_REASON = TOO_LARGE && printf '%s' '"
                            + corrected
                            + "'";

            ToolRun run = replay(environment, "--at=3:0", exec, "--yes");
            assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
            assertThat(run.summary().get("replayed").asInt()).isEqualTo(1);
            pipeline.awaitRows(1);
            assertThat(replay(environment, "--at=3:1", "--exec=exit 3", "--yes").out())
                    .contains("the --exec command exited with 3");

            try (Admin admin = pipeline.admin()) {
                admin.deleteRecords(
                                Map.of(
                                        new TopicPartition(pipeline.input(), 3),
                                        RecordsToDelete.beforeOffset(2)))
                        .all()
                        .get();
            }
            ToolRun gone = replay(environment, "--at=3:1", exec, "--yes");
            assertThat(gone.exitCode()).isEqualTo(1);
            assertThat(gone.summary().get("original_gone").asInt()).isEqualTo(1);
            ToolRun show = ToolRun.of(environment, "dlq", "show", "3:1");
            assertThat(show.out()).contains("no longer has the original", "streamforge.truncated");
        }
    }

    @Test
    void patchesAndLeavesAloneWhatItCannotPatch() throws Exception {
        try (Pipeline pipeline = deadLettered("patched", 4)) {
            Path patch =
                    Files.writeString(
                            data.resolve("patch.json"),
                            """
                            [{"op":"test","path":"/event_type","value":"HOVER"},
                             {"op":"replace","path":"/event_type","value":"PURCHASE"},
                             {"op":"add","path":"/amount_cents","value":9223372036854775807}]
                            """);
            ToolRun all = replay(pipeline.environment(), "--patch=" + patch, "--yes");

            assertThat(all.exitCode()).isEqualTo(1);
            assertThat(all.summary().get("replayed").asInt()).isEqualTo(UNKNOWN);
            assertThat(all.summary().get("not_fixable").asInt()).isEqualTo(5);
            pipeline.awaitRows(UNKNOWN);
            pipeline.finish();
        }
    }

    @Test
    void refusesAnAuditTopicThatForgets() throws Exception {
        try (Pipeline pipeline = deadLettered("forgetful", 1)) {
            try (Admin admin = pipeline.admin()) {
                admin.createTopics(List.of(new NewTopic("forgetful.audit", 1, (short) 1)))
                        .all()
                        .get();
            }
            ToolRun run = replay(pipeline.environment(), SELECT, SET, "--yes");

            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("cleanup.policy=delete").contains("set it to compact");
            assertThat(replayed(pipeline)).isEmpty();
        }
    }

    private static ToolRun replay(Map<String, String> environment, String... options) {
        List<String> args = new ArrayList<>(List.of("dlq", "replay", "--output=json"));
        args.addAll(List.of(options));
        return ToolRun.of(environment, args.toArray(new String[0]));
    }

    /** A running pipeline with 60 events of an unknown type and five messages that are no JSON. */
    private Pipeline deadLettered(String name, int partitions) throws Exception {
        Pipeline pipeline = Pipeline.create(name, data);
        for (int i = 0; i < UNKNOWN; i++) {
            pipeline.send(
                    new ProducerRecord<>(
                            pipeline.input(),
                            i % partitions,
                            new byte[] {0, -1},
                            event(new UUID(1, i), "HOVER").getBytes(UTF_8),
                            List.of(
                                    new RecordHeader("trace", new byte[] {(byte) i, -1}),
                                    new RecordHeader("streamforge.custom", new byte[0]),
                                    new RecordHeader("trace", (byte[]) null))));
        }
        for (byte[] value : new byte[][] {null, {}, {'['}, {(byte) 0xFF}, "no".getBytes(UTF_8)}) {
            pipeline.send(0, null, value);
        }
        pipeline.flush();
        pipeline.start(1);
        pipeline.awaitDrained();
        return pipeline;
    }

    private static String event(UUID id, String type) {
        return "{\"event_id\":\""
                + id
                + "\",\"event_type\":\""
                + type
                + "\",\"weight\":1.50,\"occurred_at\":\"2026-02-03T04:05:06Z\","
                + "\"user_id\":\"0d6b1a90-3c1f-4a52-9c56-1d8f0a7b2c3d\"}";
    }

    private static List<ConsumerRecord<byte[], byte[]>> unknown(Pipeline pipeline) {
        return OracleTopic.read(pipeline.kafka(), pipeline.config().kafka().dlqTopic()).stream()
                .filter(letter -> header(letter, "reason").equals("UNKNOWN_EVENT_TYPE"))
                .toList();
    }

    private static byte[] key(ConsumerRecord<?, ?> letter) {
        return (header(letter, "source.topic")
                        + "-"
                        + header(letter, "source.partition")
                        + "@"
                        + header(letter, "source.offset"))
                .getBytes(UTF_8);
    }

    private static String header(ConsumerRecord<?, ?> letter, String name) {
        return new String(letter.headers().lastHeader("streamforge." + name).value(), UTF_8);
    }

    private static boolean exists(Pipeline pipeline) throws Exception {
        try (Admin admin = pipeline.admin()) {
            return admin.listTopics()
                    .names()
                    .get()
                    .contains(pipeline.config().kafka().auditTopic());
        }
    }

    /** A commit is visible only when its marker is in each partition, a moment later. */
    private static void awaitReplayed(Pipeline pipeline) throws Exception {
        Eventually.holds(
                "all to be replayed",
                Pipeline.PATIENCE,
                () -> replayed(pipeline).size() >= UNKNOWN);
        assertThat(replayed(pipeline)).hasSize(UNKNOWN);
    }

    /** The messages of the input topic that a replay has sent; the audit topic tells as many. */
    private static List<ConsumerRecord<byte[], byte[]>> replayed(Pipeline pipeline)
            throws Exception {
        List<ConsumerRecord<byte[], byte[]>> sent =
                OracleTopic.read(pipeline.kafka(), pipeline.input()).stream()
                        .filter(m -> m.headers().lastHeader("streamforge.attempt") != null)
                        .toList();
        Map<String, Integer> events = new HashMap<>();
        sent.forEach(m -> events.merge(new String(m.value(), UTF_8), 1, Integer::sum));
        assertThat(events.values()).as("times that an event was sent").allMatch(n -> n == 1);
        return sent;
    }
}
