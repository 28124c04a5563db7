package io.streamforge.cli;

import java.sql.SQLException;

/** A database error as one line for a person. */
final class SqlReason {

    private SqlReason() {}

    /** The first line of the message and the SQLSTATE. */
    static String of(SQLException error) {
        String message = error.getMessage();
        String firstLine = message == null ? "no message" : message.lines().findFirst().orElse("");
        return error.getSQLState() == null
                ? firstLine
                : firstLine + " (SQLSTATE " + error.getSQLState() + ")";
    }
}
