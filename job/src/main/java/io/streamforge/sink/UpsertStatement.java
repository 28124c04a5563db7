package io.streamforge.sink;

import io.streamforge.event.Event;
import io.streamforge.sink.ArrayParameter.Type;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * One batch as a statement, and so as a transaction: all of its rows or none. Rows must have
 * distinct event ids and be sorted by them, so that concurrent writers take locks in one order and
 * never deadlock.
 *
 * <p>Columns travel as arrays: one round trip and one plan, whatever the number of rows. They are
 * unnested where values are selected, which needs none of the copies that Postgres makes of a
 * function's result in {@code FROM}.
 */
final class UpsertStatement {

    /** What one execution did; a row that was neither lost against the one in the table. */
    record Outcome(int inserted, int updated) {}

    private static final String INSERT =
            """
            INSERT INTO events_normalized AS stored (
                event_id, event_type, occurred_at, user_id, amount_cents,
                path, referrer, processed_at, src_partition, src_offset)
            SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?),
                unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)
            """;

    private static final String UPSERT =
            "WITH written AS ("
                    + INSERT
                    + """
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
                    SELECT count(*) FILTER (WHERE inserted), count(*) FILTER (WHERE NOT inserted)
                    FROM written
                    """;

    private final ArrayParameter[] columns;

    UpsertStatement(List<Event> events) {
        int rows = events.size();
        ArrayParameter eventId = new ArrayParameter(Type.UUID, rows);
        ArrayParameter eventType = new ArrayParameter(Type.TEXT, rows);
        ArrayParameter occurredAt = new ArrayParameter(Type.TIMESTAMPTZ, rows);
        ArrayParameter userId = new ArrayParameter(Type.UUID, rows);
        ArrayParameter amountCents = new ArrayParameter(Type.INT8, rows);
        ArrayParameter path = new ArrayParameter(Type.TEXT, rows);
        ArrayParameter referrer = new ArrayParameter(Type.TEXT, rows);
        ArrayParameter processedAt = new ArrayParameter(Type.TIMESTAMPTZ, rows);
        ArrayParameter srcPartition = new ArrayParameter(Type.INT4, rows);
        ArrayParameter srcOffset = new ArrayParameter(Type.INT8, rows);
        for (Event event : events) {
            eventId.uuid(event.eventId());
            eventType.text(event.eventType().name());
            occurredAt.time(event.occurredAtMicros());
            userId.uuid(event.userId());
            amountCents.int8(event.amountCents());
            path.text(event.path());
            referrer.text(event.referrer());
            processedAt.time(event.processedAtMicros());
            srcPartition.int4(event.raw().partition());
            srcOffset.int8(event.raw().offset());
        }
        columns =
                new ArrayParameter[] {
                    eventId,
                    eventType,
                    occurredAt,
                    userId,
                    amountCents,
                    path,
                    referrer,
                    processedAt,
                    srcPartition,
                    srcOffset
                };
    }

    /**
     * Stores rows whose keys are all new, for a third less of the database's time than the upsert.
     *
     * @param connection in auto-commit, as with {@link #upsert}
     * @throws SQLException with SQLSTATE 23505, and nothing stored, where a key is already there
     */
    Outcome insert(Connection connection) throws SQLException {
        try (PreparedStatement statement = prepare(connection, INSERT)) {
            return new Outcome(statement.executeUpdate(), 0);
        }
    }

    /**
     * The guarded upsert. The guard makes the table a pure function of the set of messages: a
     * replay writes nothing, and of several messages with one {@code event_id} the greatest {@code
     * (occurred_at, src_partition, src_offset)} stays, in whatever order they arrive.
     *
     * @param connection in auto-commit: the statement is the transaction
     */
    Outcome upsert(Connection connection) throws SQLException {
        try (PreparedStatement statement = prepare(connection, UPSERT);
                ResultSet result = statement.executeQuery()) {
            result.next();
            return new Outcome(result.getInt(1), result.getInt(2));
        }
    }

    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < columns.length; i++) {
            statement.setArray(i + 1, columns[i].of(connection));
        }
        return statement;
    }
}
