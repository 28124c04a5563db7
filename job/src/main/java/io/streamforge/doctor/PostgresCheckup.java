package io.streamforge.doctor;

import io.streamforge.config.PostgresConfig;
import io.streamforge.sink.PostgresConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The server, the table's shape and privileges, clocks and long transactions. */
final class PostgresCheckup {

    private static final String AREA = "postgres";

    /** What the tests run on is newer; what the SQL needs is this. */
    private static final int OLDEST_VERSION = 120_000;

    private static final Duration SKEW = Duration.ofSeconds(5);
    private static final Duration OPEN_TOO_LONG = Duration.ofMinutes(5);

    /** As {@code sql/} creates them. */
    private static final Map<String, String> COLUMNS = columns();

    private static final Set<String> CONSTRAINTS =
            Set.of(
                    "events_normalized_pkey",
                    "events_normalized_event_type_known",
                    "events_normalized_occurred_at_range",
                    "events_normalized_amount_not_negative",
                    "events_normalized_purchase_has_amount",
                    "events_normalized_path_absolute",
                    "events_normalized_referrer_meaningful",
                    "events_normalized_source");

    private final PostgresConfig postgres;
    private final Clock clock;
    private final Consumer<Finding> findings;

    PostgresCheckup(PostgresConfig postgres, Clock clock, Consumer<Finding> findings) {
        this.postgres = postgres;
        this.clock = clock;
        this.findings = findings;
    }

    private static Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("event_id", "uuid");
        columns.put("event_type", "text");
        columns.put("occurred_at", "timestamp with time zone");
        columns.put("user_id", "uuid");
        columns.put("amount_cents", "bigint");
        columns.put("path", "text");
        columns.put("referrer", "text");
        columns.put("processed_at", "timestamp with time zone");
        columns.put("src_partition", "integer");
        columns.put("src_offset", "bigint");
        return columns;
    }

    void run() {
        try (Connection connection = PostgresConnections.open(postgres);
                Statement statement = connection.createStatement()) {
            server(statement);
            clocks(statement);
            longTransactions(statement);
            if (hasTable(statement)) {
                shape(statement);
                constraints(statement);
                privileges(statement);
            }
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            String what = "Postgres at " + postgres.url() + ": " + e.getMessage();
            boolean refused =
                    state.startsWith("28") || state.startsWith("3D") || state.equals("08004");
            findings.accept(
                    refused
                            ? Finding.warning(
                                    AREA, what, "check POSTGRES_URL, POSTGRES_USER and password")
                            : Finding.unreachable(
                                    AREA, what, "check POSTGRES_URL and that Postgres runs"));
        }
    }

    private void server(Statement statement) throws SQLException {
        String version = value(statement, "SHOW server_version");
        int number = Integer.parseInt(value(statement, "SHOW server_version_num"));
        if (number < OLDEST_VERSION) {
            warn("Postgres " + version + " is too old", "use Postgres 12 or newer; 17 is tested");
        } else {
            findings.accept(Finding.ok(AREA, "Postgres " + version + " at " + postgres.url()));
        }
        if (value(statement, "SELECT pg_is_in_recovery()").equals("t")) {
            warn(
                    "this server is a standby: it takes no rows",
                    "point POSTGRES_URL to the primary, or name all hosts");
        } else if (value(statement, "SHOW transaction_read_only").equals("on")) {
            warn(
                    "this role's transactions are read-only",
                    "ALTER ROLE … SET default_transaction_read_only = off");
        }
        if (value(statement, "SHOW fsync").equals("off")) {
            warn(
                    "fsync is off: a crash of the server loses rows that a checkpoint counts as"
                            + " stored",
                    "set fsync = on, unless the data is for a trial");
        }
        if (value(statement, "SHOW synchronous_commit").equals("off")) {
            warn(
                    "synchronous_commit is off: a crash of the server loses the last rows, which a"
                            + " checkpoint counts as stored",
                    "ALTER ROLE … SET synchronous_commit = on");
        }
    }

    private void clocks(Statement statement) throws SQLException {
        Instant before = clock.instant();
        Instant there =
                Instant.ofEpochMilli(
                        Long.parseLong(
                                value(
                                        statement,
                                        "SELECT (extract(epoch FROM clock_timestamp())"
                                                + " * 1000)::bigint")));
        Instant after = clock.instant();
        Duration ahead =
                there.isAfter(after)
                        ? Duration.between(after, there)
                        : Duration.between(before, there);
        Duration skew =
                there.isBefore(before) || there.isAfter(after) ? ahead.abs() : Duration.ZERO;
        if (skew.compareTo(SKEW) > 0) {
            warn(
                    "Postgres's clock is "
                            + Spans.text(skew)
                            + (ahead.isNegative() ? " behind" : " ahead of")
                            + " this machine's: processed_at and now() do not compare",
                    "synchronise both with NTP");
        } else {
            findings.accept(Finding.ok(AREA, "its clock agrees with this machine's"));
        }
    }

    private void longTransactions(Statement statement) throws SQLException {
        for (List<String> row :
                rows(
                        statement,
                        "SELECT pid, coalesce(application_name, ''), coalesce(state, ''),"
                                + " extract(epoch FROM clock_timestamp() - xact_start)::bigint"
                                + " FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND pid <> pg_backend_pid() AND xact_start < clock_timestamp()"
                                + " - make_interval(secs => "
                                + OPEN_TOO_LONG.toSeconds()
                                + ")")) {
            warn(
                    "process "
                            + row.get(0)
                            + " ("
                            + row.get(1)
                            + ", "
                            + row.get(2)
                            + ") has had a transaction open for "
                            + Spans.text(Duration.ofSeconds(Long.parseLong(row.get(3))))
                            + ": it may hold locks, and the table cannot be vacuumed",
                    "end it: SELECT pg_terminate_backend(" + row.get(0) + ")");
        }
        for (List<String> row :
                rows(
                        statement,
                        "SELECT gid, prepared FROM pg_prepared_xacts"
                                + " WHERE database = current_database()")) {
            warn(
                    "a transaction was prepared at " + row.get(1) + " and is still open",
                    "COMMIT or ROLLBACK PREPARED '" + row.get(0) + "'");
        }
    }

    private boolean hasTable(Statement statement) throws SQLException {
        if (value(statement, "SELECT to_regclass('events_normalized')") == null) {
            warn(
                    "the table events_normalized is missing, or not in this role's search_path",
                    "run `streamforge migrate`");
            return false;
        }
        return true;
    }

    private void shape(Statement statement) throws SQLException {
        Map<String, String> found = new LinkedHashMap<>();
        Map<String, Boolean> required = new LinkedHashMap<>();
        for (List<String> row :
                rows(
                        statement,
                        "SELECT attname, format_type(atttypid, atttypmod),"
                                + " attnotnull AND NOT atthasdef FROM pg_attribute"
                                + " WHERE attrelid = 'events_normalized'::regclass"
                                + " AND attnum > 0 AND NOT attisdropped")) {
            found.put(row.get(0), row.get(1));
            required.put(row.get(0), row.get(2).equals("t"));
        }
        List<String> wrong = new ArrayList<>();
        COLUMNS.forEach(
                (name, type) -> {
                    if (!type.equals(found.get(name))) {
                        wrong.add(
                                name
                                        + (found.containsKey(name)
                                                ? " is " + found.get(name) + ", not " + type
                                                : " is missing"));
                    }
                });
        required.forEach(
                (name, needed) -> {
                    if (needed && !COLUMNS.containsKey(name)) {
                        wrong.add(name + " is required, and the job does not know it");
                    }
                });
        if (wrong.isEmpty()) {
            findings.accept(Finding.ok(AREA, "events_normalized has the columns of this release"));
        } else {
            warn(
                    "events_normalized: " + String.join("; ", wrong),
                    "run `streamforge migrate`, and undo what was changed by hand");
        }
    }

    private void constraints(Statement statement) throws SQLException {
        List<String> more = new ArrayList<>();
        boolean key = false;
        for (List<String> row :
                rows(
                        statement,
                        "SELECT conname, pg_get_constraintdef(oid), contype FROM pg_constraint"
                                + " WHERE conrelid = 'events_normalized'::regclass"
                                // From version 18 on, NOT NULL is a constraint of its own.
                                + " AND contype <> 'n'")) {
            key |= row.get(1).equals("PRIMARY KEY (event_id)");
            if (!CONSTRAINTS.contains(row.get(0))) {
                more.add(row.get(0) + " " + row.get(1));
            }
        }
        for (List<String> row :
                rows(
                        statement,
                        "SELECT indexrelid::regclass::text FROM pg_index"
                                + " WHERE indrelid = 'events_normalized'::regclass"
                                + " AND indisunique AND NOT indisprimary AND NOT EXISTS (SELECT"
                                + " FROM pg_constraint WHERE conindid = indexrelid)")) {
            more.add("unique index " + row.get(0));
        }
        if (!key) {
            warn(
                    "events_normalized has no primary key on event_id: the upsert needs it",
                    "run `streamforge migrate`");
        }
        if (!more.isEmpty()) {
            warn(
                    "rows may be refused by what this release does not know: "
                            + String.join(", ", more),
                    "drop it, or expect dead letters of stage store");
        }
        for (List<String> row :
                rows(
                        statement,
                        "SELECT tgname FROM pg_trigger"
                                + " WHERE tgrelid = 'events_normalized'::regclass"
                                + " AND NOT tgisinternal AND tgenabled <> 'D'")) {
            findings.accept(
                    Finding.note(
                            AREA,
                            "trigger "
                                    + row.get(0)
                                    + " runs for every row that is written, and may refuse it",
                            "keep it cheap"));
        }
    }

    private void privileges(Statement statement) throws SQLException {
        List<String> missing = new ArrayList<>();
        for (String privilege : List.of("SELECT", "INSERT", "UPDATE")) {
            if (!value(
                            statement,
                            "SELECT has_table_privilege('events_normalized', '" + privilege + "')")
                    .equals("t")) {
                missing.add(privilege);
            }
        }
        if (missing.isEmpty()) {
            findings.accept(
                    Finding.ok(AREA, postgres.user() + " may SELECT, INSERT and UPDATE it"));
        } else {
            warn(
                    postgres.user() + " may not " + String.join(", ", missing) + " it",
                    "GRANT "
                            + String.join(", ", missing)
                            + " ON events_normalized TO "
                            + postgres.user());
        }
    }

    private void warn(String what, String advice) {
        findings.accept(Finding.warning(AREA, what, advice));
    }

    /** The first column of the first row. */
    private static String value(Statement statement, String query) throws SQLException {
        return rows(statement, query).get(0).get(0);
    }

    private static List<List<String>> rows(Statement statement, String query) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }
}
