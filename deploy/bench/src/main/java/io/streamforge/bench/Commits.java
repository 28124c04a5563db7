package io.streamforge.bench;

import io.streamforge.sink.PostgresConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SortedMap;
import java.util.TreeMap;

/** How many rows of the table had been committed when, as Postgres itself tells it. */
final class Commits {

    private static final String SQL =
            """
            SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint AS at, n
            FROM (SELECT xmin, count(*) AS n FROM events_normalized GROUP BY xmin) AS transactions
            ORDER BY 1
            """;

    private Commits() {}

    /** The {@link Clock} of systems whose dead letters do not tell where they came from. */
    static Curve of(JobProcess job, InputTopic topic) throws SQLException {
        SortedMap<Long, Long> counts = new TreeMap<>();
        try (Connection database = PostgresConnections.open(job.config().postgres());
                Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(SQL)) {
            long total = 0;
            while (rows.next()) {
                total += rows.getLong(2);
                counts.put(rows.getLong(1), total);
            }
        }
        return new Curve(counts);
    }

    static long count(Connection database, String query) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
