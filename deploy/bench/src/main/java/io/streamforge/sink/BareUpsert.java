package io.streamforge.sink;

import io.streamforge.event.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The job's upsert without the job. */
public final class BareUpsert {

    private BareUpsert() {}

    /** One transaction; the rows have distinct keys and are sorted by them. */
    public static void execute(Connection database, List<Event> rows) throws SQLException {
        new UpsertStatement(rows).upsert(database);
    }
}
