package io.streamforge.local;

import io.streamforge.StreamForgeJob;
import io.streamforge.config.StreamForgeConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * JobManager and TaskManager in this JVM, running the job exactly as a cluster would: the same
 * composition, restart strategy and state recovery.
 */
public final class LocalCluster implements AutoCloseable {

    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration STOP_TIMEOUT = Duration.ofMinutes(2);

    private final MiniCluster cluster;
    private final JobID job;

    private LocalCluster(MiniCluster cluster, JobID job) {
        this.cluster = cluster;
        this.job = job;
    }

    /**
     * Starts the cluster and the job on it.
     *
     * @param uiPort of Flink's web interface and REST API on 127.0.0.1; 0 takes a free one
     * @param overrides Flink settings that win over the ones here
     */
    public static LocalCluster start(
            StreamForgeConfig config, int parallelism, int uiPort, Configuration overrides)
            throws Exception {
        return start(config, parallelism, uiPort, overrides, StreamForgeJob::compose);
    }

    /** Puts a job's graph and settings into an environment. */
    @FunctionalInterface
    public interface Composition {

        void compose(StreamExecutionEnvironment env, StreamForgeConfig config) throws Exception;
    }

    /** As above, with another job in place of StreamForge's, to compare it with. */
    public static LocalCluster start(
            StreamForgeConfig config,
            int parallelism,
            int uiPort,
            Configuration overrides,
            Composition job)
            throws Exception {
        Configuration flink = settings(config, parallelism, uiPort);
        flink.addAll(overrides);
        StreamExecutionEnvironment env = new StreamExecutionEnvironment(flink);
        job.compose(env, config);
        StreamGraph plan = env.getStreamGraph();
        plan.setJobName(StreamForgeJob.NAME);
        JobGraph graph = plan.getJobGraph();
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(flink)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(parallelism)
                                .build());
        try {
            cluster.start();
            cluster.submitJob(graph).get();
        } catch (Exception e) {
            cluster.closeAsync().join();
            throw e;
        }
        return new LocalCluster(cluster, graph.getJobID());
    }

    private static Configuration settings(StreamForgeConfig config, int parallelism, int uiPort) {
        Configuration flink = new Configuration();
        flink.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        flink.set(RestOptions.ADDRESS, "127.0.0.1");
        flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        flink.set(RestOptions.PORT, uiPort);
        flink.set(RestOptions.BIND_PORT, Integer.toString(uiPort));
        flink.set(JobManagerOptions.ADDRESS, "127.0.0.1");
        flink.set(JobManagerOptions.BIND_HOST, "127.0.0.1");
        flink.set(TaskManagerOptions.BIND_HOST, "127.0.0.1");
        // The graph has no shuffle and no keyed state: next to nothing of either memory is used.
        flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(1));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(8));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(8));
        flink.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL,
                config.checkpoints().interval() == null
                        ? CHECKPOINT_INTERVAL
                        : config.checkpoints().interval());
        flink.set(MetricOptions.METRIC_FETCHER_UPDATE_INTERVAL, Duration.ofSeconds(1));
        flink.setString("metrics.reporters", "tap");
        flink.setString("metrics.reporter.tap.factory.class", MetricsTap.Factory.class.getName());
        return flink;
    }

    /** Where Flink's web interface and REST API answer. */
    public URI restAddress() throws ExecutionException, InterruptedException {
        return cluster.getRestAddress().get();
    }

    public JobID jobId() {
        return job;
    }

    /** RUNNING, RESTARTING, FAILED, … */
    public JobStatus status() throws ExecutionException, InterruptedException {
        return cluster.getJobStatus(job).get();
    }

    /** Why the job ended, where it failed. */
    public Optional<Throwable> failure() throws ExecutionException, InterruptedException {
        return cluster.requestJobResult(job)
                .get()
                .getSerializedThrowable()
                .map(t -> t.deserializeError(LocalCluster.class.getClassLoader()));
    }

    /** Takes a checkpoint now, however long it takes within reason. */
    public void checkpoint() throws ExecutionException, InterruptedException, TimeoutException {
        checkpoint(STOP_TIMEOUT);
    }

    /**
     * Takes a checkpoint now.
     *
     * @param patience how long to wait for it
     * @throws ExecutionException where it fails, for example because the job is restarting
     */
    public void checkpoint(Duration patience)
            throws ExecutionException, InterruptedException, TimeoutException {
        cluster.triggerCheckpoint(job).get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Stops the job with a savepoint beside the checkpoints, from which the next start resumes.
     *
     * @param directory for the savepoint
     * @return where the savepoint is
     */
    public String stopWithSavepoint(String directory)
            throws ExecutionException, InterruptedException, TimeoutException {
        return cluster.stopWithSavepoint(job, directory, false, SavepointFormatType.CANONICAL)
                .get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Ends the processes' threads; the job's retained checkpoints stay. */
    @Override
    public void close() {
        cluster.closeAsync().join();
    }
}
