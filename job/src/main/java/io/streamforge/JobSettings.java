package io.streamforge;

import io.streamforge.config.StreamForgeConfig;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Flink's settings that the job's guarantees rest on. What is a matter of correctness is set here
 * and fixed; what is a matter of operation is set only where the cluster leaves it open.
 */
final class JobSettings {

    /** Fixes the range of parallelisms that state can be restored at; never changes. */
    private static final int MAX_PARALLELISM = 128;

    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(60);

    private JobSettings() {}

    static void apply(StreamExecutionEnvironment env, StreamForgeConfig config) {
        ReadableConfig cluster = env.getConfiguration();
        Configuration job = new Configuration();
        job.set(PipelineOptions.GENERIC_TYPES, false);
        job.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        job.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        // Every record on an edge is immutable, so handing on the reference is safe.
        job.set(PipelineOptions.OBJECT_REUSE, true);
        job.set(
                CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                CheckpointingMode.EXACTLY_ONCE);
        job.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);

        setIfOpen(
                cluster,
                job,
                CheckpointingOptions.CHECKPOINTING_INTERVAL,
                config.checkpoints().interval() == null
                        ? CHECKPOINT_INTERVAL
                        : config.checkpoints().interval());
        // The newest checkpoint may be cut short by a crash; then the one before it is used.
        setIfOpen(cluster, job, CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 3);
        if (config.checkpointDir() != null) {
            // Wins over the cluster's: state is looked for where no other job keeps its own.
            job.set(
                    CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                    StateRecovery.uri(config.checkpointDir()));
        }
        env.configure(job);
        if (env.getConfiguration()
                .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
                .isEmpty()) {
            throw new IllegalStateException(
                    "no checkpoint directory: set CHECKPOINT_DIR, or execution.checkpointing.dir in"
                            + " Flink's configuration, to durable storage that all task managers"
                            + " reach. Without retained checkpoints a restart would lose its place.");
        }
    }

    private static <T> void setIfOpen(
            ReadableConfig cluster, Configuration job, ConfigOption<T> option, T value) {
        if (cluster.getOptional(option).isEmpty()) {
            job.set(option, value);
        }
    }
}
