package io.streamforge.sink;

import io.streamforge.event.DeadLetter;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Violation;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** A row that the database refused, as a dead letter. */
final class RefusedRows {

    private RefusedRows() {}

    static DeadLetter deadLetter(BatchStore.Refusal refusal, long failedAtMillis) {
        SQLException cause = refusal.cause();
        ServerErrorMessage server =
                cause instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        Violation violation =
                new Violation(
                        RejectionReason.REJECTED_BY_DATABASE,
                        server == null ? null : server.getColumn(),
                        detail(cause.getSQLState(), server));
        return new DeadLetter(
                refusal.event().raw(),
                List.of(violation),
                cause.getSQLState(),
                server == null ? null : server.getConstraint(),
                failedAtMillis);
    }

    /**
     * The database's own words where they can hold no value of the row: messages of class 22 quote
     * the offending text, those of class 23 and a trigger's own do not.
     */
    private static String detail(String sqlState, ServerErrorMessage server) {
        boolean quotesNoValue = sqlState.startsWith("23") || sqlState.equals("P0001");
        return server != null && quotesNoValue
                ? server.getMessage()
                : "the database refused the row, SQLSTATE " + sqlState;
    }
}
