package io.streamforge.local.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.Setting;
import io.streamforge.local.Eventually;
import io.streamforge.local.LocalStack;
import io.streamforge.local.Pipeline;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A bad database costs no row: the job waits for it and goes on by itself. */
@Tag("faults")
@ExtendWith(FaultReport.class)
class PostgresFaultsITCase {

    @TempDir Path data;

    @Test
    void survivesTerminatedBackends() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: backends terminated", "terminated", data)) {
            run.start(2, 1_000);
            for (int i = 0; i < 10; i++) {
                run.strike(run::terminateBackends);
            }
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    @Tag("slow")
    void survivesAServerThatIsAwayForTwentySeconds() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: server stopped for 20 s", "stopped", data);
                SinkLog log = new SinkLog()) {
            run.start(2, 5_000);
            LiveHeap heap = new LiveHeap();
            Duration recovery =
                    run.strike(
                            () -> {
                                LocalStack.stopPostgres();
                                Throughout.holds(
                                        Duration.ofSeconds(20),
                                        () -> {
                                            run.assertRunning();
                                            heap.sample();
                                        });
                                LocalStack.postgres();
                            });
            assertThat(recovery).isLessThan(Duration.ofSeconds(20));
            assertOneOutage(log, "TRANSIENT");
            heap.assertGrewAtMost(64);
            run.assertNeverRestarted();
            assertThat(run.finish().deadLettered()).isPositive();
        }
    }

    @Test
    @Tag("slow")
    void survivesADatabaseThatTurnsReadOnly() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: read-only for 5 s", "read_only", data)) {
            run.start(2, 1_000);
            String readOnly = "ALTER DATABASE read_only SET default_transaction_read_only = ";
            run.strike(
                    () -> {
                        run.asAdmin(readOnly + "on");
                        // A setting of the database is for the sessions that come after it.
                        run.terminateBackends();
                        Throughout.holds(Duration.ofSeconds(5), run::assertRunning);
                        run.asAdmin("SET default_transaction_read_only = off", readOnly + "off");
                    });
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    void survivesATableThatIsAwayForFiveSeconds() throws Exception {
        survivesMissingTable("Postgres: table missing for 5 s", "missing", Duration.ofSeconds(5));
    }

    @Test
    @Tag("slow")
    void survivesATableThatIsAwayForThirtySeconds() throws Exception {
        survivesMissingTable(
                "Postgres: table missing for 30 s", "missing_long", Duration.ofSeconds(30));
    }

    private void survivesMissingTable(String fault, String name, Duration time) throws Exception {
        try (FaultRun run = new FaultRun(fault, name, data);
                SinkLog log = new SinkLog()) {
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        run.asOwner("ALTER TABLE events_normalized RENAME TO events_elsewhere");
                        Throughout.holds(time, run::assertRunning);
                        run.asOwner("ALTER TABLE events_elsewhere RENAME TO events_normalized");
                    });
            assertOneOutage(log, "SYSTEMIC", "42P01", "\"events_normalized\" does not exist");
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    void survivesARevokedPrivilege() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: privilege revoked for 5 s", "revoked", data);
                SinkLog log = new SinkLog()) {
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        run.asOwner("REVOKE INSERT ON events_normalized FROM " + FaultRun.ROLE);
                        Throughout.holds(Duration.ofSeconds(5), run::assertRunning);
                        run.asOwner("GRANT INSERT ON events_normalized TO " + FaultRun.ROLE);
                    });
            assertOneOutage(log, "SYSTEMIC", "42501", "permission denied");
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    @Tag("slow")
    void survivesAWrongPassword() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: password wrong for 5 s", "password", data);
                SinkLog log = new SinkLog()) {
            run.start(2, 1_000);
            String password = "ALTER ROLE " + FaultRun.ROLE + " PASSWORD ";
            run.strike(
                    () -> {
                        run.asAdmin(password + "'another'");
                        run.terminateBackends();
                        Throughout.holds(Duration.ofSeconds(5), run::assertRunning);
                        run.asAdmin(password + "'streamforge'");
                    });
            assertThat(log.lines())
                    .anyMatch(line -> line.contains("SYSTEMIC failure, SQLSTATE 28"));
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    @Tag("slow")
    void waitsForALockedTable() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: table locked for 10 s", "locked", data)) {
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        try (Connection outsider = run.pipeline().connect();
                                Statement statement = outsider.createStatement()) {
                            outsider.setAutoCommit(false);
                            statement.execute(
                                    "LOCK TABLE events_normalized IN ACCESS EXCLUSIVE MODE");
                            Throughout.holds(Duration.ofSeconds(10), run::assertRunning);
                            outsider.commit();
                        }
                    });
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    @Tag("slow")
    void survivesDeadlocksWithAnOutsider() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: deadlock", "deadlock", data)) {
            run.start(1, 1_000);
            send(run, 0);
            // Where the two events come in two batches, there is none.
            for (int i = 1; deadlocks(run) < 3; i++) {
                int version = i;
                run.strike(() -> deadlock(run, version));
            }
            run.assertNeverRestarted();
            run.finish();
        }
    }

    private static final String A = "00000000-0000-4000-8000-00000000000a";
    private static final String B = "00000000-0000-4000-8000-00000000000b";

    /** The job has A and waits for B, the outsider has B and waits for A. */
    private static void deadlock(FaultRun run, int version) throws Exception {
        String lock = "SELECT FROM events_normalized WHERE event_id = '%s' FOR UPDATE";
        try (Connection outsider = run.pipeline().connect();
                Statement statement = outsider.createStatement()) {
            outsider.setAutoCommit(false);
            statement.execute(lock.formatted(B));
            send(run, version);
            Eventually.holds(
                    "the job to wait for the lock",
                    Pipeline.PATIENCE,
                    () -> count(run, "pg_stat_activity WHERE wait_event_type = 'Lock'") > 0);
            try {
                statement.execute(lock.formatted(A));
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("40P01");
            }
            outsider.rollback();
        }
    }

    /** Both rows once more, later than before, in one batch. */
    private static void send(FaultRun run, int version) throws Exception {
        for (String id : List.of(B, A)) {
            run.pipeline()
                    .send(
                            0,
                            null,
                            ("{\"event_id\":\"%s\",\"event_type\":\"VIEW\",\"user_id\":\"%s\","
                                            + "\"occurred_at\":\"%s\"}")
                                    .formatted(id, A, Instant.EPOCH.plusSeconds(version))
                                    .getBytes(StandardCharsets.UTF_8));
        }
        run.pipeline().flush();
        if (version == 0) {
            Eventually.holds(
                    "both rows",
                    Pipeline.PATIENCE,
                    () ->
                            count(
                                            run,
                                            "events_normalized WHERE event_id IN ('%s', '%s')"
                                                    .formatted(A, B))
                                    == 2);
        }
    }

    private static long deadlocks(FaultRun run) throws SQLException {
        return run.number(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    }

    private static long count(FaultRun run, String from) throws SQLException {
        return run.number("SELECT count(*) FROM " + from);
    }

    @Test
    void survivesABlackHole() throws Exception {
        int port = URI.create(LocalStack.postgres().jdbcUrl("x").substring(5)).getPort();
        try (TcpProxy proxy = new TcpProxy(port);
                FaultRun run = new FaultRun("Postgres: network black hole, 12 s", "hole", data);
                SinkLog log = new SinkLog()) {
            run.pipeline()
                    .with(
                            Setting.POSTGRES_URL,
                            "jdbc:postgresql://127.0.0.1:%d/hole?socketTimeout=5&connectTimeout=5"
                                    .formatted(proxy.port()));
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        proxy.stall();
                        Throughout.holds(Duration.ofSeconds(12), run::assertRunning);
                        proxy.resume();
                    });
            assertOneOutage(log, "TRANSIENT", "SQLSTATE 08");
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    @Tag("slow")
    void survivesAFullDisk() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: disk full for 5 s", "disk_full", data);
                SinkLog log = new SinkLog()) {
            run.start(2, 1_000);
            run.strike(
                    () -> {
                        trigger(
                                run,
                                "FOR EACH ROW",
                                "RAISE EXCEPTION 'could not extend file: No space left on device'"
                                        + " USING ERRCODE = '53100'");
                        Throughout.holds(Duration.ofSeconds(5), run::assertRunning);
                        run.asOwner("DROP TRIGGER fault ON events_normalized");
                    });
            assertOneOutage(log, "SYSTEMIC", "53100", "No space left on device");
            run.assertNeverRestarted();
            run.finish();
        }
    }

    @Test
    @Tag("slow")
    void holdsBackForASlowDatabase() throws Exception {
        try (FaultRun run = new FaultRun("Postgres: 200 ms a statement, 10 s", "slow", data)) {
            run.pipeline().with(Setting.BATCH_SIZE, "200");
            run.start(1, 5_000);
            LiveHeap heap = new LiveHeap();
            run.strike(
                    () -> {
                        trigger(run, "", "PERFORM pg_sleep(0.2)");
                        Throughout.holds(
                                Duration.ofSeconds(10),
                                () -> {
                                    run.assertRunning();
                                    heap.sample();
                                });
                        run.asOwner("DROP TRIGGER fault ON events_normalized");
                    });
            heap.assertGrewAtMost(64);
            run.assertNeverRestarted();
            run.finish();
        }
    }

    /** One clear line when it begins and one when it is over, whatever the attempts were. */
    private static void assertOneOutage(SinkLog log, String... words) {
        assertThat(log.lines())
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .startsWith("WARN Postgres takes no rows")
                                        .contains(words)
                                        .doesNotContain("\n"),
                        line -> assertThat(line).isEqualTo("INFO Postgres takes rows again"));
    }

    /** Makes every insert do that first. */
    private static void trigger(FaultRun run, String level, String body) throws SQLException {
        run.asOwner(
                "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        + body
                        + "; RETURN NEW; END $$",
                "CREATE TRIGGER fault BEFORE INSERT ON events_normalized "
                        + level
                        + " EXECUTE FUNCTION fault()");
    }
}
