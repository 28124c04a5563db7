package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.Uuid;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The upsert's rules on a real Postgres. */
class BatchStoreITCase {

    private static final long NOON = 1_705_320_000_000_000L;

    private static EmbeddedPostgres postgres;

    private final AtomicInteger statements = new AtomicInteger();
    private Connection connection;
    private BatchStore store;

    @BeforeAll
    static void startPostgres() throws IOException {
        postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start();
    }

    @AfterAll
    static void stopPostgres() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void createTable() throws SQLException, IOException {
        connection = postgres.getPostgresDatabase().getConnection();
        sql("DROP TABLE IF EXISTS events_normalized");
        sql(Files.readString(Path.of("../sql/V1__create_events_normalized.sql")));
        JdbcConnectionOptions options =
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                        .withUrl(postgres.getJdbcUrl("postgres", "postgres"))
                        .withDriverName(PostgresConnections.DRIVER)
                        .build();
        store =
                new BatchStore(
                        new CountingProvider(options, statements),
                        Duration.ofMillis(500),
                        kind -> {});
    }

    @AfterEach
    void closeConnections() throws SQLException {
        store.abort();
        connection.close();
    }

    @Test
    void storesAllColumnsExactly() throws Exception {
        Event full =
                new Event(
                        id(1),
                        EventType.PURCHASE,
                        1_705_312_345_678_901L,
                        id(900),
                        Long.MAX_VALUE,
                        "/päth/😀",
                        "https://example.org/?q={a,\"b\",\\,NULL}",
                        1_705_312_346_000_001L,
                        raw(3, 42));
        Event sparse = new Event(id(2), EventType.VIEW, 0, id(901), null, null, null, 1, raw(0, 0));

        BatchStore.Result result = store.store(List.of(full, sparse));

        assertThat(result.inserted()).isEqualTo(2);
        assertThat(rows("SELECT * FROM events_normalized ORDER BY event_id"))
                .containsExactly(
                        id(1)
                                + "|PURCHASE|2024-01-15 09:52:25.678901+00|"
                                + id(900)
                                + "|9223372036854775807|/päth/😀|https://example.org/?q={a,\"b\",\\,NULL}"
                                + "|2024-01-15 09:52:26.000001+00|3|42",
                        id(2)
                                + "|VIEW|1970-01-01 00:00:00+00|"
                                + id(901)
                                + "|null|null|null|1970-01-01 00:00:00.000001+00|0|0");
    }

    @ParameterizedTest
    @CsvSource({
        "0001-01-01T00:00:00Z, -62135596800000000",
        "0001-01-01T00:00:00.000001Z, -62135596799999999",
        "1969-12-31T23:59:59.999999Z, -1",
        "2255-06-05T23:47:34.740993Z, 9007199254740993",
        "9999-12-31T23:59:59.999999Z, 253402300799999999"
    })
    void keepsEveryMicrosecond(String time, long micros) throws Exception {
        assertThat(
                        Instant.parse(time).getEpochSecond() * 1_000_000
                                + Instant.parse(time).getNano() / 1_000)
                .isEqualTo(micros);

        store.store(List.of(event(1, micros, 0, 1)));

        assertThat(
                        rows(
                                "SELECT (extract(epoch FROM occurred_at) * 1000000)::bigint FROM events_normalized"))
                .containsExactly(Long.toString(micros));
    }

    @Test
    void takesDuplicatesInOneBatch() throws Exception {
        BatchStore.Result result =
                store.store(
                        List.of(
                                event(1, NOON, 0, 1),
                                event(2, NOON, 0, 2),
                                event(1, NOON + 5, 0, 3),
                                event(1, NOON - 5, 0, 4)));

        assertThat(result.inserted()).isEqualTo(2);
        assertThat(result.superseded()).isEqualTo(2);
        assertThat(winners()).containsExactly(id(1) + "|0|3", id(2) + "|0|2");
    }

    @Test
    void writesNothingOnReplay() throws Exception {
        List<Event> batch = List.of(event(1, NOON, 0, 1), event(2, NOON, 0, 2));
        store.store(batch);
        List<String> before = rows("SELECT xmin, ctid, processed_at FROM events_normalized");

        BatchStore.Result replay = store.store(batch);

        assertThat(replay.inserted()).isZero();
        assertThat(replay.superseded()).isEqualTo(2);
        assertThat(rows("SELECT xmin, ctid, processed_at FROM events_normalized"))
                .isEqualTo(before);
    }

    @Test
    void letsALaterCopyWinAndAnOlderOneLose() throws Exception {
        store.store(List.of(event(1, NOON, 1, 10)));
        store.store(List.of(event(1, NOON - 1, 2, 99)));
        assertThat(winners()).containsExactly(id(1) + "|1|10");

        store.store(List.of(event(1, NOON, 1, 11)));
        assertThat(winners()).containsExactly(id(1) + "|1|11");

        store.store(List.of(event(1, NOON, 2, 0)));
        assertThat(winners()).containsExactly(id(1) + "|2|0");

        store.store(List.of(event(1, NOON + 1, 0, 0)));
        assertThat(winners()).containsExactly(id(1) + "|0|0");
    }

    @Test
    void convergesWhateverTheOrderAndTheBatches() throws Exception {
        Random random = new Random(7);
        List<Event> messages = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            messages.add(event(random.nextInt(300), NOON + random.nextInt(20), i % 3, i / 3));
        }
        List<String> first = null;
        for (int size : new int[] {1, 7, 500, 3_000}) {
            sql("TRUNCATE events_normalized");
            Collections.shuffle(messages, random);
            for (int from = 0; from < messages.size(); from += size) {
                store.store(messages.subList(from, Math.min(from + size, messages.size())));
            }
            List<String> table = winners();
            assertThat(table).hasSize(300);
            first = first == null ? table : first;
            assertThat(table).as("batches of %d", size).isEqualTo(first);
        }
    }

    @Test
    void takesABatchOfNewKeysAtOnceAndOneWithAKnownKeyAtTheSecondTry() throws Exception {
        List<Event> first = IntStream.range(0, 1_000).mapToObj(i -> event(i, NOON, 0, i)).toList();
        List<Event> second =
                IntStream.range(999, 1_999).mapToObj(i -> event(i, NOON + 1, 0, i + 1)).toList();
        List<Event> third =
                IntStream.range(1_998, 2_998).mapToObj(i -> event(i, NOON, 0, i + 2)).toList();

        assertThat(store.store(first).inserted()).isEqualTo(1_000);
        assertThat(statements.get()).isEqualTo(1);

        BatchStore.Result result = store.store(second);
        assertThat(result.inserted()).isEqualTo(999);
        assertThat(result.superseded()).isEqualTo(1);
        assertThat(statements.get()).isEqualTo(3);

        // After a lost try the next batch is upserted straight away.
        assertThat(store.store(third).inserted()).isEqualTo(999);
        assertThat(statements.get()).isEqualTo(4);
        assertThat(winners())
                .hasSize(2_998)
                .contains(id(998) + "|0|998", id(999) + "|0|1000", id(1_998) + "|0|1999");
    }

    @ParameterizedTest
    @CsvSource({"0", "510", "999"})
    void isolatesOnePoisonRowInFewStatements(int poison) throws Exception {
        sql("ALTER TABLE events_normalized ADD CONSTRAINT no_13 CHECK (src_offset <> 1000013)");
        List<Event> batch = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            batch.add(event(i, NOON, 0, i == poison ? 1_000_013 : i));
        }

        BatchStore.Result result = store.store(batch);

        assertThat(result.inserted()).isEqualTo(999);
        assertThat(result.refused()).hasSize(1);
        BatchStore.Refusal refusal = result.refused().get(0);
        assertThat(refusal.event()).isSameAs(batch.get(poison));
        assertThat(RefusedRows.deadLetter(refusal, 5).constraint()).isEqualTo("no_13");
        assertThat(RefusedRows.deadLetter(refusal, 5).sqlState()).isEqualTo("23514");
        assertThat(statements.get()).isLessThan(25);
        assertThat(rows("SELECT count(*) FROM events_normalized")).containsExactly("999");
    }

    @Test
    void triesTheRunnersUpWhenTheWinnerIsRefused() throws Exception {
        sql(
                "ALTER TABLE events_normalized ADD CONSTRAINT no_13 CHECK (src_offset NOT IN (13, 14))");

        BatchStore.Result result =
                store.store(
                        List.of(
                                event(1, NOON + 3, 0, 13),
                                event(1, NOON + 2, 0, 14),
                                event(1, NOON + 1, 0, 7),
                                event(1, NOON, 0, 6),
                                event(2, NOON, 0, 8)));

        assertThat(winners()).containsExactly(id(1) + "|0|7", id(2) + "|0|8");
        assertThat(result.inserted()).isEqualTo(2);
        assertThat(result.superseded()).isEqualTo(1);
        assertThat(result.refused().stream().map(r -> r.event().raw().offset()))
                .containsExactly(13L, 14L);
    }

    @Test
    void refusesAllRowsWhereAllAreBad() throws Exception {
        sql("ALTER TABLE events_normalized ADD CONSTRAINT nothing CHECK (false)");
        List<Event> batch = IntStream.range(0, 20).mapToObj(i -> event(i, NOON, 0, i)).toList();

        BatchStore.Result result = store.store(batch);

        assertThat(result.refused()).hasSize(20);
        assertThat(result.inserted()).isZero();
        assertThat(result.superseded()).isZero();
    }

    @Test
    void takesATriggersExceptionForARowsFault() throws Exception {
        sql(
                """
                CREATE OR REPLACE FUNCTION refuse_odd() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.src_offset % 2 = 1 THEN RAISE EXCEPTION 'odd offsets are not welcome'; END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse_odd BEFORE INSERT ON events_normalized
                    FOR EACH ROW EXECUTE FUNCTION refuse_odd()
                """);

        BatchStore.Result result = store.store(List.of(event(1, NOON, 0, 1), event(2, NOON, 0, 2)));

        assertThat(result.inserted()).isEqualTo(1);
        assertThat(result.refused()).hasSize(1);
        assertThat(RefusedRows.deadLetter(result.refused().get(0), 5).violations().get(0).detail())
                .isEqualTo("odd offsets are not welcome");
    }

    @Test
    void sendsFewerRowsAtOnceToASlowDatabase() throws Exception {
        sql(
                """
                CREATE OR REPLACE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
                CREATE TRIGGER doze BEFORE INSERT ON events_normalized
                    FOR EACH ROW EXECUTE FUNCTION doze();
                ALTER ROLE postgres SET statement_timeout = '500ms'
                """);
        try {
            List<Event> batch =
                    IntStream.range(0, 100).mapToObj(i -> event(i, NOON, 0, i)).toList();

            BatchStore.Result result = store.store(batch);

            assertThat(result.inserted()).isEqualTo(100);
            assertThat(result.refused()).isEmpty();
        } finally {
            sql("ALTER ROLE postgres RESET statement_timeout");
        }
    }

    @Test
    void growsBackToWholeBatchesAndNoFurther() throws Exception {
        sendsFewerRowsAtOnceToASlowDatabase();
        sql("DROP TRIGGER doze ON events_normalized");

        for (int i = 0; i < 400; i++) {
            assertThat(store.store(List.of(event(1_000 + i, NOON, 0, i))).inserted()).isEqualTo(1);
        }

        List<Event> batch =
                IntStream.range(2_000, 3_000).mapToObj(i -> event(i, NOON, 0, i)).toList();
        statements.set(0);
        assertThat(store.store(batch).inserted()).isEqualTo(1_000);
        assertThat(statements).hasValue(1);
    }

    @Test
    void refusesNoRowWhereTheTableIsMissing() throws Exception {
        sql("ALTER TABLE events_normalized RENAME TO gone");
        try {
            assertThatThrownBy(() -> store.store(List.of(event(1, NOON, 0, 1))))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("events_normalized");
        } finally {
            sql("ALTER TABLE gone RENAME TO events_normalized");
        }
        assertThat(store.store(List.of(event(1, NOON, 0, 1))).inserted()).isEqualTo(1);
    }

    @Test
    void survivesTheLossOfItsConnection() throws Exception {
        store.store(List.of(event(1, NOON, 0, 1)));
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()");

        assertThat(store.store(List.of(event(2, NOON, 0, 2))).inserted()).isEqualTo(1);
    }

    private static Event event(int key, long occurredAt, int partition, long offset) {
        return new Event(
                id(key),
                EventType.CLICK,
                occurredAt,
                id(900_000 + key),
                null,
                "/",
                null,
                NOON,
                raw(partition, offset));
    }

    private static RawEvent raw(int partition, long offset) {
        return new RawEvent(null, new byte[100], List.of(), "in", partition, offset, 0);
    }

    private static Uuid id(int n) {
        return Uuid.parse("00000000-0000-4000-8000-%012d".formatted(n));
    }

    private List<String> winners() throws SQLException {
        return rows(
                "SELECT event_id, src_partition, src_offset FROM events_normalized ORDER BY event_id");
    }

    private void sql(String statement) throws SQLException {
        try (Statement s = connection.createStatement()) {
            s.execute("SET TIME ZONE 'UTC'");
            s.execute(statement);
        }
    }

    private List<String> rows(String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement s = connection.createStatement();
                ResultSet result = s.executeQuery(query)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(result.getString(i));
                }
                rows.add(String.join("|", row.stream().map(String::valueOf).toList()));
            }
        }
        return rows;
    }

    /** The store asks for its connection once a statement. */
    private static final class CountingProvider extends SimpleJdbcConnectionProvider {

        private static final long serialVersionUID = 1L;

        private final transient AtomicInteger asked;

        CountingProvider(JdbcConnectionOptions options, AtomicInteger asked) {
            super(options);
            this.asked = asked;
        }

        @Override
        public Connection getConnection() {
            asked.incrementAndGet();
            return super.getConnection();
        }
    }
}
