package io.streamforge.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A message is superseded only by an equal or greater version in the table, to the microsecond. */
class SupersededCheckTest {

    private static final UUID EVENT = new UUID(1, 2);
    private static final UUID OTHER = new UUID(3, 4);

    /** The first and the last microsecond that the contract knows, and some between. */
    private static final List<String> TIMES =
            List.of(
                    "0001-01-01T00:00:00Z",
                    "1582-10-10T12:00:00.000001Z",
                    "1969-12-31T23:59:59.999999Z",
                    "1970-01-01T00:00:00Z",
                    "2024-02-29T23:59:59.123457Z",
                    "9999-12-31T23:59:59.999999Z");

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException, SQLException {
        postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start();
        execute(Files.readString(Path.of("..", "sql", "V1__create_events_normalized.sql")));
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        execute("TRUNCATE events_normalized");
    }

    @Test
    void anEqualOrGreaterVersionSupersedesAtEveryTime() throws SQLException {
        for (String time : TIMES) {
            execute("TRUNCATE events_normalized");
            insert(EVENT, time, 5, 50);
            Instant instant = Instant.parse(time);
            long micros = instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;

            SupersededCheck check =
                    check(
                            Set.of(),
                            new EventVersion(EVENT, micros - 1, 6, 60),
                            new EventVersion(EVENT, micros, 4, 70),
                            new EventVersion(EVENT, micros, 5, 49),
                            new EventVersion(EVENT, micros, 5, 50),
                            new EventVersion(EVENT, micros, 5, 51),
                            new EventVersion(EVENT, micros, 7, 1),
                            new EventVersion(EVENT, micros + 1, 0, 0));

            assertThat(check.superseded().first(9))
                    .as(time)
                    .containsExactly("4@70", "5@49", "5@50", "6@60");
            assertThat(check.lost().first(9)).as(time).containsExactly("0@0", "5@51", "7@1");
        }
    }

    @Test
    void aVersionOfAnotherEventSupersedesNothing() throws SQLException {
        insert(OTHER, "2024-01-01T00:00:00Z", 0, 9);

        SupersededCheck check = check(Set.of(), new EventVersion(EVENT, 0, 0, 1));

        assertThat(check.superseded().isEmpty()).isTrue();
        assertThat(check.lost().first(9)).containsExactly("0@1");
    }

    @Test
    void theLoserOfARefusedVersionIsSuperseded() throws SQLException {
        SupersededCheck check =
                check(
                        Set.of(EVENT),
                        new EventVersion(EVENT, 0, 0, 1),
                        new EventVersion(OTHER, 0, 0, 2));

        assertThat(check.superseded().first(9)).containsExactly("0@1");
        assertThat(check.lost().first(9)).containsExactly("0@2");
    }

    @Test
    void batchesAreAllChecked() throws SQLException {
        insert(EVENT, "2024-01-01T00:00:00Z", 0, 1_000_000);
        List<EventVersion> versions = new ArrayList<>();
        for (int i = 0; i < 12_000; i++) {
            versions.add(new EventVersion(i % 4_000 == 3_999 ? OTHER : EVENT, i, 0, i));
        }

        SupersededCheck check = check(Set.of(), versions.toArray(EventVersion[]::new));

        assertThat(check.superseded().size()).isEqualTo(11_997);
        assertThat(check.lost().first(9)).containsExactly("0@3999", "0@7999", "0@11999");
    }

    @Test
    void theTableIsReadAsOfOneMoment() throws SQLException {
        insert(EVENT, "2024-01-01T00:00:00Z", 0, 1);
        insert(OTHER, "2024-01-01T00:00:00Z", 3, 4);
        OffsetSet before = new OffsetSet();
        OffsetSet after = new OffsetSet();

        try (TableSnapshot snapshot = new TableSnapshot(SupersededCheckTest::connect)) {
            snapshot.coordinates(before::add);
            execute("DELETE FROM events_normalized");
            snapshot.coordinates(after::add);
        }

        assertThat(before.first(9)).containsExactly("0@1", "3@4");
        assertThat(after.first(9)).containsExactly("0@1", "3@4");
    }

    private static SupersededCheck check(Set<UUID> refusedEvents, EventVersion... versions)
            throws SQLException {
        try (TableSnapshot snapshot = new TableSnapshot(SupersededCheckTest::connect)) {
            SupersededCheck check = new SupersededCheck(snapshot, refusedEvents);
            for (EventVersion version : versions) {
                check.add(version);
            }
            check.flush();
            return check;
        }
    }

    private static void insert(UUID eventId, String occurredAt, int partition, long offset)
            throws SQLException {
        execute(
                "INSERT INTO events_normalized VALUES ('"
                        + eventId
                        + "', 'CLICK', '"
                        + occurredAt
                        + "', '"
                        + eventId
                        + "', NULL, NULL, NULL, now(), "
                        + partition
                        + ", "
                        + offset
                        + ")");
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect() throws SQLException {
        return postgres.getPostgresDatabase().getConnection();
    }
}
