package io.streamforge.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * When the rows of a table were committed, as Postgres itself tells it: a curve that only rises.
 *
 * @param micros since the epoch, one entry for each transaction
 * @param rows committed by then
 */
record Commits(long[] micros, long[] rows) {

    private static final String SQL =
            """
            SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint AS at, n
            FROM (SELECT xmin, count(*) AS n FROM events_normalized GROUP BY xmin) AS transactions
            ORDER BY 1
            """;

    /** All that made the table what it is. */
    static Commits of(Connection database) throws SQLException {
        List<long[]> commits = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(SQL)) {
            while (rows.next()) {
                commits.add(new long[] {rows.getLong(1), rows.getLong(2)});
            }
        }
        long[] micros = new long[commits.size()];
        long[] sum = new long[commits.size()];
        long total = 0;
        for (int i = 0; i < micros.length; i++) {
            micros[i] = commits.get(i)[0];
            total += commits.get(i)[1];
            sum[i] = total;
        }
        return new Commits(micros, sum);
    }

    long total() {
        return rows.length == 0 ? 0 : rows[rows.length - 1];
    }

    /** The index of the first commit by which so many rows were there. */
    private int reached(long count) {
        int i = 0;
        while (rows[i] < count) {
            i++;
        }
        return i;
    }

    /** A stretch of the curve. */
    record Stretch(long fromMicros, long toMicros, long rows) {

        double perSecond() {
            return rows * 1e6 / (toMicros - fromMicros);
        }
    }

    /** Between the commits by which so many and so many rows were there. */
    Stretch between(long fromRows, long toRows) {
        int from = reached(fromRows);
        int to = reached(toRows);
        return new Stretch(micros[from], micros[to], rows[to] - rows[from]);
    }

    static long count(Connection database, String query) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
