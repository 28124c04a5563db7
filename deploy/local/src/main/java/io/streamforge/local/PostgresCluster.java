package io.streamforge.local;

import io.streamforge.local.PostgresProcess.Durability;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Postgres's files in a data directory: the cluster, its log, its superuser's password. */
final class PostgresCluster {

    /** The superuser. */
    static final String ADMIN = "postgres";

    private final Path cluster;
    private final Path log;
    private final Path pidFile;
    private final Path passwordFile;

    /** Creates what is missing around the cluster, not the cluster. */
    PostgresCluster(Path dataDir) throws IOException {
        Files.createDirectories(dataDir);
        Path data = dataDir.toRealPath();
        Path run = Files.createDirectories(data.resolve("run"));
        this.cluster = data.resolve("postgres");
        this.log = Files.createDirectories(data.resolve("log")).resolve("postgres.log");
        this.pidFile = run.resolve("postgres.pid");
        this.passwordFile = run.resolve("postgres-admin.password");
    }

    Path directory() {
        return cluster;
    }

    Path log() {
        return log;
    }

    /** For people and scripts; Postgres's own file decides. */
    Path pidFile() {
        return pidFile;
    }

    String adminPassword() throws IOException {
        return Files.readString(passwordFile);
    }

    boolean exists() {
        return Files.exists(cluster.resolve("PG_VERSION"));
    }

    /**
     * The pid in the file that a server writes before it does anything else, however its end came;
     * empty if the last one ended in good order.
     */
    Optional<Long> serverPid() throws IOException {
        return ServiceProcess.pidIn(postmasterPid());
    }

    /** The port of the server that wrote that file. */
    String serverPort() throws IOException {
        return line(4).orElse("an unknown port");
    }

    /** Whether that server says that it accepts connections. */
    boolean serverReady() throws IOException {
        return line(8).map(status -> status.equals("ready")).orElse(false);
    }

    /**
     * Makes a new cluster, complete or not at all. Everybody needs a password; there are no sockets
     * but those of 127.0.0.1.
     */
    void initialise(PostgresBinaries binaries, Durability durability)
            throws IOException, InterruptedException {
        byte[] secret = new byte[24];
        new SecureRandom().nextBytes(secret);
        Files.deleteIfExists(passwordFile);
        Files.createFile(
                passwordFile,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(passwordFile, HexFormat.of().formatHex(secret));

        Path unfinished = Files.createTempDirectory(cluster.getParent(), "postgres-unfinished-");
        List<String> command = new ArrayList<>(userNamespace());
        command.addAll(
                List.of(
                        binaries.program("initdb"),
                        "--pgdata=" + unfinished,
                        "--username=" + ADMIN,
                        "--pwfile=" + passwordFile,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--set=timezone=UTC",
                        "--set=log_timezone=UTC",
                        "--no-instructions"));
        if (durability == Durability.FAST) {
            command.add("--no-sync");
        }
        Process initdb =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        if (initdb.waitFor() != 0) {
            throw new IOException("Postgres could not make its data directory; see " + log);
        }
        Files.writeString(
                unfinished.resolve("pg_hba.conf"),
                "# Who may connect: everybody on this machine who has the password.\n"
                        + "host all all 127.0.0.1/32 scram-sha-256\n",
                StandardCharsets.UTF_8);
        Files.move(unfinished, cluster, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The server's command line. */
    List<String> command(PostgresBinaries binaries, int port, Durability durability) {
        List<String> command = new ArrayList<>(userNamespace());
        command.add(binaries.program("postgres"));
        command.addAll(List.of("-D", cluster.toString()));
        settings(port, durability)
                .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        return command;
    }

    /**
     * @throws IOException if this process's user cannot run Postgres
     */
    static void requireUserForPostgres() throws IOException {
        if (isRoot() && !LinuxUtils.isUnshareAvailable()) {
            throw new IOException(
                    "Postgres refuses to run as root, and this system does not let root start it in"
                            + " a user namespace (unshare -U): run as another user");
        }
    }

    private static Map<String, String> settings(int port, Durability durability) {
        String durable = durability == Durability.DURABLE ? "on" : "off";
        return Map.ofEntries(
                Map.entry("listen_addresses", "127.0.0.1"),
                Map.entry("port", Integer.toString(port)),
                // A path of a Unix socket is limited to 107 bytes; nobody needs one here.
                Map.entry("unix_socket_directories", ""),
                Map.entry("fsync", durable),
                Map.entry("synchronous_commit", durable),
                Map.entry("full_page_writes", durable),
                Map.entry("shared_buffers", "128MB"),
                Map.entry("max_wal_size", "1GB"),
                Map.entry("log_checkpoints", "off"),
                // No rows in the log: the message alone, without its detail and statement.
                Map.entry("log_error_verbosity", "terse"),
                Map.entry("log_min_error_statement", "panic"));
    }

    /** As root, Postgres runs in a user namespace of its own, where it is not root. */
    private static List<String> userNamespace() {
        return isRoot() ? List.of("unshare", "-U") : List.of();
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private Optional<String> line(int number) throws IOException {
        if (!Files.exists(postmasterPid())) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(postmasterPid());
        return lines.size() < number
                ? Optional.empty()
                : Optional.of(lines.get(number - 1).strip());
    }

    private Path postmasterPid() {
        return cluster.resolve("postmaster.pid");
    }
}
