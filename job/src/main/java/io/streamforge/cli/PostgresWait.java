package io.streamforge.cli;

import java.io.PrintWriter;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;

/**
 * Waits until Postgres accepts a connection. What time may cure is waited for (no network, not
 * listening, starting up, out of connections); a wrong password or a missing database is not.
 */
final class PostgresWait {

    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    /** Time ran out. */
    static final class UnreachableException extends Exception {
        private static final long serialVersionUID = 1L;

        private UnreachableException(String message) {
            super(message);
        }
    }

    /** The server answers, and refuses. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private RefusedException(String message) {
            super(message);
        }
    }

    private final String url;
    private final String user;
    private final String password;
    private final Duration timeout;
    private final PrintWriter progress;

    /**
     * @param url without credentials, since it is printed
     * @param password may be null
     * @param progress gets one line at once and then one every few seconds
     */
    PostgresWait(String url, String user, String password, Duration timeout, PrintWriter progress) {
        this.url = url;
        this.user = user;
        this.password = password;
        this.timeout = timeout;
        this.progress = progress;
    }

    /** Returns once a connection has been made; it is closed again. */
    void await() throws UnreachableException, RefusedException, InterruptedException {
        long start = System.nanoTime();
        long deadline = start + timeout.toNanos();
        long nextLine = start;
        while (true) {
            String reason;
            try {
                connect(Duration.ofNanos(deadline - System.nanoTime()));
                return;
            } catch (SQLException e) {
                reason = SqlReason.of(e);
                if (!timeMayCure(e.getSQLState())) {
                    throw new RefusedException(
                            "Postgres at " + url + " refuses user '" + user + "': " + reason);
                }
            }
            if (System.nanoTime() + PAUSE.toNanos() - deadline >= 0) {
                throw new UnreachableException(
                        "Postgres at "
                                + url
                                + " could not be reached within "
                                + timeout.toString().substring(2).toLowerCase(Locale.ROOT)
                                + ": "
                                + reason);
            }
            if (System.nanoTime() - nextLine >= 0) {
                progress.println("Waiting for Postgres at " + url + ": " + reason);
                nextLine += BETWEEN_LINES.toNanos();
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    private void connect(Duration remaining) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        if (password != null) {
            properties.setProperty("password", password);
        }
        properties.setProperty("ApplicationName", "streamforge");
        // A host that swallows packets must not hold the wait longer than it was given.
        String seconds = Long.toString(Math.max(1, remaining.toSeconds()));
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("connectTimeout", seconds);
        DriverManager.getConnection(url, properties).close();
    }

    /** Whether a server that fails like this may take connections later. */
    static boolean timeMayCure(String sqlState) {
        return sqlState == null
                || sqlState.startsWith("57P")
                || sqlState.equals("53300")
                // 08004 is the driver's refusal to log in: no password, no SSL.
                || sqlState.startsWith("08") && !sqlState.equals("08004");
    }
}
