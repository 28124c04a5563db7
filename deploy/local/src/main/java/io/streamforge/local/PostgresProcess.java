package io.streamforge.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Postgres in processes of its own, on 127.0.0.1. Its cluster lives in {@code
 * <dataDir>/postgres} and survives {@code kill -9}, of it and of this JVM; a server that an earlier
 * JVM left behind is adopted. Its log is {@code <dataDir>/log/postgres.log}.
 *
 * <p>Role, password and database are {@code streamforge}; the role owns its databases and is no
 * superuser. The superuser's password is made anew for each data directory and kept in {@code
 * <dataDir>/run/postgres-admin.password}, readable by its owner only.
 *
 * <p>One JVM at a time may use a data directory; whoever starts services there sees to that.
 */
public final class PostgresProcess implements PostgresServer {

    /** What a crash of the machine may cost. */
    public enum Durability {
        /** Nothing that was committed: Postgres's own defaults. */
        DURABLE,
        /**
         * The whole database. A crash of Postgres alone costs nothing. For tests: it saves the
         * waits for the disk.
         */
        FAST
    }

    private static final Logger LOG = LoggerFactory.getLogger(PostgresProcess.class);
    private static final String SERVICE = "Postgres";

    /** Long: after a crash it may have gigabytes to check, and would have to begin again. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private final ServiceProcess process;
    private final PostgresCluster cluster;
    private final int port;
    private final String adminPassword;
    private final boolean adopted;

    private PostgresProcess(
            ServiceProcess process, PostgresCluster cluster, int port, boolean adopted)
            throws IOException {
        this.process = process;
        this.cluster = cluster;
        this.port = port;
        this.adminPassword = cluster.adminPassword();
        this.adopted = adopted;
    }

    /**
     * Starts the server of a data directory, or adopts the one that is still running there, waits
     * until it answers, and creates role and database if they are missing.
     *
     * @param dataDir created if absent
     * @param port where clients connect
     * @param durability without effect on a server that is adopted
     * @throws PortTakenException if another process listens on the port
     * @throws IOException if the directory's server runs on another port, or if the server cannot
     *     be started; the message names the log that tells why
     */
    public static PostgresProcess start(Path dataDir, int port, Durability durability)
            throws IOException, InterruptedException {
        return start(dataDir, dataDir.resolve("bin"), port, durability);
    }

    /** As above, with Postgres's programs in a directory that several data directories share. */
    static PostgresProcess start(Path dataDir, Path binDir, int port, Durability durability)
            throws IOException, InterruptedException {
        PostgresCluster cluster = new PostgresCluster(dataDir);
        PostgresProcess postgres = adopt(cluster, port);
        if (postgres == null) {
            LoopbackPort.requireFree(SERVICE, port);
            PostgresCluster.requireUserForPostgres();
            PostgresBinaries binaries = PostgresBinaries.in(binDir.toAbsolutePath());
            if (!cluster.exists()) {
                cluster.initialise(binaries, durability);
            }
            postgres = launch(cluster, cluster.command(binaries, port, durability), port);
        }
        postgres.createRoleAndDatabase();
        return postgres;
    }

    @Override
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    @Override
    public Connection adminConnection(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", PostgresCluster.ADMIN);
        properties.setProperty("password", adminPassword);
        properties.setProperty("connectTimeout", "5");
        return DriverManager.getConnection(jdbcUrl(database), properties);
    }

    public long pid() {
        return process.pid();
    }

    /** Whether it was running already. */
    public boolean adopted() {
        return adopted;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Stops it in good order, whoever is connected; after 30 s kills it with a warning. Harmless if
     * it has ended.
     */
    public void stop() throws IOException, InterruptedException {
        process.stop("INT", STOP_TIMEOUT);
        Files.deleteIfExists(cluster.pidFile());
    }

    /** Kills the server and its workers, as a crash would. */
    public void kill() throws IOException, InterruptedException {
        process.kill();
    }

    /** Freezes it with all its workers: connections stay open, nothing answers. */
    public void suspend() throws IOException, InterruptedException {
        process.suspend();
    }

    /** Ends {@link #suspend()}. */
    public void resume() throws IOException, InterruptedException {
        process.resume();
    }

    /** The server that an earlier JVM left behind, or null. */
    private static PostgresProcess adopt(PostgresCluster cluster, int port)
            throws IOException, InterruptedException {
        Optional<ServiceProcess> orphan =
                cluster.serverPid()
                        .flatMap(pid -> ServiceProcess.find(SERVICE, pid, marker(cluster)));
        if (orphan.isEmpty()) {
            return null;
        }
        String orphanPort = cluster.serverPort();
        if (!orphanPort.equals(Integer.toString(port))) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "Postgres of this data directory is still running (pid %d), on"
                                    + " 127.0.0.1:%s and not on port %d: ask for its port, or stop"
                                    + " it first",
                            orphan.get().pid(),
                            orphanPort,
                            port));
        }
        PostgresProcess postgres = new PostgresProcess(orphan.get(), cluster, port, true);
        if (!postgres.awaitReady()) {
            return null;
        }
        Files.writeString(cluster.pidFile(), postgres.pid() + "\n");
        LOG.info("Postgres adopted: pid {} on 127.0.0.1:{}", postgres.pid(), port);
        return postgres;
    }

    private static PostgresProcess launch(PostgresCluster cluster, List<String> command, int port)
            throws IOException, InterruptedException {
        ServiceProcess process =
                ServiceProcess.start(
                        SERVICE, command, Map.of("LC_ALL", "C"), cluster.log(), marker(cluster));
        try {
            Files.writeString(cluster.pidFile(), process.pid() + "\n");
            PostgresProcess postgres = new PostgresProcess(process, cluster, port, false);
            if (!postgres.awaitReady()) {
                throw new IOException(
                        "Postgres ended while it started; " + cluster.log() + " tells why");
            }
            return postgres;
        } catch (IOException | InterruptedException e) {
            process.kill();
            throw e;
        }
    }

    private static String marker(PostgresCluster cluster) {
        return cluster.directory().toString();
    }

    /** True once it answers; false if it ended instead. */
    private boolean awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        SQLException last = null;
        while (process.isAlive()) {
            // Each connection that comes too early would leave a line in the server's log.
            if (cluster.serverPid().equals(Optional.of(pid())) && cluster.serverReady()) {
                try (Connection connection = adminConnection(PostgresCluster.ADMIN)) {
                    return connection.isValid(5);
                } catch (SQLException e) {
                    last = e;
                }
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "Postgres (pid %d) does not answer on 127.0.0.1:%d after %d s; %s"
                                        + " tells why",
                                pid(),
                                port,
                                START_TIMEOUT.toSeconds(),
                                cluster.log()),
                        last);
            }
            Thread.sleep(20);
        }
        return false;
    }
}
