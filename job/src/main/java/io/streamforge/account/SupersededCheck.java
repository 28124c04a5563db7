package io.streamforge.account;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Sorts valid messages that are in no store but Parquet into superseded and lost. Superseded means
 * that the table has an equal or greater version of the same {@code event_id}, or that a version of
 * it was refused by the database: then the losers of that batch were never sent.
 */
final class SupersededCheck {

    private static final int BATCH = 5_000;

    private final TableSnapshot table;
    private final Set<UUID> refusedEvents;
    private final List<EventVersion> batch = new ArrayList<>(BATCH);
    private final OffsetSet superseded = new OffsetSet();
    private final OffsetSet lost = new OffsetSet();

    SupersededCheck(TableSnapshot table, Set<UUID> refusedEvents) {
        this.table = table;
        this.refusedEvents = refusedEvents;
    }

    void add(EventVersion version) throws SQLException {
        if (superseded.add(version.partition(), version.offset())) {
            batch.add(version);
            if (batch.size() == BATCH) {
                flush();
            }
        }
    }

    /** Decides what {@link #add} left open; before that the sets are not final. */
    void flush() throws SQLException {
        for (EventVersion version : table.notSuperseded(batch)) {
            if (!refusedEvents.contains(version.eventId())) {
                lost.add(version.partition(), version.offset());
            }
        }
        batch.clear();
    }

    OffsetSet superseded() {
        return superseded.andNot(lost);
    }

    OffsetSet lost() {
        return lost;
    }
}
