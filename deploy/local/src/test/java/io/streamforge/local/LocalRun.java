package io.streamforge.local;

import io.streamforge.account.Account;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One data directory of the launcher with ports of its own, on which launchers are started one
 * after the other.
 */
public final class LocalRun implements AutoCloseable {

    private final Path data;
    private final int kafkaPort = LoopbackPort.free();
    private final int postgresPort = LoopbackPort.free();
    private final int uiPort = LoopbackPort.free();
    private final int httpPort = LoopbackPort.free();

    public LocalRun(Path data) throws IOException {
        this.data = data;
    }

    public LauncherProcess start(String... options) throws IOException {
        List<String> own =
                List.of(
                        "--data-dir=" + data,
                        "--kafka-port=" + kafkaPort,
                        "--postgres-port=" + postgresPort,
                        "--ui-port=" + uiPort,
                        "--http-port=" + httpPort);
        return LauncherProcess.start(
                data,
                Map.of("CHECKPOINT_INTERVAL", "500ms"),
                Stream.concat(own.stream(), Stream.of(options)).toArray(String[]::new));
    }

    /** Where the launcher serves health, metrics and the status page. */
    URI http() {
        return URI.create("http://127.0.0.1:" + httpPort);
    }

    /** The pid of a service as its file tells. */
    String pid(String service) throws IOException {
        return Files.readString(data.resolve("run/" + service + ".pid")).strip();
    }

    /** Whether a service was not stopped in good order. */
    boolean hasPid(String service) {
        return Files.exists(data.resolve("run/" + service + ".pid"));
    }

    /** What the launcher reads, given its defaults. */
    StreamForgeConfig config() throws IOException {
        Path password = data.resolve("password");
        Files.writeString(password, PostgresProcess.NAME);
        Map<String, String> environment = new HashMap<>();
        environment.put("KAFKA_BROKERS", "127.0.0.1:" + kafkaPort);
        environment.put("POSTGRES_URL", url());
        environment.put("POSTGRES_USER", PostgresProcess.NAME);
        environment.put("POSTGRES_PASSWORD_FILE", password.toString());
        environment.put("PARQUET_ROOT", data.resolve("parquet/events").toString());
        return StreamForgeConfig.from(new String[0], environment);
    }

    private String url() {
        return "jdbc:postgresql://127.0.0.1:" + postgresPort + "/" + PostgresProcess.NAME;
    }

    /** Rows of the table; 0 as long as there is no table, or no database. */
    public long rows() {
        try (Connection connection =
                        DriverManager.getConnection(
                                url(), PostgresProcess.NAME, PostgresProcess.NAME);
                Statement statement = connection.createStatement();
                ResultSet count =
                        statement.executeQuery("SELECT count(*) FROM events_normalized")) {
            count.next();
            return count.getLong(1);
        } catch (SQLException e) {
            return 0;
        }
    }

    /** Starts the services once more, without a launcher, and asserts the {@link Invariant}. */
    Account assertInvariant() throws Exception {
        startServices();
        return Invariant.assertHolds(config());
    }

    /** The same without asserting it. */
    public Invariant invariant() throws Exception {
        startServices();
        return Invariant.of(config(), event -> false);
    }

    private void startServices() throws IOException, InterruptedException {
        KafkaProcess.start(data, kafkaPort);
        PostgresProcess.start(data, postgresPort, PostgresProcess.Durability.FAST);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        LauncherProcess.removeServices(data);
    }
}
