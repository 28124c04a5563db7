package io.streamforge.local.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.StreamForgeConfig;
import io.streamforge.local.EventFactory;
import io.streamforge.local.EventGenerator;
import io.streamforge.local.Eventually;
import io.streamforge.local.GeneratorOptions;
import io.streamforge.local.InputDrain;
import io.streamforge.local.Invariant;
import io.streamforge.local.LoopbackPort;
import io.streamforge.sink.PostgresConnections;
import io.streamforge.sink.TopicLimits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole system in containers, started, killed, stopped and scaled as its owner would do it. */
@Tag("docker")
@Timeout(1200)
class DockerComposeITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String PASSWORD = "of-this-test-alone";

    @TempDir Path data;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> environment = new HashMap<>();
    private StreamForgeConfig config;

    @BeforeEach
    void choosePorts() throws IOException {
        for (String service : new String[] {"KAFKA", "POSTGRES", "UI", "OPS"}) {
            environment.put("HOST_" + service + "_PORT", Integer.toString(LoopbackPort.free()));
        }
        environment.put("POSTGRES_PASSWORD", PASSWORD);
        environment.put("CHECKPOINT_INTERVAL", "2s");
        Path password = Files.writeString(data.resolve("password"), PASSWORD);
        config =
                StreamForgeConfig.from(
                        new String[0],
                        Map.of(
                                "KAFKA_BROKERS",
                                "127.0.0.1:" + environment.get("HOST_KAFKA_PORT"),
                                "POSTGRES_URL",
                                "jdbc:postgresql://127.0.0.1:%s/streamforge"
                                        .formatted(environment.get("HOST_POSTGRES_PORT")),
                                "POSTGRES_USER",
                                "streamforge",
                                "POSTGRES_PASSWORD_FILE",
                                password.toString(),
                                "PARQUET_ROOT",
                                data.resolve("events").toString()));
    }

    @Test
    void losesNothingWhenItIsKilledStoppedAndScaled() throws Exception {
        try (DockerCompose compose = new DockerCompose("streamforge-test", environment)) {
            compose.up();
            try (EventGenerator load = generator(50_000, 2_000, 42)) {
                load.start();
                awaitRows(10_000);
                compose.kill("taskmanager");
                compose.up();
                load.await();
            }
            awaitDrained();

            // Stopped in the middle: the topic has what the stores don't have yet.
            long before = rows();
            try (EventGenerator load = generator(20_000, 0, 43)) {
                load.start();
                load.await();
            }
            compose.down();
            compose.up();
            awaitRows(before + 1);
            awaitDrained();

            compose.up("--scale", "taskmanager=3");
            Eventually.holds(
                    "the job to use six slots",
                    PATIENCE,
                    () ->
                            get("HOST_UI_PORT", "/overview")
                                    .contains("\"slots-total\":6,\"slots-available\":0"));
            try (EventGenerator load = generator(5_000, 0, 44)) {
                load.start();
                load.await();
            }
            awaitDrained();
            // Files become visible after the checkpoint that commits the offsets; a later one has
            // seen that they are.
            long seen = checkpoints();
            Eventually.holds("two checkpoints", PATIENCE, () -> checkpoints() >= seen + 2);

            compose.copy("jobmanager", "/data/parquet/events", data);
            Invariant invariant = Invariant.of(config, event -> false);
            invariant.assertHolds();
            assertThat(invariant.events()).isEqualTo(75_000);
            System.out.println("docker compose: " + invariant.account().line());
        }
    }

    private EventGenerator generator(long events, double rate, long seed) {
        GeneratorOptions options = new GeneratorOptions(events, rate, 1, 2, seed);
        return EventGenerator.generating(
                config.kafka().brokers(),
                config.kafka().inputTopic(),
                config.maxEventBytes() + TopicLimits.HEADROOM_BYTES,
                new EventFactory(options, config.maxEventBytes(), InstantSource.system()),
                options);
    }

    private void awaitRows(long count) throws Exception {
        Eventually.holds(count + " rows", PATIENCE, () -> rows() >= count);
    }

    private void awaitDrained() throws Exception {
        try (InputDrain drain = new InputDrain(config.kafka())) {
            Eventually.holds("the topic to be processed", PATIENCE, drain::isEmpty);
        }
    }

    private long rows() throws SQLException {
        try (Connection connection = PostgresConnections.open(config.postgres());
                Statement statement = connection.createStatement();
                ResultSet count =
                        statement.executeQuery("SELECT count(*) FROM events_normalized")) {
            count.next();
            return count.getLong(1);
        }
    }

    /** Completed since the JobManager started. */
    private long checkpoints() throws IOException, InterruptedException {
        String job = field("\"id\":\"([0-9a-f]{32})\"", get("HOST_UI_PORT", "/jobs"));
        String all = get("HOST_UI_PORT", "/jobs/" + job + "/checkpoints");
        return Long.parseLong(field("\"completed\":(\\d+)", all));
    }

    private static String field(String pattern, String json) {
        Matcher field = Pattern.compile(pattern).matcher(json);
        assertThat(field.find()).as("%s in %s", pattern, json).isTrue();
        return field.group(1);
    }

    private String get(String port, String path) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + environment.get(port) + path);
        return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
    }
}
