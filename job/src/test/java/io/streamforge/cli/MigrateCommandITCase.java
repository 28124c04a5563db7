package io.streamforge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real Postgres that asks for passwords. */
class MigrateCommandITCase {

    private static final String PASSWORD = "p@ss/canary";
    private static final String ENCODED = "p%40ss%2Fcanary";

    @TempDir private static Path shared;
    @TempDir private Path directory;

    private static EmbeddedPostgres server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void startPostgres() throws Exception {
        Path hba =
                Files.writeString(
                        shared.resolve("pg_hba.conf"),
                        """
                        host all postgres 127.0.0.1/32 trust
                        host all all      127.0.0.1/32 scram-sha-256
                        """);
        // The server may run as another user than this test.
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(hba, PosixFilePermissions.fromString("rw-r--r--"));
        server =
                EmbeddedPostgres.builder()
                        .setPGStartupWait(Duration.ofMinutes(1))
                        .setServerConfig("hba_file", "'" + hba + "'")
                        .start();
        asSuperuser("postgres", "CREATE ROLE owner LOGIN PASSWORD '" + PASSWORD + "'");
        asSuperuser("postgres", "CREATE ROLE guest LOGIN PASSWORD '" + PASSWORD + "'");
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        server.close();
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        asSuperuser("postgres", "DROP DATABASE IF EXISTS events");
        asSuperuser("postgres", "CREATE DATABASE events OWNER owner");
    }

    @Test
    void migratesFromEmptyAndThenFindsNothingToDo() throws Exception {
        assertThat(migrate(url("owner", ENCODED))).as(err.toString()).isEqualTo(StreamForge.OK);
        assertThat(out.toString()).isEqualToIgnoringNewLines("Applied migration 1");
        assertThat(query("SELECT count(*) FROM events_normalized")).isEqualTo("0");

        out.getBuffer().setLength(0);
        assertThat(migrate(url("owner", ENCODED))).isEqualTo(StreamForge.OK);
        assertThat(out.toString()).isEqualToIgnoringNewLines("The schema is up to date");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void migratesOnABareJdkWithThePasswordInAFile() throws Exception {
        Path file = Files.writeString(directory.resolve("password"), PASSWORD + "\n");

        BareJdk.Outcome outcome =
                BareJdk.run(
                        directory,
                        Map.of("POSTGRES_PASSWORD_FILE", file.toString()),
                        "migrate",
                        "--POSTGRES_URL=postgresql://owner@127.0.0.1:"
                                + server.getPort()
                                + "/events");

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).isEqualToIgnoringNewLines("Applied migration 1");
        assertThat(outcome.exitCode()).isEqualTo(StreamForge.OK);
    }

    @Test
    void appliesEachMigrationOnceWhereTwoRunAtOnce() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            Callable<List<String>> migration =
                    () ->
                            SchemaMigration.migrate(
                                    "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/events",
                                    "owner",
                                    PASSWORD);
            Future<List<String>> one = pool.submit(migration);
            Future<List<String>> other = pool.submit(migration);

            assertThat(Stream.concat(one.get().stream(), other.get().stream()))
                    .containsExactly("1");
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void doesNotWaitForAWrongPassword() {
        assertThat(migrate(url("owner", "wrong-canary"))).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("Postgres at jdbc:postgresql://127.0.0.1:")
                .contains("refuses user 'owner'")
                .endsWith("(SQLSTATE 28P01)")
                .doesNotContain("canary");
    }

    @Test
    void doesNotWaitForAMissingPasswordOrDatabase() {
        assertThat(migrate("postgresql://owner@127.0.0.1:" + server.getPort() + "/events"))
                .isEqualTo(StreamForge.USAGE);
        assertThat(migrate(url("owner", ENCODED) + "_missing")).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("(SQLSTATE 08004)"),
                        line -> assertThat(line).endsWith("(SQLSTATE 3D000)"));
    }

    @Test
    void refusesARoleThatMayNotOwnTheSchema() {
        assertThat(migrate(url("guest", ENCODED))).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString())
                .startsWith("The schema could not be migrated: ")
                .contains("(SQLSTATE 42501)")
                .hasLineCount(1);
    }

    @Test
    void failsWhereAnAppliedMigrationIsNotThisReleases() throws Exception {
        assertThat(migrate(url("owner", ENCODED))).isEqualTo(StreamForge.OK);
        asSuperuser("events", "UPDATE flyway_schema_history SET checksum = 1");

        assertThat(migrate(url("owner", ENCODED))).isEqualTo(StreamForge.FAILED);
        assertThat(err.toString())
                .startsWith("The schema could not be migrated: ")
                .contains("checksum")
                .hasLineCount(1);
    }

    @Test
    void waitsForAServerThatSwallowsPacketsNoLongerThanToldTo() throws Exception {
        // The kernel accepts the connection and nothing ever answers.
        try (ServerSocket silent = new ServerSocket(0)) {
            long start = System.nanoTime();

            int exitCode = migrate("postgresql://u@127.0.0.1:" + silent.getLocalPort() + "/db");

            assertThat(exitCode).isEqualTo(StreamForge.UNREACHABLE);
            assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
        }
    }

    @Test
    void storesEveryExtremeThatTheValidatorAccepts() throws Exception {
        assertThat(migrate(url("owner", ENCODED))).isEqualTo(StreamForge.OK);
        insert("id", "'CLICK'", "'0001-01-01T00:00:00Z'", "0", "'/'", "NULL");
        insert("id", "'VIEW'", "'9999-12-31T23:59:59.999999Z'", "NULL", "NULL", "NULL");
        insert(
                "id",
                "'PURCHASE'",
                "'1969-12-31T23:59:59.999999Z'",
                Long.toString(Long.MAX_VALUE),
                "'/' || repeat('\u20ac', 349525)",
                "repeat('r', 1048576)");
        asOwner(
                "INSERT INTO events_normalized VALUES (gen_random_uuid(), 'VIEW', now(),"
                        + " gen_random_uuid(), NULL, NULL, NULL, now(), 0, 0),"
                        + " (gen_random_uuid(), 'VIEW', now(), gen_random_uuid(), NULL, NULL,"
                        + " 'NULL', now(), 2147483647, 9223372036854775807)");

        assertThat(query("SELECT count(*) FROM events_normalized")).isEqualTo("5");
        assertThat(
                        query(
                                "SELECT string_agg(occurred_at::text, ' ' ORDER BY occurred_at)"
                                        + " FROM events_normalized WHERE src_offset = 7"))
                .isEqualTo(
                        "0001-01-01 00:00:00+00 1969-12-31 23:59:59.999999+00"
                                + " 9999-12-31 23:59:59.999999+00");
        assertThat(query("SELECT max(amount_cents) FROM events_normalized"))
                .isEqualTo("9223372036854775807");
        assertThat(query("SELECT max(octet_length(path)) FROM events_normalized"))
                .isEqualTo("1048576");
    }

    @Test
    void refusesWhatNoValidEventHas() throws Exception {
        assertThat(migrate(url("owner", ENCODED))).isEqualTo(StreamForge.OK);
        String now = "'2024-01-15T00:00:00Z'";
        assertRefused("event_type_known", "'click'", now, "NULL", "NULL", "NULL");
        for (String outside :
                List.of(
                        "'0001-01-01T00:00:00Z'::timestamptz - interval '1 microsecond'",
                        "'10000-01-01T00:00:00Z'",
                        "'-infinity'",
                        "'infinity'")) {
            assertRefused("occurred_at_range", "'VIEW'", outside, "NULL", "NULL", "NULL");
        }
        assertRefused("amount_not_negative", "'VIEW'", now, "-1", "NULL", "NULL");
        assertRefused("purchase_has_amount", "'PURCHASE'", now, "NULL", "NULL", "NULL");
        assertRefused("path_absolute", "'VIEW'", now, "NULL", "''", "NULL");
        assertRefused("path_absolute", "'VIEW'", now, "NULL", "'a/b'", "NULL");
        for (String nothing : List.of("''", "'null'", "'undefined'")) {
            assertRefused("referrer_meaningful", "'VIEW'", now, "NULL", "NULL", nothing);
        }
        for (String coordinates : List.of("-1, 0", "0, -1")) {
            assertThatThrownBy(
                            () ->
                                    asOwner(
                                            "INSERT INTO events_normalized VALUES"
                                                    + " (gen_random_uuid(), 'VIEW', now(),"
                                                    + " gen_random_uuid(), NULL, NULL, NULL,"
                                                    + " now(), "
                                                    + coordinates
                                                    + ")"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("events_normalized_source");
        }
        insert("'00000000-0000-0000-0000-000000000001'", "'VIEW'", now, "0", "'/'", "'r'");
        assertThatThrownBy(
                        () ->
                                insert(
                                        "'00000000-0000-0000-0000-000000000001'",
                                        "'VIEW'",
                                        now,
                                        "0",
                                        "'/'",
                                        "'r'"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("events_normalized_pkey");
        assertThat(query("SELECT count(*) FROM events_normalized")).isEqualTo("1");
    }

    private static void assertRefused(
            String constraint,
            String type,
            String occurredAt,
            String amount,
            String path,
            String referrer) {
        assertThatThrownBy(() -> insert("id", type, occurredAt, amount, path, referrer))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("\"events_normalized_" + constraint + "\"")
                .extracting(error -> ((SQLException) error).getSQLState())
                .isEqualTo("23514");
    }

    /** Values are SQL expressions; {@code id} is a new UUID. */
    private static void insert(
            String id, String type, String occurredAt, String amount, String path, String referrer)
            throws SQLException {
        asOwner(
                "INSERT INTO events_normalized SELECT "
                        + String.join(
                                ", ",
                                id.equals("id") ? "gen_random_uuid()" : id + "::uuid",
                                type,
                                "(" + occurredAt + ")::timestamptz",
                                "gen_random_uuid()",
                                amount + "::bigint",
                                path,
                                referrer,
                                "now()",
                                "0",
                                "7"));
    }

    private int migrate(String url) {
        return StreamForge.run(
                new String[] {"migrate", "--START_TIMEOUT=3s"},
                Map.of("POSTGRES_URL", url),
                new PrintWriter(out, true),
                new PrintWriter(err, true));
    }

    private static String url(String user, String password) {
        return "postgresql://"
                + user
                + ":"
                + password
                + "@127.0.0.1:"
                + server.getPort()
                + "/events";
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = connect("events");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TIME ZONE 'UTC'");
            try (ResultSet result = statement.executeQuery(sql)) {
                result.next();
                return result.getString(1);
            }
        }
    }

    private static void asOwner(String sql) throws SQLException {
        try (Connection connection = connect("events");
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE owner");
            statement.execute(sql);
        }
    }

    private static void asSuperuser(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect(String database) throws SQLException {
        return server.getDatabase("postgres", database).getConnection();
    }
}
