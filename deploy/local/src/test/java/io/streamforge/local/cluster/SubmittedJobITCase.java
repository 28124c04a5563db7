package io.streamforge.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.Setting;
import io.streamforge.local.EventGenerator;
import io.streamforge.local.Eventually;
import io.streamforge.local.GeneratorOptions;
import io.streamforge.local.Invariant;
import io.streamforge.local.LocalStack;
import io.streamforge.local.Pipeline;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped jar on a cluster that has never heard of it, from the first submission to the last.
 */
class SubmittedJobITCase {

    private static final int EVENTS_PER_SECOND = 300;

    private static final String POSTGRES_CANARY = "postgres-secret-4c1f7a90";
    private static final String KAFKA_CANARY = "kafka-secret-9d2b6e35";

    @TempDir Path data;

    @Test
    void isSubmittedKilledStoppedAndSubmittedAgainAtAnotherParallelism() throws Exception {
        String savepoints = data.resolve("savepoints").toUri().toString();
        try (Pipeline pipeline =
                        Pipeline.create("submitted", data)
                                .with(Setting.CHECKPOINT_INTERVAL, "1s")
                                .with(Setting.POSTGRES_USER, "submitted")
                                .with(
                                        Setting.POSTGRES_PASSWORD_FILE,
                                        secret("postgres", POSTGRES_CANARY));
                SessionCluster cluster =
                        new SessionCluster(
                                Path.of("target", "session-cluster", "submitted"),
                                pipeline,
                                1,
                                2,
                                kafkaSecret());
                EventGenerator load =
                        pipeline.generator(new GeneratorOptions(-1, EVENTS_PER_SECOND, 2, 5, 42))) {
            createRole(pipeline.database());
            load.start();
            cluster.submit(1);
            awaitRows(cluster, pipeline, 1);

            cluster.killTaskManager(0);
            awaitRows(cluster, pipeline, pipeline.rows() + EVENTS_PER_SECOND);
            assertThat(exceptions(cluster)).contains("\"exceptionName\"");
            assertNoSecretIn(cluster.rest().get("/jobs/" + cluster.job() + "/config"));
            assertNoSecretIn(cluster.rest().get("/jobs/" + cluster.job() + "/plan"));
            assertNoSecretIn(cluster.rest().get("/config"));
            assertNoSecretIn(cluster.rest().get("/jobmanager/config"));
            assertNoSecretIn(cluster.rest().get("/jobmanager/environment"));

            String first = cluster.stopWithSavepoint(savepoints);
            cluster.resubmit(2, first);
            assertThat(restoredFrom(cluster)).isEqualTo(first);
            assertThat(parallelism(cluster)).isEqualTo(2);
            awaitRows(cluster, pipeline, pipeline.rows() + EVENTS_PER_SECOND);

            String second = cluster.stopWithSavepoint(savepoints);
            cluster.runFromCommandLine(1, second);
            assertThat(restoredFrom(cluster)).isEqualTo(second);
            assertThat(parallelism(cluster)).isEqualTo(1);

            load.stop();
            assertThat(load.failure()).isEmpty();
            pipeline.awaitDrained();
            String last = cluster.stopWithSavepoint(savepoints);
            for (String savepoint : List.of(first, second, last)) {
                assertNoSecretIn(text(Path.of(URI.create(savepoint)).resolve("_metadata")));
            }
            for (Path log : cluster.logs()) {
                assertNoSecretIn(text(log));
            }
            Invariant.of(pipeline.config(), event -> false).assertHolds();
        }
    }

    private String secret(String name, String secret) throws IOException {
        return Files.writeString(data.resolve(name + ".secret"), secret).toString();
    }

    /** A property that is not used without TLS, and that is resolved all the same. */
    private Map<String, String> kafkaSecret() throws IOException {
        String file = secret("kafka", "password=" + KAFKA_CANARY);
        return Map.of(
                "KAFKA_PROPERTIES_SSL_TRUSTSTORE_PASSWORD",
                "${file:" + file + ":password}",
                "KAFKA_PROPERTIES_CONFIG_PROVIDERS",
                "file",
                "KAFKA_PROPERTIES_CONFIG_PROVIDERS_FILE_CLASS",
                FileConfigProvider.class.getName());
    }

    private static void createRole(String database) throws SQLException {
        try (Connection admin = LocalStack.postgres().adminConnection(database);
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE ROLE submitted LOGIN PASSWORD '" + POSTGRES_CANARY + "'");
            statement.execute("GRANT SELECT, INSERT, UPDATE ON events_normalized TO submitted");
        }
    }

    private static void assertNoSecretIn(String text) {
        assertThat(text.contains(POSTGRES_CANARY) || text.contains(KAFKA_CANARY))
                .as("a secret in %.200s", text)
                .isFalse();
    }

    /** All bytes, one character each. */
    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    private static void awaitRows(SessionCluster cluster, Pipeline pipeline, long count)
            throws Exception {
        Eventually.holds(
                count + " rows",
                Pipeline.PATIENCE,
                () -> {
                    cluster.tend();
                    return pipeline.rows() >= count;
                });
    }

    /** What has failed and made it restart. */
    private static String exceptions(SessionCluster cluster) throws Exception {
        return cluster.rest().get("/jobs/" + cluster.job() + "/exceptions");
    }

    private static String restoredFrom(SessionCluster cluster) throws Exception {
        awaitRunning(cluster);
        String checkpoints = cluster.rest().get("/jobs/" + cluster.job() + "/checkpoints");
        return checkpoints.replaceAll(
                ".*\"restored\":\\{[^}]*\"external_path\":\"([^\"]*)\".*", "$1");
    }

    private static int parallelism(SessionCluster cluster) throws Exception {
        String job = cluster.rest().get("/jobs/" + cluster.job());
        return Integer.parseInt(job.replaceAll(".*\"parallelism\":(\\d+).*", "$1"));
    }

    private static void awaitRunning(SessionCluster cluster) throws Exception {
        Eventually.holds(
                "the job to run",
                Pipeline.PATIENCE,
                () -> {
                    cluster.tend();
                    return cluster.status() == JobStatus.RUNNING;
                });
    }
}
