package io.streamforge.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.local.LoopbackPort;
import io.streamforge.local.Pipeline;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/**
 * A real Flink session cluster, one JobManager and some TaskManagers in JVMs of their own, on a
 * plain Flink class path with the configuration that is shipped. The job comes to it as it comes to
 * any cluster: its jar is uploaded and run. {@link #tend()} is what a supervisor does: it starts
 * again what has died, and submits the job again where the JobManager's death has taken it along.
 */
public final class SessionCluster implements AutoCloseable {

    private static final Pattern SUBMITTED = Pattern.compile("with JobID ([0-9a-f]{32})");

    private final Path directory;
    private final Pipeline pipeline;
    private final Map<String, String> flink = new TreeMap<>();
    private final Map<String, String> environment;
    private final Process[] taskManagers;
    private final FlinkRest rest;
    private final RestClusterClient<StandaloneClusterId> client;
    private Process jobManager;
    private JobID job;
    private int parallelism;

    /**
     * Starts the cluster, without a job.
     *
     * @param directory for its logs and temporary files
     * @param slots of each TaskManager
     * @param environment of its processes, added to this one's
     */
    public SessionCluster(
            Path directory,
            Pipeline pipeline,
            int taskManagers,
            int slots,
            Map<String, String> environment)
            throws Exception {
        this.directory = Files.createDirectories(directory).toAbsolutePath();
        this.pipeline = pipeline;
        this.environment = environment;
        this.taskManagers = new Process[taskManagers];
        int port = LoopbackPort.free();
        configure(port, slots);
        this.rest = new FlinkRest(URI.create("http://127.0.0.1:" + port));
        this.client =
                new RestClusterClient<>(
                        Configuration.fromMap(flink), StandaloneClusterId.getInstance());
        try {
            tend();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /** What has to differ from the shipped configuration on a machine shared with others. */
    private void configure(int port, int slots) throws IOException {
        flink.put("jobmanager.rpc.address", "127.0.0.1");
        flink.put("jobmanager.rpc.port", Integer.toString(LoopbackPort.free()));
        flink.put("jobmanager.bind-host", "127.0.0.1");
        flink.put("rest.address", "127.0.0.1");
        flink.put("rest.bind-address", "127.0.0.1");
        flink.put("rest.port", Integer.toString(port));
        flink.put("rest.bind-port", Integer.toString(port));
        flink.put("taskmanager.host", "127.0.0.1");
        flink.put("taskmanager.bind-host", "127.0.0.1");
        flink.put("taskmanager.numberOfTaskSlots", Integer.toString(slots));
        flink.put("metrics.reporter.prom.port", "20000-30000");
        flink.put("io.tmp.dirs", directory.resolve("tmp").toString());
        // Flink's scripts would derive these from the sizes of the processes.
        flink.put("taskmanager.cpu.cores", "1.0");
        flink.put("taskmanager.memory.framework.heap.size", "128mb");
        flink.put("taskmanager.memory.framework.off-heap.size", "64mb");
        flink.put("taskmanager.memory.jvm-metaspace.size", "192mb");
        flink.put("taskmanager.memory.jvm-overhead.min", "192mb");
        flink.put("taskmanager.memory.jvm-overhead.max", "192mb");
        flink.put("taskmanager.memory.task.heap.size", "256mb");
        // A death is noticed within seconds, so that a run has room for many.
        flink.put("heartbeat.interval", "500 ms");
        flink.put("heartbeat.timeout", "5 s");
        flink.put("restart-strategy.exponential-delay.initial-backoff", "200 ms");
        flink.put("restart-strategy.exponential-delay.max-backoff", "2 s");
        flink.put("jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout", "5 s");
        flink.put("rest.retry.max-attempts", "0");
    }

    /**
     * Starts what is not running.
     *
     * @throws AssertionError where the job or a process has ended by itself
     */
    public void tend() throws Exception {
        for (int i = 0; i < taskManagers.length; i++) {
            requireNotEnded(taskManagers[i]);
            if (taskManagers[i] == null) {
                taskManagers[i] = start(TaskManagerRunner.class, "taskmanager-" + i, 512);
            }
        }
        requireNotEnded(jobManager);
        if (jobManager == null) {
            job = null;
            jobManager = start(StandaloneSessionClusterEntrypoint.class, "jobmanager", 320);
        }
        if (parallelism > 0 && job == null && jobs() != null) {
            submit(null);
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
        List<String> arguments =
                new ArrayList<>(List.of("--configDir", FlinkDistribution.confDir()));
        arguments.addAll(dynamicProperties());
        return FlinkDistribution.start(
                main.getName(),
                List.of("-Xmx" + heapMebibytes + "m"),
                directory.resolve(name),
                environment,
                arguments);
    }

    private List<String> dynamicProperties() {
        return flink.entrySet().stream()
                .map(entry -> "-D" + entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    /** The cluster's jobs, or null where it does not answer yet. */
    private Collection<JobStatusMessage> jobs() throws Exception {
        try {
            return client.listJobs().get(5, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return null;
        }
    }

    // ---- the job

    /** Has the job submitted over the REST API as soon as the cluster answers. */
    public void submit(int subtasks) throws Exception {
        parallelism = subtasks;
        tend();
    }

    /** Submits the job over the REST API, to start from this savepoint. */
    void resubmit(int subtasks, String savepoint) throws Exception {
        parallelism = subtasks;
        submit(savepoint);
    }

    private void submit(String savepoint) throws Exception {
        String jar = rest.upload(FlinkDistribution.JAR);
        job = JobID.fromHexString(rest.run(jar, pipeline.arguments(), parallelism, savepoint));
    }

    /** Submits the job as {@code flink run --detached} does, to start from this savepoint. */
    void runFromCommandLine(int subtasks, String savepoint) throws Exception {
        parallelism = subtasks;
        List<String> arguments = new ArrayList<>(List.of("run", "-t", "remote", "--detached"));
        arguments.addAll(dynamicProperties());
        arguments.addAll(List.of("-p", Integer.toString(subtasks), "-s", savepoint));
        arguments.add(FlinkDistribution.JAR.toString());
        arguments.addAll(pipeline.arguments());
        Path log = directory.resolve("client");
        Process run =
                FlinkDistribution.start(
                        CliFrontend.class.getName(), List.of(), log, environment, arguments);
        String printed = directory + "/client.out";
        assertThat(run.waitFor(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).as("see " + printed).isZero();
        // The last one: an earlier run of the test may have printed there as well.
        job =
                SUBMITTED
                        .matcher(Files.readString(Path.of(printed)))
                        .results()
                        .reduce((earlier, later) -> later)
                        .map(submitted -> JobID.fromHexString(submitted.group(1)))
                        .orElseThrow(() -> new AssertionError("no job's id in " + printed));
    }

    public JobStatus status() throws Exception {
        return client.getJobStatus(job).get(30, TimeUnit.SECONDS);
    }

    JobID job() {
        return job;
    }

    FlinkRest rest() {
        return rest;
    }

    /**
     * Stops the job; it is not submitted again.
     *
     * @return where the savepoint is
     */
    public String stopWithSavepoint(String target) throws Exception {
        String savepoint =
                client.stopWithSavepoint(job, false, target, SavepointFormatType.CANONICAL)
                        .get(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        parallelism = 0;
        job = null;
        return savepoint;
    }

    // ---- the processes

    /** SIGKILL, as are the next ones. */
    public void killJobManager() throws InterruptedException {
        if (jobManager != null) {
            jobManager.destroyForcibly().waitFor();
            jobManager = null;
        }
    }

    public void killTaskManager(int number) throws InterruptedException {
        if (taskManagers[number] != null) {
            taskManagers[number].destroyForcibly().waitFor();
            taskManagers[number] = null;
        }
    }

    public void killAll() throws InterruptedException {
        killJobManager();
        for (int i = 0; i < taskManagers.length; i++) {
            killTaskManager(i);
        }
    }

    /** All that its processes have logged and printed. */
    List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().matches(".*\\.(log|out)")).toList();
        }
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
        killAll();
    }
}
