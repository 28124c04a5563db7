package io.streamforge.local;

import static io.streamforge.local.OpsClient.sum;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import io.streamforge.ops.Ops;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator's tools are told, in good times and in bad. */
class OpsITCase {

    /** Promised are 5 s, and 10 s to be ready again; a test must not fail on a busy machine. */
    private static final Duration WITHDRAWN = Duration.ofSeconds(20);

    private static final Duration GIVEN_AGAIN = Duration.ofSeconds(60);

    @TempDir Path data;

    @Test
    void metricsAgreeWithTheAccountAndGoOnOverRestarts() throws Exception {
        try (Pipeline pipeline = pipeline("ops-account")) {
            pipeline.generate(new GeneratorOptions(20_000, 0, 2, 5, 1));
            pipeline.with(Setting.POSTGRES_RETRY_BUDGET, "500ms").start(2);
            try (Ops ops = ops(pipeline)) {
                OpsClient client = new OpsClient(ops.address());
                awaitReady(client, Pipeline.PATIENCE);
                pipeline.awaitDrained();
                awaitIngested(client, 20_000);
                String metrics = client.get("/metrics").body();

                fail(pipeline, client);
                awaitReady(client, Pipeline.PATIENCE);
                pipeline.awaitDrained();
                awaitIngested(client, 20_001);
                String afterRestart = client.get("/metrics").body();

                Account account = pipeline.finish();
                assertThat(account.consumed()).isEqualTo(20_001);
                assertThat(sum(metrics, "stream_events_ingested_total", "")).isEqualTo(20_000);
                // The one that came later was stored.
                assertThat(processed(metrics, "stored")).isEqualTo(account.stored() - 1);
                assertThat(processed(metrics, "superseded")).isEqualTo(account.superseded());
                assertThat(processed(metrics, "dead_lettered")).isEqualTo(account.deadLettered());
                assertThat(sum(metrics, "stream_dlq_total", "")).isEqualTo(account.deadLettered());
                assertThat(sum(metrics, "stream_end_to_end_latency_seconds_count", ""))
                        .isEqualTo(account.stored() - 1 + account.superseded());
                assertThat(sum(afterRestart, "stream_job_restarts_total", "")).isPositive();
            }
        }
    }

    private static void awaitIngested(OpsClient client, double atLeast) throws Exception {
        Eventually.holds(
                "what is ingested to be processed",
                Pipeline.PATIENCE,
                () -> {
                    String metrics = client.get("/metrics").body();
                    double ingested = sum(metrics, "stream_events_ingested_total", "");
                    return ingested >= atLeast
                            && ingested == sum(metrics, "stream_events_processed_total", "");
                });
    }

    private static double processed(String metrics, String status) {
        return sum(metrics, "stream_events_processed_total", "status=\"" + status + "\"");
    }

    /** Lets the job fail again and again until readiness says why, then lets it be. */
    private static void fail(Pipeline pipeline, OpsClient client) throws Exception {
        execute(
                pipeline,
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'the disk is full, as it were' USING ERRCODE = '53100'; END
                $$;
                CREATE TRIGGER refuse BEFORE INSERT ON events_normalized
                    FOR EACH ROW EXECUTE FUNCTION refuse()
                """);
        sendOne(pipeline);
        Eventually.holds(
                "the failure's cause",
                Pipeline.PATIENCE,
                () ->
                        !client.check("job").path("ok").asBoolean()
                                && client.check("job")
                                        .path("detail")
                                        .asText()
                                        .contains("the disk is full, as it were")
                                && client.status("/readyz") == 503);
        assertThat(client.status("/healthz")).isEqualTo(200);
        execute(pipeline, "DROP TRIGGER refuse ON events_normalized");
    }

    @Test
    void isNotReadyAsLongAsPostgresOrKafkaIsAway() throws Exception {
        try (Pipeline pipeline = pipeline("ops-away")) {
            pipeline.start(1);
            try (Ops ops = ops(pipeline)) {
                OpsClient client = new OpsClient(ops.address());
                awaitReady(client, Pipeline.PATIENCE);

                LocalStack.stopPostgres();
                awaitNotReady(client, "postgres");
                LocalStack.postgres();
                awaitReady(client, GIVEN_AGAIN);

                LocalStack.stopKafka();
                awaitNotReady(client, "kafka");
                LocalStack.kafka();
                awaitReady(client, GIVEN_AGAIN);
            }
        }
    }

    @Test
    void isNotReadyWithoutFreshCheckpoints() throws Exception {
        try (Pipeline pipeline = pipeline("ops-stale")) {
            pipeline.start(1);
            try (Ops ops = ops(pipeline);
                    Connection blocker = pipeline.connect();
                    Statement statement = blocker.createStatement()) {
                OpsClient client = new OpsClient(ops.address());
                awaitReady(client, Pipeline.PATIENCE);
                blocker.setAutoCommit(false);
                statement.execute("LOCK TABLE events_normalized IN ACCESS EXCLUSIVE MODE");
                sendOne(pipeline);
                Eventually.holds(
                        "the checkpoints to be late",
                        Pipeline.PATIENCE,
                        () ->
                                client.check("checkpoints")
                                                .path("detail")
                                                .asText()
                                                .contains("expected one within 11 s")
                                        && client.check("postgres").path("ok").asBoolean()
                                        && client.status("/readyz") == 503);
                blocker.rollback();
                awaitReady(client, Pipeline.PATIENCE);
            }
        }
    }

    @Test
    void answersWithoutAnyDependencyAndRefusesWhatItDoesNotKnow() throws Exception {
        Pipeline nowhere =
                pipeline("ops-nowhere")
                        .with(Setting.KAFKA_BROKERS, "127.0.0.1:1")
                        .with(Setting.POSTGRES_URL, "jdbc:postgresql://127.0.0.1:1/nowhere");
        try (Ops ops = Ops.start(nowhere.config(), URI.create("http://127.0.0.1:1"))) {
            OpsClient client = new OpsClient(ops.address());
            awaitNotReady(client, "postgres");
            awaitNotReady(client, "kafka");
            awaitNotReady(client, "flink");
            assertThat(client.get("/metrics").body())
                    .contains("stream_events_processed_total{status=\"stored\"} 0.0")
                    .contains("stream_check_ok{check=\"postgres\"} 0.0");
            assertThat(client.get("/build").body()).contains("\"flink\":\"");
            assertThat(client.status("/")).isEqualTo(200);
            assertThat(client.status("/status.json")).isEqualTo(200);

            assertThat(client.status("/nothing")).isEqualTo(404);
            assertThat(client.status("/healthz/../etc/passwd")).isEqualTo(404);
            HttpResponse<String> post = client.send("POST", "/healthz");
            assertThat(post.statusCode()).isEqualTo(405);
            assertThat(post.headers().firstValue("Allow")).contains("GET, HEAD");
            assertThat(client.send("DELETE", "/").statusCode()).isEqualTo(405);
            HttpResponse<String> head = client.send("HEAD", "/healthz");
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            for (String path : new String[] {"/", "/readyz", "/nothing"}) {
                assertThat(client.get(path).headers().map())
                        .containsKeys(
                                "content-security-policy",
                                "x-content-type-options",
                                "x-frame-options",
                                "referrer-policy");
            }
            for (String line :
                    new String[] {"NONSENSE", "GET", "GET /%zz HTTP/1.1", "GET \\ HTTP/1.1"}) {
                assertThat(raw(ops.address(), line + "\r\nHost: localhost\r\n\r\n"))
                        .as(line)
                        .startsWith("HTTP/1.1 4")
                        .doesNotContain("\tat ");
            }
        }
    }

    private static String raw(URI address, String request) throws IOException {
        try (Socket socket = new Socket(address.getHost(), address.getPort());
                OutputStream out = socket.getOutputStream();
                InputStream in = socket.getInputStream()) {
            socket.setSoTimeout(20_000);
            out.write(request.getBytes(UTF_8));
            out.flush();
            return new String(in.readNBytes(200), UTF_8);
        }
    }

    // ---- steps

    private Pipeline pipeline(String name) throws IOException, InterruptedException {
        return Pipeline.create(name, data).with(Setting.HOST, "127.0.0.1").with(Setting.PORT, "0");
    }

    private static Ops ops(Pipeline pipeline) throws Exception {
        return Ops.start(pipeline.config(), pipeline.cluster().restAddress());
    }

    private static void awaitReady(OpsClient client, Duration patience) throws Exception {
        Eventually.holds("readiness", patience, () -> client.status("/readyz") == 200);
    }

    private static void awaitNotReady(OpsClient client, String check) throws Exception {
        Eventually.holds(
                check + " to be missed",
                WITHDRAWN,
                () ->
                        client.status("/readyz") == 503
                                && !client.check(check).path("ok").asBoolean());
        assertThat(client.check(check).path("detail").asText()).isNotBlank();
        assertThat(client.status("/healthz")).isEqualTo(200);
    }

    private static void sendOne(Pipeline pipeline) {
        String event =
                "{\"event_id\":\"%s\",\"event_type\":\"VIEW\",\"occurred_at\":\"2026-02-03T04:05:06Z\",\"user_id\":\"0d6b1a90-3c1f-4a52-9c56-1d8f0a7b2c3d\"}"
                        .formatted(UUID.randomUUID());
        pipeline.send(0, null, event.getBytes(UTF_8));
        pipeline.flush();
    }

    private static void execute(Pipeline pipeline, String sql) throws SQLException {
        try (Connection connection = pipeline.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
