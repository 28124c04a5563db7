package io.streamforge.local.faults;

import io.streamforge.StreamForgeJob;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.local.Pipeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A real Flink session cluster, one JobManager and some TaskManagers in JVMs of their own, and the
 * job on it. {@link #tend()} is what a supervisor does: it starts again what has died, and submits
 * the job again where the JobManager's death has taken it along.
 */
final class SessionCluster implements AutoCloseable {

    private static final List<String> JVM =
            List.of(
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--add-opens=java.base/java.util=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--add-opens=java.base/java.time=ALL-UNNAMED");

    private final Path directory;
    private final StreamForgeConfig config;
    private final int parallelism;
    private final Configuration flink = new Configuration();
    private final Process[] taskManagers;
    private Process jobManager;
    private RestClusterClient<StandaloneClusterId> client;
    private JobID job;

    /**
     * Starts the cluster and the job.
     *
     * @param directory for its configuration, logs and temporary files
     * @param parallelism a multiple of the number of TaskManagers
     */
    SessionCluster(Path directory, StreamForgeConfig config, int parallelism, int taskManagers)
            throws Exception {
        this.directory = Files.createDirectories(directory).toAbsolutePath();
        this.config = config;
        this.parallelism = parallelism;
        this.taskManagers = new Process[taskManagers];
        configure();
        try {
            tend();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private void configure() throws IOException {
        int rest = freePort();
        flink.setString("jobmanager.rpc.address", "127.0.0.1");
        flink.setString("jobmanager.rpc.port", Integer.toString(freePort()));
        flink.setString("jobmanager.bind-host", "127.0.0.1");
        flink.setString("rest.address", "127.0.0.1");
        flink.setString("rest.bind-address", "127.0.0.1");
        flink.setString("rest.port", Integer.toString(rest));
        flink.setString("rest.bind-port", Integer.toString(rest));
        flink.setString("taskmanager.host", "127.0.0.1");
        flink.setString("taskmanager.bind-host", "127.0.0.1");
        // Just enough slots, so that the death of each TaskManager strikes the job.
        flink.setString(
                "taskmanager.numberOfTaskSlots",
                Integer.toString(parallelism / taskManagers.length));
        flink.setString("parallelism.default", Integer.toString(parallelism));
        // Flink's scripts would derive these.
        flink.setString("taskmanager.cpu.cores", "1.0");
        flink.setString("taskmanager.memory.framework.heap.size", "128mb");
        flink.setString("taskmanager.memory.framework.off-heap.size", "64mb");
        flink.setString("taskmanager.memory.jvm-metaspace.size", "192mb");
        flink.setString("taskmanager.memory.jvm-overhead.min", "192mb");
        flink.setString("taskmanager.memory.jvm-overhead.max", "192mb");
        flink.setString("taskmanager.memory.task.heap.size", "256mb");
        flink.setString("taskmanager.memory.task.off-heap.size", "0b");
        flink.setString("taskmanager.memory.network.min", "8mb");
        flink.setString("taskmanager.memory.network.max", "8mb");
        flink.setString("taskmanager.memory.managed.size", "1mb");
        // A death is noticed within seconds, so that a run has room for many.
        flink.setString("heartbeat.interval", "500 ms");
        flink.setString("heartbeat.timeout", "5 s");
        flink.setString("restart-strategy.exponential-delay.initial-backoff", "200 ms");
        flink.setString("restart-strategy.exponential-delay.max-backoff", "2 s");
        flink.setString("rest.retry.max-attempts", "0");
        flink.setString("io.tmp.dirs", directory.resolve("tmp").toString());
        StringBuilder yaml = new StringBuilder();
        flink.toMap()
                .forEach(
                        (key, value) ->
                                yaml.append(key).append(": \"").append(value).append("\"\n"));
        Files.writeString(directory.resolve("config.yaml"), yaml);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts what is not running.
     *
     * @throws AssertionError where the job or a process has ended by itself
     */
    void tend() throws Exception {
        for (int i = 0; i < taskManagers.length; i++) {
            requireNotEnded(taskManagers[i]);
            if (taskManagers[i] == null) {
                taskManagers[i] = start(TaskManagerRunner.class, "taskmanager-" + i, 512);
            }
        }
        requireNotEnded(jobManager);
        if (jobManager == null) {
            closeClient();
            job = null;
            jobManager = start(StandaloneSessionClusterEntrypoint.class, "jobmanager", 256);
        }
        if (job == null && answers()) {
            job = submit();
        }
        if (job != null && status().isGloballyTerminalState()) {
            throw new AssertionError("the job ended: " + status());
        }
    }

    private void requireNotEnded(Process process) {
        if (process != null && !process.isAlive()) {
            throw new AssertionError("a process ended by itself; its log is in " + directory);
        }
    }

    private Process start(Class<?> main, String name, int heapMebibytes) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.add("-Xmx" + heapMebibytes + "m");
        command.add("-Dstreamforge.log.dir=" + directory.resolve(name));
        command.add(main.getName());
        command.addAll(List.of("--configDir", directory.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(directory.resolve(name + ".out").toFile()))
                .start();
    }

    private boolean answers() throws Exception {
        if (client == null) {
            client = new RestClusterClient<>(flink, StandaloneClusterId.getInstance());
        }
        try {
            client.listJobs().get(5, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false; // still starting
        }
    }

    private JobID submit() throws Exception {
        StreamExecutionEnvironment env = new StreamExecutionEnvironment(flink);
        StreamForgeJob.compose(env, config);
        JobGraph graph = env.getStreamGraph().getJobGraph();
        return client.submitJob(graph).get(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    JobStatus status() throws Exception {
        return client.getJobStatus(job).get(30, TimeUnit.SECONDS);
    }

    /** SIGKILL, as are the next ones. */
    void killJobManager() throws InterruptedException {
        if (jobManager != null) {
            jobManager.destroyForcibly().waitFor();
            jobManager = null;
        }
    }

    void killTaskManager(int number) throws InterruptedException {
        if (taskManagers[number] != null) {
            taskManagers[number].destroyForcibly().waitFor();
            taskManagers[number] = null;
        }
    }

    void killAll() throws InterruptedException {
        killJobManager();
        for (int i = 0; i < taskManagers.length; i++) {
            killTaskManager(i);
        }
    }

    void stopWithSavepoint() throws Exception {
        client.stopWithSavepoint(job, false, config.checkpointDir(), SavepointFormatType.CANONICAL)
                .get(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void closeClient() {
        if (client != null) {
            client.close();
            client = null;
        }
    }

    @Override
    public void close() throws InterruptedException {
        closeClient();
        killAll();
    }
}
