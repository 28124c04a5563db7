package io.streamforge.account;

import java.sql.Connection;
import java.sql.SQLException;

/** Gives a new connection to the database; whoever asks for it closes it. */
@FunctionalInterface
public interface ConnectionSource {
    Connection connect() throws SQLException;
}
