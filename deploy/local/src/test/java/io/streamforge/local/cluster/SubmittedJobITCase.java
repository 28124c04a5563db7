package io.streamforge.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.Setting;
import io.streamforge.local.EventGenerator;
import io.streamforge.local.Eventually;
import io.streamforge.local.GeneratorOptions;
import io.streamforge.local.Invariant;
import io.streamforge.local.Pipeline;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped jar on a cluster that has never heard of it, from the first submission to the last.
 */
@Timeout(600)
class SubmittedJobITCase {

    private static final int EVENTS_PER_SECOND = 1_000;

    @TempDir Path data;

    @Test
    void isSubmittedKilledStoppedAndSubmittedAgainAtAnotherParallelism() throws Exception {
        String savepoints = data.resolve("savepoints").toUri().toString();
        try (Pipeline pipeline =
                        Pipeline.create("submitted", data).with(Setting.CHECKPOINT_INTERVAL, "1s");
                SessionCluster cluster =
                        new SessionCluster(
                                Path.of("target", "session-cluster", "submitted"),
                                pipeline,
                                1,
                                2,
                                Map.of());
                EventGenerator load =
                        pipeline.generator(new GeneratorOptions(-1, EVENTS_PER_SECOND, 2, 5, 42))) {
            load.start();
            cluster.submit(1);
            awaitRows(cluster, pipeline, 1);

            cluster.killTaskManager(0);
            awaitRows(cluster, pipeline, pipeline.rows() + EVENTS_PER_SECOND);
            assertThat(exceptions(cluster)).contains("\"exceptionName\"");

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
            cluster.stopWithSavepoint(savepoints);
            Invariant.of(pipeline.config(), event -> false).assertHolds();
        }
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
