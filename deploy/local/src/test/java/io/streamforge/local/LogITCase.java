package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.streamforge.config.Setting;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log is made of, and what shows nowhere. */
class LogITCase {

    private static final String POSTGRES_CANARY = "postgres-secret-7e02b1d4";
    private static final String KAFKA_CANARY = "kafka-secret-52c9a0f8";
    private static final String PAYLOAD_CANARY = "payload-canary-1b6d3e77";

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path data;

    @Test
    void isJsonLinesAtTheLevelsThatAreAskedForAndKeepsSecrets() throws Exception {
        Path directory = data.resolve("launcher");
        int uiPort = LoopbackPort.free();
        int httpPort = LoopbackPort.free();
        try (Pipeline pipeline =
                Pipeline.create("logged", data)
                        .with(Setting.POSTGRES_USER, "logged")
                        .with(Setting.POSTGRES_PASSWORD_FILE, secret("postgres", POSTGRES_CANARY))
                        .with(Setting.LOG_LEVEL, "info,io.streamforge=debug")) {
            createRole(pipeline.database());
            for (int i = 0; i < 20; i++) {
                pipeline.send(
                        0, null, ("{\"event_id\":\"" + PAYLOAD_CANARY + "\"}").getBytes(UTF_8));
            }
            pipeline.flush();
            try (LauncherProcess launcher =
                    LauncherProcess.start(
                            directory,
                            environment(pipeline),
                            "--events=2000",
                            "--invalid-percent=0",
                            "--stay",
                            "--parallelism=1",
                            "--data-dir=" + directory,
                            "--ui-port=" + uiPort,
                            "--http-port=" + httpPort)) {
                Eventually.holds(
                        "all to be processed",
                        Pipeline.PATIENCE,
                        () -> {
                            assertThat(launcher.isAlive()).as(launcher.err()).isTrue();
                            return launcher.out().contains("all is processed");
                        });
                OpsClient ops = new OpsClient(URI.create("http://127.0.0.1:" + httpPort));
                Eventually.holds(
                        "the dead letters on the page",
                        Pipeline.PATIENCE,
                        () -> ops.get("/status.json").body().contains("INVALID_UUID"));
                for (String path :
                        List.of("/", "/status.json", "/readyz", "/metrics", "/build", "/healthz")) {
                    assertNoCanaryIn(ops.get(path).body());
                }
                OpsClient flink = new OpsClient(URI.create("http://127.0.0.1:" + uiPort));
                for (String path : flinkPages(flink)) {
                    assertNoCanaryIn(flink.get(path).body());
                }
                launcher.terminate();
                assertThat(launcher.exitCode()).as(launcher.err()).isZero();
                assertNoCanaryIn(launcher.out());
                assertNoCanaryIn(launcher.err());
            }
        }
        String log = Files.readString(directory.resolve("log/streamforge.log"));
        assertNoCanaryIn(log);
        List<JsonNode> lines = new ArrayList<>();
        for (String line : log.lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        assertThat(lines)
                .allSatisfy(
                        line ->
                                assertThat(line.fieldNames())
                                        .toIterable()
                                        .contains("time", "level", "logger", "message", "thread"));
        List<JsonNode> invalid =
                lines.stream()
                        .filter(line -> line.path("reason").asText().equals("INVALID_UUID"))
                        .toList();
        assertThat(levels(invalid)).containsEntry("INFO", 1L).containsKey("DEBUG");
        JsonNode first = invalid.get(0);
        assertThat(first.path("job").asText()).isEqualTo("StreamForge");
        assertThat(first.path("subtask").asText()).isEqualTo("0");
        assertThat(first.path("topic").asText()).isEqualTo("logged.input");
        assertThat(first.path("partition").asText()).isEqualTo("0");
        assertThat(first.path("offset").asText()).isEqualTo("0");
        assertThat(first.path("stage").asText()).isEqualTo("validate");
        assertThat(
                        levels(
                                lines.stream()
                                        .filter(l -> l.path("logger").asText().startsWith("org."))
                                        .toList()))
                .doesNotContainKey("DEBUG");
    }

    private static Map<String, Long> levels(List<JsonNode> lines) {
        return lines.stream()
                .collect(
                        Collectors.groupingBy(
                                line -> line.path("level").asText(), Collectors.counting()));
    }

    /** Flink's JobManager and TaskManagers write the same fields as the launcher. */
    @Test
    void hasTheSameFieldsOnACluster() throws Exception {
        Properties flink = new Properties();
        flink.load(
                new StringReader(
                        Files.readString(Path.of("..", "flink", "log4j-console.properties"))));
        assertThat(JSON.readTree(flink.getProperty("appender.console.layout.eventTemplate")))
                .isEqualTo(JSON.readTree(LogITCase.class.getResourceAsStream("/log-event.json")));
    }

    private static List<String> flinkPages(OpsClient flink) throws Exception {
        List<String> pages =
                new ArrayList<>(
                        List.of(
                                "/",
                                "/config",
                                "/jobs/overview",
                                "/jobmanager/config",
                                "/jobmanager/environment",
                                "/taskmanagers"));
        String job =
                JSON.readTree(flink.get("/jobs/overview").body())
                        .path("jobs")
                        .path(0)
                        .path("jid")
                        .asText();
        for (String page : List.of("", "/config", "/plan", "/exceptions", "/checkpoints/config")) {
            pages.add("/jobs/" + job + page);
        }
        return pages;
    }

    private Map<String, String> environment(Pipeline pipeline) throws IOException {
        Map<String, String> environment = new HashMap<>(pipeline.environment());
        String file = secret("kafka", "password=" + KAFKA_CANARY);
        // Not used without TLS, and resolved all the same.
        environment.put(
                "KAFKA_PROPERTIES_SSL_TRUSTSTORE_PASSWORD", "${file:" + file + ":password}");
        environment.put("KAFKA_PROPERTIES_CONFIG_PROVIDERS", "file");
        environment.put(
                "KAFKA_PROPERTIES_CONFIG_PROVIDERS_FILE_CLASS", FileConfigProvider.class.getName());
        return environment;
    }

    private String secret(String name, String secret) throws IOException {
        return Files.writeString(data.resolve(name + ".secret"), secret).toString();
    }

    private static void createRole(String database) throws SQLException {
        try (Connection admin = LocalStack.postgres().adminConnection(database);
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE ROLE logged LOGIN PASSWORD '" + POSTGRES_CANARY + "'");
            statement.execute("GRANT SELECT, INSERT, UPDATE ON events_normalized TO logged");
        }
    }

    private static void assertNoCanaryIn(String text) {
        assertThat(text).isNotEmpty();
        for (String canary : List.of(POSTGRES_CANARY, KAFKA_CANARY, PAYLOAD_CANARY)) {
            assertThat(text.contains(canary)).as("%s in %.300s", canary, text).isFalse();
        }
    }
}
