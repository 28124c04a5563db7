package io.streamforge.local.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import io.streamforge.local.Eventually;
import io.streamforge.local.OracleEvent;
import io.streamforge.local.OracleTopic;
import io.streamforge.local.Pipeline;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bad row costs that row: it is dead-lettered with the database's reason, all others are stored
 * and the job does not restart. Where nearly all rows are bad, it is not the rows.
 */
@Tag("faults")
@ExtendWith(FaultReport.class)
class RowFaultsITCase {

    private static final String REFUSED = "/refused";
    private static final String CHECK =
            "ALTER TABLE events_normalized ADD CONSTRAINT fault CHECK (path <> '/refused') NOT"
                    + " VALID";
    private static final String REPAIR = "ALTER TABLE events_normalized DROP CONSTRAINT fault";
    private static final Predicate<OracleEvent> IS_REFUSED = event -> REFUSED.equals(event.path());

    @TempDir Path data;

    private int made;

    @Test
    void deadLettersTheRowsThatANewCheckRefuses() throws Exception {
        try (FaultRun run = new FaultRun("CHECK refuses 1 % of rows", "new_check", data)) {
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        run.asOwner(CHECK);
                        Throughout.holds(Duration.ofSeconds(5), () -> sendRefused(run, 5));
                    });
            run.assertNeverRestarted();
            run.finish(IS_REFUSED);
            assertRefused(run, made, "23514", "fault");
        }
    }

    @Test
    @Tag("slow")
    void deadLettersTheRowsThatATriggerRaisesFor() throws Exception {
        try (FaultRun run = new FaultRun("trigger raises for 1 % of rows", "raising", data)) {
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        run.asOwner(
                                "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$"
                                        + " BEGIN IF NEW.path = '/refused' THEN RAISE EXCEPTION 'no'"
                                        + "; END IF; RETURN NEW; END $$",
                                "CREATE TRIGGER fault BEFORE INSERT ON events_normalized FOR EACH"
                                        + " ROW EXECUTE FUNCTION fault()");
                        Throughout.holds(Duration.ofSeconds(5), () -> sendRefused(run, 5));
                    });
            run.assertNeverRestarted();
            run.finish(IS_REFUSED);
            assertRefused(run, made, "P0001", null);
        }
    }

    @Test
    void storesTheRunnerUpOfARefusedWinner() throws Exception {
        try (FaultRun run = new FaultRun("refused winner, good runner-up", "runner_up", data)) {
            run.asOwner(CHECK);
            run.pipeline().with(Setting.BATCH_INTERVAL_MS, "500");
            run.start(1, 500);
            run.strike(
                    () -> {
                        // In one batch, in both orders; then the winner in a later batch.
                        send(run, id(1), 1, "/good");
                        send(run, id(1), 2, REFUSED);
                        send(run, id(2), 2, REFUSED);
                        send(run, id(2), 1, "/good");
                        send(run, id(3), 1, "/good");
                        run.pipeline().flush();
                    });
            run.strike(() -> sendNow(run, id(3), 2, REFUSED));
            run.strike(() -> sendNow(run, id(3), 3, "/good"));
            run.assertNeverRestarted();
            run.finish(IS_REFUSED);
            assertRefused(run, 3, "23514", "fault");
        }
    }

    @Test
    void stopsWhereEveryRowIsRefusedAndLosesNoneOfThem() throws Exception {
        try (FaultRun run =
                new FaultRun("CHECK refuses all rows, from the start", "all_refused", data)) {
            run.asOwner(CHECK);
            sendRefused(run, 5_000);
            run.pipeline().with(Setting.CHECKPOINT_INTERVAL, "1h");
            run.strike(
                    () -> {
                        run.pipeline().start(2);
                        awaitBreaker(run);
                        assertThat(refusedLetters(run)).isEmpty();
                        assertThat(run.committed()).isEmpty();
                        run.pipeline().with(Setting.CHECKPOINT_INTERVAL, "1s");
                        repair(run);
                    });
            Account account = run.finish();
            assertThat(account.stored()).isEqualTo(5_000);
            assertThat(account.deadLettered()).isZero();
        }
    }

    @Test
    void stopsWhereEveryRowBecomesRefused() throws Exception {
        try (FaultRun run = new FaultRun("CHECK refuses all rows, from now on", "all_now", data)) {
            run.start(1, 1_000);
            run.stopLoad();
            run.strike(
                    () -> {
                        run.asOwner(CHECK);
                        sendRefused(run, 10_000);
                        awaitBreaker(run);
                        // A window that began with good rows is not judged yet: at most that many.
                        Set<String> letters = coordinates(refusedLetters(run));
                        assertThat(letters).hasSizeLessThan(2_000);
                        assertNothingRefusedIsCommittedBut(letters, run);
                        repair(run);
                    });
            run.pipeline().awaitDrained();
            run.pipeline().stop();
            Set<String> letters = coordinates(refusedLetters(run));
            assertThat(letters).hasSizeLessThan(2_000);
            // Those after the last checkpoint were read again, and stored.
            Set<String> stored = coordinatesOfRows(run);
            run.report(
                    event ->
                            letters.contains(event.coordinates())
                                    && !stored.contains(event.coordinates()),
                    event -> letters.contains(event.coordinates()));
        }
    }

    private static Set<String> coordinatesOfRows(FaultRun run) throws SQLException {
        Set<String> coordinates = new HashSet<>();
        try (Connection connection = run.pipeline().connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT src_partition || '@' || src_offset FROM events_normalized"
                                        + " WHERE path = '/refused'")) {
            while (rows.next()) {
                coordinates.add(rows.getString(1));
            }
        }
        return coordinates;
    }

    private static void awaitBreaker(FaultRun run) throws Exception {
        Eventually.holds(
                "the breaker",
                Pipeline.PATIENCE,
                () -> run.pipeline().status() == JobStatus.FAILED);
        assertThat(run.pipeline().cluster().failure().orElseThrow())
                .hasStackTraceContaining("Postgres refused")
                .hasStackTraceContaining("SQLSTATE 23514")
                .hasStackTraceContaining("Repair the table or the producers, then start again");
    }

    private static void repair(FaultRun run) throws Exception {
        run.asOwner(REPAIR);
        run.pipeline().crash();
        run.pipeline().start(2);
    }

    private static void assertNothingRefusedIsCommittedBut(Set<String> letters, FaultRun run)
            throws Exception {
        Map<TopicPartition, Long> committed = run.committed();
        assertThat(OracleTopic.read(run.pipeline().kafka(), run.pipeline().input()))
                .filteredOn(
                        message ->
                                message.value() != null
                                        && new String(message.value(), UTF_8).contains(REFUSED)
                                        && message.offset()
                                                < committed.getOrDefault(
                                                        new TopicPartition(
                                                                message.topic(),
                                                                message.partition()),
                                                        0L))
                .allMatch(
                        message -> letters.contains(message.partition() + "@" + message.offset()));
    }

    // ---- input

    private void sendRefused(FaultRun run, int count) {
        for (int i = 0; i < count; i++) {
            sendNow(run, new UUID(0x4000L, made++).toString(), 1, REFUSED);
        }
    }

    private static String id(int number) {
        return new UUID(0x4001L, number).toString();
    }

    /** Queues it, in one partition: what is sent by one flush is in one batch. */
    private static void send(FaultRun run, String id, int second, String path) {
        run.pipeline()
                .send(
                        0,
                        null,
                        ("{\"event_id\":\"%s\",\"event_type\":\"VIEW\",\"user_id\":\"%s\","
                                        + "\"occurred_at\":\"%s\",\"path\":\"%s\"}")
                                .formatted(id, id, Instant.EPOCH.plusSeconds(second), path)
                                .getBytes(UTF_8));
    }

    private static void sendNow(FaultRun run, String id, int second, String path) {
        send(run, id, second, path);
        run.pipeline().flush();
    }

    // ---- dead letters

    private static void assertRefused(FaultRun run, int count, String sqlState, String constraint) {
        List<ConsumerRecord<byte[], byte[]>> letters = refusedLetters(run);
        assertThat(coordinates(letters)).hasSize(count);
        assertThat(letters)
                .allSatisfy(
                        letter -> {
                            assertThat(header(letter, "reason")).isEqualTo("REJECTED_BY_DATABASE");
                            assertThat(header(letter, "sqlstate")).isEqualTo(sqlState);
                            assertThat(header(letter, "constraint")).isEqualTo(constraint);
                        });
    }

    private static List<ConsumerRecord<byte[], byte[]>> refusedLetters(FaultRun run) {
        return OracleTopic.read(run.pipeline().kafka(), run.pipeline().config().kafka().dlqTopic())
                .stream()
                .filter(letter -> "store".equals(header(letter, "stage")))
                .toList();
    }

    private static Set<String> coordinates(List<ConsumerRecord<byte[], byte[]>> letters) {
        return letters.stream()
                .map(
                        letter ->
                                header(letter, "source.partition")
                                        + "@"
                                        + header(letter, "source.offset"))
                .collect(Collectors.toSet());
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader("streamforge." + name);
        return header == null ? null : new String(header.value(), UTF_8);
    }
}
