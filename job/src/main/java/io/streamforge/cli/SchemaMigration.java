package io.streamforge.cli;

import java.sql.SQLException;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateOutput;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * The schema in {@code sql/}, brought to a database with Flyway. Nothing else creates tables.
 * Several may run at once: one migrates, the others wait for it and find nothing to do.
 */
public final class SchemaMigration {

    private static final String LOCATION = "classpath:sql";

    /** The database refused, or its history is not this release's; one line, no credentials. */
    public static final class FailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean permissionDenied;

        private FailedException(String message, boolean permissionDenied, Throwable cause) {
            super(message, cause);
            this.permissionDenied = permissionDenied;
        }

        /** Whether other credentials would help. */
        public boolean isPermissionDenied() {
            return permissionDenied;
        }
    }

    private SchemaMigration() {}

    /**
     * Applies what is missing, each migration in a transaction of its own.
     *
     * @param jdbcUrl {@code jdbc:postgresql://…} without credentials
     * @param user a role that may own the schema
     * @param password may be null
     * @return the versions that were applied now, in order; empty where the schema was up to date
     * @throws FailedException where a migration fails or was changed after it was applied
     */
    public static List<String> migrate(String jdbcUrl, String user, String password) {
        try {
            MigrateResult result =
                    Flyway.configure()
                            .dataSource(jdbcUrl, user, password)
                            .loggers(SilentLog.class.getName())
                            .locations(LOCATION)
                            .failOnMissingLocations(true)
                            .validateMigrationNaming(true)
                            .load()
                            .migrate();
            return result.migrations.stream().map(SchemaMigration::nameOf).toList();
        } catch (FlywayException e) {
            throw failed(e);
        }
    }

    private static String nameOf(MigrateOutput migration) {
        return migration.version;
    }

    private static FailedException failed(FlywayException error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                String state = String.valueOf(sql.getSQLState());
                return new FailedException(
                        "The schema could not be migrated: " + SqlReason.of(sql),
                        state.equals("42501") || state.startsWith("28"),
                        error);
            }
        }
        return new FailedException(
                "The schema could not be migrated: "
                        + error.getMessage().strip().replaceAll("\\s*\\R\\s*", " "),
                false,
                error);
    }
}
