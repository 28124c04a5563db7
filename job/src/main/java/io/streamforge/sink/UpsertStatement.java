package io.streamforge.sink;

import io.streamforge.event.Event;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;

/**
 * The guarded upsert of many rows as one statement, and so as one transaction: all of them or none.
 *
 * <p>Columns travel as arrays: one round trip and one plan, whatever the number of rows. The guard
 * makes the table a pure function of the set of messages: a replay writes nothing, and of several
 * messages with one {@code event_id} the greatest {@code (occurred_at, src_partition, src_offset)}
 * stays, in whatever order they arrive.
 */
final class UpsertStatement {

    /** What one execution did; a row that was neither lost against the one in the table. */
    record Outcome(int inserted, int updated) {}

    // Microseconds since the epoch as two exact parts: floating point has no room for all of them.
    private static final String SQL =
            """
            WITH written AS (
                INSERT INTO events_normalized AS stored (
                    event_id, event_type, occurred_at, user_id, amount_cents,
                    path, referrer, processed_at, src_partition, src_offset)
                SELECT
                    event_id::uuid, event_type,
                    to_timestamp(occurred_at / 1000000) + (occurred_at % 1000000) * interval '1 microsecond',
                    user_id::uuid, amount_cents, path, referrer,
                    to_timestamp(processed_at / 1000000) + (processed_at % 1000000) * interval '1 microsecond',
                    src_partition, src_offset
                FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS batch (
                    event_id, event_type, occurred_at, user_id, amount_cents,
                    path, referrer, processed_at, src_partition, src_offset)
                ON CONFLICT (event_id) DO UPDATE SET
                    event_type = EXCLUDED.event_type,
                    occurred_at = EXCLUDED.occurred_at,
                    user_id = EXCLUDED.user_id,
                    amount_cents = EXCLUDED.amount_cents,
                    path = EXCLUDED.path,
                    referrer = EXCLUDED.referrer,
                    processed_at = EXCLUDED.processed_at,
                    src_partition = EXCLUDED.src_partition,
                    src_offset = EXCLUDED.src_offset
                WHERE (EXCLUDED.occurred_at, EXCLUDED.src_partition, EXCLUDED.src_offset)
                    > (stored.occurred_at, stored.src_partition, stored.src_offset)
                RETURNING xmax = 0 AS inserted)
            SELECT count(*) FILTER (WHERE inserted), count(*) FILTER (WHERE NOT inserted) FROM written
            """;

    private UpsertStatement() {}

    /**
     * Upserts the rows, which must have distinct event ids and be sorted by them, so that
     * concurrent writers take row locks in one order and never deadlock.
     *
     * @param connection in auto-commit: the statement is the transaction
     */
    static Outcome execute(Connection connection, List<Event> rows) throws SQLException {
        int n = rows.size();
        String[] eventId = new String[n];
        String[] eventType = new String[n];
        long[] occurredAt = new long[n];
        String[] userId = new String[n];
        Long[] amountCents = new Long[n];
        String[] path = new String[n];
        String[] referrer = new String[n];
        long[] processedAt = new long[n];
        int[] srcPartition = new int[n];
        long[] srcOffset = new long[n];
        for (int i = 0; i < n; i++) {
            Event row = rows.get(i);
            eventId[i] = row.eventId();
            eventType[i] = row.eventType().name();
            occurredAt[i] = row.occurredAtMicros();
            userId[i] = row.userId();
            amountCents[i] = row.amountCents();
            path[i] = row.path();
            referrer[i] = row.referrer();
            processedAt[i] = row.processedAtMicros();
            srcPartition[i] = row.raw().partition();
            srcOffset[i] = row.raw().offset();
        }
        PGConnection postgres = connection.unwrap(PGConnection.class);
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setArray(1, postgres.createArrayOf("text", eventId));
            statement.setArray(2, postgres.createArrayOf("text", eventType));
            statement.setArray(3, postgres.createArrayOf("int8", occurredAt));
            statement.setArray(4, postgres.createArrayOf("text", userId));
            statement.setArray(5, postgres.createArrayOf("int8", amountCents));
            statement.setArray(6, postgres.createArrayOf("text", path));
            statement.setArray(7, postgres.createArrayOf("text", referrer));
            statement.setArray(8, postgres.createArrayOf("int8", processedAt));
            statement.setArray(9, postgres.createArrayOf("int4", srcPartition));
            statement.setArray(10, postgres.createArrayOf("int8", srcOffset));
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return new Outcome(result.getInt(1), result.getInt(2));
            }
        }
    }
}
