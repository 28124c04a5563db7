package io.streamforge.local;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A Postgres on this machine with a role {@code streamforge}, wherever it runs. */
public interface PostgresServer {

    /** Role, password and database. */
    String NAME = "streamforge";

    /** A database by name, without credentials. */
    String jdbcUrl(String database);

    /** A connection to a database as the superuser. */
    Connection adminConnection(String database) throws SQLException;

    /** The database {@code streamforge}, without credentials. */
    default String jdbcUrl() {
        return jdbcUrl(NAME);
    }

    /** A connection to {@code streamforge} as its owner. */
    default Connection connection() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), NAME, NAME);
    }

    /**
     * Creates another database, owned by {@code streamforge}.
     *
     * @param name lower-case letters, digits and underscores
     */
    default void createDatabase(String name) throws IOException {
        if (!name.matches("[a-z_][a-z0-9_]{0,62}")) {
            throw new IllegalArgumentException("No name for a database: " + name);
        }
        administer("create the database " + name, "CREATE DATABASE " + name + " OWNER " + NAME);
    }

    /** Creates role and database {@code streamforge} where they are missing. */
    default void createRoleAndDatabase() throws IOException {
        if (isMissing("SELECT 1 FROM pg_roles WHERE rolname = ?")) {
            administer(
                    "create the role " + NAME,
                    "CREATE ROLE " + NAME + " LOGIN PASSWORD '" + NAME + "'");
        }
        if (isMissing("SELECT 1 FROM pg_database WHERE datname = ?")) {
            createDatabase(NAME);
        }
    }

    private void administer(String purpose, String sql) throws IOException {
        try (Connection connection = adminConnection(PostgresCluster.ADMIN);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IOException("Postgres could not " + purpose, e);
        }
    }

    private boolean isMissing(String query) throws IOException {
        try (Connection connection = adminConnection(PostgresCluster.ADMIN);
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, NAME);
            try (ResultSet rows = statement.executeQuery()) {
                return !rows.next();
            }
        } catch (SQLException e) {
            throw new IOException("Postgres could not list its roles and databases", e);
        }
    }
}
