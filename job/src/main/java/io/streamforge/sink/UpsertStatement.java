package io.streamforge.sink;

import io.streamforge.event.Event;
import io.streamforge.sink.ArrayParameter.Type;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

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

    private static final String SQL =
            """
            WITH written AS (
                INSERT INTO events_normalized AS stored (
                    event_id, event_type, occurred_at, user_id, amount_cents,
                    path, referrer, processed_at, src_partition, src_offset)
                SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
        ArrayParameter eventId = new ArrayParameter(Type.UUID, n);
        ArrayParameter eventType = new ArrayParameter(Type.TEXT, n);
        ArrayParameter occurredAt = new ArrayParameter(Type.TIMESTAMPTZ, n);
        ArrayParameter userId = new ArrayParameter(Type.UUID, n);
        ArrayParameter amountCents = new ArrayParameter(Type.INT8, n);
        ArrayParameter path = new ArrayParameter(Type.TEXT, n);
        ArrayParameter referrer = new ArrayParameter(Type.TEXT, n);
        ArrayParameter processedAt = new ArrayParameter(Type.TIMESTAMPTZ, n);
        ArrayParameter srcPartition = new ArrayParameter(Type.INT4, n);
        ArrayParameter srcOffset = new ArrayParameter(Type.INT8, n);
        for (Event row : rows) {
            eventId.uuid(row.eventId());
            eventType.text(row.eventType().name());
            occurredAt.time(row.occurredAtMicros());
            userId.uuid(row.userId());
            amountCents.int8(row.amountCents());
            path.text(row.path());
            referrer.text(row.referrer());
            processedAt.time(row.processedAtMicros());
            srcPartition.int4(row.raw().partition());
            srcOffset.int8(row.raw().offset());
        }
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setArray(1, eventId.of(connection));
            statement.setArray(2, eventType.of(connection));
            statement.setArray(3, occurredAt.of(connection));
            statement.setArray(4, userId.of(connection));
            statement.setArray(5, amountCents.of(connection));
            statement.setArray(6, path.of(connection));
            statement.setArray(7, referrer.of(connection));
            statement.setArray(8, processedAt.of(connection));
            statement.setArray(9, srcPartition.of(connection));
            statement.setArray(10, srcOffset.of(connection));
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return new Outcome(result.getInt(1), result.getInt(2));
            }
        }
    }
}
