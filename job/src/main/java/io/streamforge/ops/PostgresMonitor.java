package io.streamforge.ops;

import io.streamforge.config.PostgresConfig;
import io.streamforge.sink.PostgresConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** Whether Postgres can be reached, can be written and has the table. */
final class PostgresMonitor extends Monitor {

    private static final String CHECK = "postgres";

    /** A setting such as a read-only default holds for new connections alone. */
    private static final Duration OLDEST_CONNECTION = Duration.ofSeconds(5);

    private static final String QUERY =
            """
            SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
                   to_regclass('events_normalized') IS NULL,
                   NOT COALESCE(has_table_privilege(to_regclass('events_normalized'),
                                                    'INSERT, UPDATE'), false)
            """;

    private final PostgresConfig postgres;
    private Connection connection;
    private long openedAt;

    PostgresMonitor(PostgresConfig postgres) {
        super(CHECK, CHECK);
        this.postgres = postgres;
    }

    @Override
    List<Finding> look() {
        try {
            return List.of(ask());
        } catch (SQLException e) {
            release();
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            String state = e.getSQLState() == null ? "" : " (SQLSTATE " + e.getSQLState() + ")";
            return List.of(Finding.bad(CHECK, message + state));
        }
    }

    private Finding ask() throws SQLException {
        if (connection != null && System.nanoTime() - openedAt > OLDEST_CONNECTION.toNanos()) {
            release();
        }
        if (connection == null) {
            connection = PostgresConnections.open(postgres, PATIENCE);
            openedAt = System.nanoTime();
        }
        long asked = System.nanoTime();
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(QUERY)) {
            answer.next();
            if (answer.getBoolean(1)) {
                return Finding.bad(CHECK, "read-only: a standby, or set so");
            }
            if (answer.getBoolean(2)) {
                return Finding.bad(
                        CHECK, "the table events_normalized is missing: run the migrate command");
            }
            if (answer.getBoolean(3)) {
                return Finding.bad(
                        CHECK,
                        "the role " + postgres.user() + " may not write to events_normalized");
            }
            long millis = Duration.ofNanos(System.nanoTime() - asked).toMillis();
            return Finding.ok(CHECK, "writable and migrated, answers in " + millis + " ms");
        }
    }

    @Override
    void release() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is broken: that is why it is closed.
            }
            connection = null;
        }
    }
}
