package io.streamforge.account;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The table {@code events_normalized} as of one moment: every query sees the same snapshot, however
 * long the account takes and whatever the job writes meanwhile.
 */
final class TableSnapshot implements AutoCloseable {

    /** Rows per round trip of the cursor, a few MB at most. */
    private static final int FETCH_ROWS = 10_000;

    /**
     * Of the given versions, the positions of those that no row of the table has superseded. The
     * epoch is a numeric, so the microseconds are exact.
     */
    private static final String NOT_SUPERSEDED =
            """
            SELECT version.position
              FROM unnest(?::uuid[], ?::bigint[], ?::integer[], ?::bigint[]) WITH ORDINALITY
                AS version (event_id, micros, src_partition, src_offset, position)
             WHERE NOT EXISTS (
                   SELECT FROM events_normalized AS winner
                    WHERE winner.event_id = version.event_id
                      AND ((extract(epoch FROM winner.occurred_at) * 1000000)::bigint,
                           winner.src_partition, winner.src_offset)
                          >= (version.micros, version.src_partition, version.src_offset))
            """;

    private final Connection connection;

    TableSnapshot(ConnectionSource source) throws SQLException {
        connection = source.connect();
        try {
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            // Without this the driver ignores the fetch size and loads the whole table.
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Visits the coordinates of every row. */
    void coordinates(CoordinatesVisitor visitor) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet rows =
                    statement.executeQuery(
                            "SELECT src_partition, src_offset FROM events_normalized")) {
                while (rows.next()) {
                    visitor.visit(rows.getInt(1), rows.getLong(2));
                }
            }
        }
    }

    /** Those versions for whose {@code event_id} no row has an equal or greater version. */
    List<EventVersion> notSuperseded(List<EventVersion> versions) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NOT_SUPERSEDED)) {
            setArray(statement, 1, "uuid", versions, EventVersion::eventId);
            setArray(statement, 2, "int8", versions, EventVersion::occurredAtMicros);
            setArray(statement, 3, "int4", versions, EventVersion::partition);
            setArray(statement, 4, "int8", versions, EventVersion::offset);
            List<EventVersion> notSuperseded = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    notSuperseded.add(versions.get(rows.getInt(1) - 1));
                }
            }
            return notSuperseded;
        }
    }

    /** Ends the transaction, which wrote nothing, and closes the connection. */
    @Override
    public void close() throws SQLException {
        try (connection) {
            connection.rollback();
        }
    }

    private void setArray(
            PreparedStatement statement,
            int index,
            String type,
            List<EventVersion> versions,
            Function<EventVersion, Object> component)
            throws SQLException {
        Array array = connection.createArrayOf(type, versions.stream().map(component).toArray());
        statement.setArray(index, array);
    }
}
