package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.streamforge.config.Setting;
import io.streamforge.ops.Ops;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.prometheus.PrometheusReporterFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped configuration, rules and dashboard, by Prometheus's own programs: checked, unit
 * tested, and asked of a Prometheus that scrapes a running pipeline.
 */
class PrometheusITCase {

    private static final Path SHIPPED = Path.of("..", "prometheus");
    private static final Path DASHBOARD =
            Path.of("..", "grafana", "dashboards", "streamforge.json");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @TempDir static Path data;

    private static void requirePrometheus() {
        for (String program : List.of("promtool", "prometheus")) {
            boolean installed =
                    Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                            .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
            if (!installed) {
                System.out.println(
                        "SKIPPED: no "
                                + program
                                + " is installed, so rules, alerts and dashboard are not tested");
                abort(program + " is not installed");
            }
        }
    }

    @Test
    void rulesAndAlertsPassTheirUnitTests() throws Exception {
        requirePrometheus();
        promtool("check", "config", SHIPPED.resolve("prometheus.yml").toString());
        promtool("test", "rules", SHIPPED.resolve("alerts_test.yml").toString());
    }

    @Test
    void everyAlertHasARunbook() throws Exception {
        String runbook = Files.readString(Path.of("..", "..", "docs", "monitoring.md"));
        for (JsonNode rule : rules("alerts.yml")) {
            String name = rule.path("alert").asText();
            assertThat(runbook).contains("### " + name + "\n");
            assertThat(rule.path("labels").path("severity").asText()).isIn("critical", "warning");
            assertThat(rule.path("annotations").path("runbook_url").asText())
                    .endsWith("docs/monitoring.md#" + name.toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void everyExpressionReturnsDataOfARunningPipeline() throws Exception {
        requirePrometheus();
        int reporterPort = LoopbackPort.free();
        Configuration reporter = new Configuration();
        reporter.setString("metrics.reporters", "prom");
        reporter.setString(
                "metrics.reporter.prom.factory.class", PrometheusReporterFactory.class.getName());
        reporter.setString("metrics.reporter.prom.port", Integer.toString(reporterPort));
        try (Pipeline pipeline = Pipeline.create("ops-prometheus", data)) {
            pipeline.with(Setting.HOST, "127.0.0.1").with(Setting.PORT, "0").start(2, reporter);
            try (Ops ops = Ops.start(pipeline.config(), pipeline.cluster().restAddress());
                    EventGenerator generator =
                            pipeline.generator(new GeneratorOptions(-1, 200, 5, 5, 1))) {
                generator.start();
                URI prometheus = URI.create("http://127.0.0.1:" + LoopbackPort.free());
                Process process = start(prometheus, ops.address(), reporterPort);
                try {
                    checkMetrics(new OpsClient(ops.address()).get("/metrics").body());
                    Map<String, String> expressions = expressions();
                    assertThat(expressions).hasSizeGreaterThan(40);
                    Eventually.holds(
                            "the target",
                            Pipeline.PATIENCE,
                            () -> !ask(prometheus, "up == 1").isEmpty());
                    for (Map.Entry<String, String> expression : expressions.entrySet()) {
                        Eventually.holds(
                                "data of " + expression,
                                Pipeline.PATIENCE,
                                () -> !ask(prometheus, expression.getValue()).isEmpty());
                    }
                    generator.close();
                    pipeline.awaitDrained();
                    reporterAgrees(prometheus);
                } finally {
                    process.destroy();
                    process.waitFor();
                }
            }
        }
    }

    /** The relabelled metrics of Flink's reporter are those of the ops service. */
    private static void reporterAgrees(URI prometheus) throws Exception {
        for (String metric :
                List.of(
                        "stream_events_ingested_total",
                        "stream_events_processed_total",
                        "stream_dlq_total",
                        "stream_parquet_files_total",
                        "stream_db_write_latency_seconds_bucket{le=\"0.025\"}",
                        "stream_end_to_end_latency_seconds_bucket{le=\"+Inf\"}",
                        "stream_kafka_lag_records")) {
            String ours = "sum(" + labelled(metric, "streamforge-ops") + ")";
            String flinks = "sum(" + labelled(metric, "streamforge-flink") + ")";
            Eventually.holds(
                    metric + " to agree",
                    Pipeline.PATIENCE,
                    () -> !ask(prometheus, ours + " == " + flinks).isEmpty());
        }
    }

    private static String labelled(String metric, String job) {
        String selector = "job=\"" + job + "\"";
        return metric.endsWith("}")
                ? metric.replace("{", "{" + selector + ",")
                : metric + "{" + selector + "}";
    }

    // ---- expressions

    /** Where it stands to the expression, in a form that has a value whether or not it alerts. */
    private static Map<String, String> expressions() throws IOException {
        Map<String, String> expressions = new TreeMap<>();
        for (JsonNode rule : rules("rules.yml")) {
            expressions.put(rule.path("record").asText(), rule.path("expr").asText());
        }
        for (JsonNode rule : rules("alerts.yml")) {
            String expression =
                    rule.path("expr")
                            .asText()
                            .replaceAll("\\babsent\\((.*)\\)", "$1")
                            .replaceAll("\\s(==|!=|>=|<=|>|<)\\s", " $1 bool ");
            expressions.put(rule.path("alert").asText(), expression);
        }
        for (JsonNode panel : JSON.readTree(Files.readString(DASHBOARD)).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                expressions.put(
                        panel.path("title").asText() + " " + target.path("refId").asText(),
                        target.path("expr")
                                .asText()
                                .replace("$__rate_interval", "30s")
                                .replace("$instance", ".*"));
            }
        }
        return expressions;
    }

    private static List<JsonNode> rules(String file) throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : YAML.readTree(SHIPPED.resolve(file).toFile()).path("groups")) {
            group.path("rules").forEach(rules::add);
        }
        return rules;
    }

    // ---- Prometheus

    /** On the shipped configuration, but for addresses and a shorter interval. */
    private static Process start(URI address, URI ops, int reporterPort) throws IOException {
        Path directory = Files.createDirectories(data.resolve("prometheus"));
        for (String rules : List.of("rules.yml", "alerts.yml")) {
            Files.copy(SHIPPED.resolve(rules), directory.resolve(rules));
        }
        Path config = directory.resolve("prometheus.yml");
        Files.writeString(
                config,
                Files.readString(SHIPPED.resolve("prometheus.yml"))
                        .replace("127.0.0.1:8080", ops.getAuthority())
                        .replace("127.0.0.1:9250", "127.0.0.1:" + reporterPort)
                        .replaceAll("(_interval): .*", "$1: 1s"));
        return new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("tsdb"),
                        "--web.listen-address=" + address.getAuthority())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    private static JsonNode ask(URI prometheus, String expression) throws Exception {
        try {
            JsonNode answer =
                    JSON.readTree(
                            new OpsClient(prometheus)
                                    .get(
                                            "/api/v1/query?query="
                                                    + URLEncoder.encode(
                                                            expression, StandardCharsets.UTF_8))
                                    .body());
            assertThat(answer.path("status").asText()).as("%s", answer).isEqualTo("success");
            return answer.path("data").path("result");
        } catch (IOException e) {
            return JSON.createArrayNode(); // it does not listen yet
        }
    }

    private static void checkMetrics(String metrics) throws Exception {
        Path file = Files.writeString(data.resolve("metrics"), metrics);
        run(file, "promtool", "check", "metrics");
    }

    private static void promtool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        run(null, command.toArray(new String[0]));
    }

    private static void run(Path input, String... command) throws Exception {
        Path output = Files.createTempFile(data, "promtool", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }
}
