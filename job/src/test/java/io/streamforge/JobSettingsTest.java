package io.streamforge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.streamforge.config.StreamForgeConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;

/** What the job fixes and what it leaves to the cluster. */
class JobSettingsTest {

    private final Configuration cluster = new Configuration();

    @Test
    void fixesWhatItsGuaranteesRestOnWhateverTheClusterSays() {
        cluster.set(
                CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                CheckpointingMode.AT_LEAST_ONCE);
        cluster.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.DELETE_ON_CANCELLATION);
        cluster.set(PipelineOptions.MAX_PARALLELISM, 7);

        StreamExecutionEnvironment env = apply("--CHECKPOINT_DIR=/tmp/checkpoints");

        assertThat(env.getMaxParallelism()).isEqualTo(128);
        assertThat(env.getConfig().isObjectReuseEnabled()).isTrue();
        assertThat(env.getCheckpointConfig().getCheckpointingConsistencyMode())
                .isEqualTo(CheckpointingMode.EXACTLY_ONCE);
        assertThat(env.getCheckpointConfig().getExternalizedCheckpointRetention())
                .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    }

    @Test
    void setsCheckpointsWhereTheClusterLeavesThemOpen() {
        ReadableConfig settings = apply("--CHECKPOINT_DIR=/tmp/my checkpoints").getConfiguration();

        assertThat(settings.get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
                .isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.get(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS)).isEqualTo(3);
        assertThat(settings.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
                .isEqualTo("file:///tmp/my checkpoints");
    }

    @Test
    void theClustersOwnCheckpointSettingsWin() {
        cluster.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(5));
        cluster.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 9);

        ReadableConfig settings =
                apply("--CHECKPOINT_DIR=/tmp/checkpoints", "--CHECKPOINT_INTERVAL=7s")
                        .getConfiguration();

        assertThat(settings.get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.get(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS)).isEqualTo(9);
    }

    /** The cluster's may hold other jobs' checkpoints, which no start may take for its own. */
    @Test
    void theJobsOwnCheckpointDirectoryWins() {
        cluster.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "s3://bucket/checkpoints");

        assertThat(
                        apply("--CHECKPOINT_DIR=/tmp/checkpoints")
                                .getConfiguration()
                                .get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
                .isEqualTo("file:///tmp/checkpoints");
        assertThat(apply().getConfiguration().get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
                .isEqualTo("s3://bucket/checkpoints");
    }

    @Test
    void refusesToRunWithoutACheckpointDirectory() {
        assertThatIllegalStateException()
                .isThrownBy(this::apply)
                .withMessageStartingWith("no checkpoint directory: set CHECKPOINT_DIR");
    }

    @Test
    void anOperatorWithoutUidFailsTheGraph() {
        StreamExecutionEnvironment env = apply("--CHECKPOINT_DIR=/tmp/checkpoints");
        env.fromData(1L).uid("numbers").sinkTo(new DiscardingSink<>()).name("Nameless");

        assertThatIllegalStateException()
                .isThrownBy(() -> env.getStreamGraph().getJobGraph())
                .withMessageContaining("Nameless");
    }

    @Test
    void aTypeThatOnlyKryoKnowsFailsTheGraph() {
        StreamExecutionEnvironment env = apply("--CHECKPOINT_DIR=/tmp/checkpoints");

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(
                        () ->
                                TypeInformation.of(Object.class)
                                        .createSerializer(env.getConfig().getSerializerConfig()))
                .withMessageContaining("java.lang.Object");
    }

    private StreamExecutionEnvironment apply(String... further) {
        List<String> args = new ArrayList<>(List.of(further));
        args.add("--POSTGRES_URL=postgresql://unused@localhost/unused");
        StreamExecutionEnvironment env = new StreamExecutionEnvironment(cluster);
        JobSettings.apply(env, StreamForgeConfig.from(args.toArray(new String[0]), Map.of()));
        return env;
    }
}
