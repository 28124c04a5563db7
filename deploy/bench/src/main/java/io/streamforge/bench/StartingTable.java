package io.streamforge.bench;

import io.streamforge.cli.SchemaMigration;
import io.streamforge.local.PostgresProcess;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The rows that are in the table before a run, which begins with a copy of this database.
 *
 * @param rows with random keys that no event has, and a partition that no topic has
 */
record StartingTable(String database, long rows) {

    /** No row, and no table yet either. */
    static final StartingTable EMPTY = new StartingTable("template1", 0);

    private static final String INSERT =
            """
            INSERT INTO events_normalized
            SELECT gen_random_uuid(), 'VIEW',
                timestamptz '2026-01-01 00:00:00+00' + n * interval '100 microseconds',
                gen_random_uuid(), n % 50000, '/products/' || n % 10000,
                CASE WHEN n % 4 > 0 THEN 'https://www.google.com/' END, now(), 2147483647, n
            FROM generate_series(?::bigint + 1, ?::bigint) AS n
            """;

    /** Another one, with these rows and more. The index is built at the end, all at once. */
    StartingTable grown(BenchStack stack, long to) throws IOException, SQLException {
        String name = "preloaded_" + to;
        String url = stack.postgres().jdbcUrl(name);
        stack.createDatabase(name, this);
        SchemaMigration.migrate(url, PostgresProcess.NAME, PostgresProcess.NAME);
        try (Connection connection =
                        DriverManager.getConnection(
                                url, PostgresProcess.NAME, PostgresProcess.NAME);
                Statement statement = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            statement.execute(
                    "ALTER TABLE events_normalized DROP CONSTRAINT events_normalized_pkey");
            insert.setLong(1, rows);
            insert.setLong(2, to);
            insert.executeUpdate();
            statement.execute("SET maintenance_work_mem = '1GB'");
            statement.execute("ALTER TABLE events_normalized ADD PRIMARY KEY (event_id)");
            // Or else the first who reads the rows would pay for it, in the middle of a run.
            statement.execute("VACUUM (FREEZE, ANALYZE) events_normalized");
        }
        return new StartingTable(name, to);
    }
}
