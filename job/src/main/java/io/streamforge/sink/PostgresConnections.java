package io.streamforge.sink;

import io.streamforge.config.PostgresConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * The connection properties that a pipeline needs and pgjdbc leaves off: every wait has an end, and
 * the server can tell who is connected. What the URL itself sets, wins.
 */
public final class PostgresConnections {

    static final String DRIVER = Driver.class.getName();

    private PostgresConnections() {}

    /** A connection of one's own, for tools and start checks; the sink has its provider. */
    public static Connection open(PostgresConfig postgres) throws SQLException {
        // Not through DriverManager: it looks for drivers once, and on a session cluster an earlier
        // job may have made it do so without this one.
        return new Driver().connect(postgres.url(), properties(postgres));
    }

    /** The same for a look that must not take longer than this, connecting and each answer. */
    public static Connection open(PostgresConfig postgres, Duration patience) throws SQLException {
        Properties properties = properties(postgres);
        int seconds = (int) Math.max(1, patience.toSeconds());
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.LOGIN_TIMEOUT.set(properties, seconds);
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        PGProperty.APPLICATION_NAME.set(properties, "streamforge ops");
        return new Driver().connect(postgres.url(), properties);
    }

    /** With the password in it: call it where the connection is made, and keep it nowhere. */
    static Properties properties(PostgresConfig postgres) {
        Properties properties = new Properties();
        PGProperty.APPLICATION_NAME.set(properties, "streamforge");
        PGProperty.CONNECT_TIMEOUT.set(properties, 10);
        // Below Flink's task.cancellation.timeout (180 s), above statement_timeout: the server
        // gives up first, so that no backend stays behind with locks.
        PGProperty.SOCKET_TIMEOUT.set(properties, 60);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.OPTIONS.set(properties, "-c lock_timeout=5s -c statement_timeout=30s");
        if (postgres.url().contains(",")) {
            PGProperty.TARGET_SERVER_TYPE.set(properties, "primary");
        }
        if (postgres.user() != null) {
            PGProperty.USER.set(properties, postgres.user());
        }
        String password = postgres.password().resolve();
        if (password != null) {
            PGProperty.PASSWORD.set(properties, password);
        }
        return properties;
    }
}
