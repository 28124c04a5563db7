package io.streamforge.bench;

import io.streamforge.cli.SchemaMigration;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.local.PostgresProcess;
import io.streamforge.local.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * One run of a system under test, in a JVM of its own, with a database, a consumer group, topics
 * for dead letters and directories of its own.
 */
final class JobProcess implements AutoCloseable {

    private static final AtomicInteger RUNS = new AtomicInteger();
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(20);

    private final BenchStack stack;
    private final String name;
    private final Path directory;
    private final String input;
    private final SystemUnderTest system;
    private final Map<String, String> environment = new HashMap<>();
    private Process process;

    /**
     * Prepares a run: everything but the job.
     *
     * @param input the topic it reads
     * @param table what it finds in its database
     * @param settings of the job, by their names, which win over the ones here
     */
    JobProcess(
            BenchStack stack,
            SystemUnderTest system,
            String input,
            StartingTable table,
            Map<String, String> settings)
            throws IOException, InterruptedException, SQLException {
        this.stack = stack;
        this.system = system;
        this.input = input;
        this.name = "run_" + RUNS.incrementAndGet();
        this.directory = Files.createDirectories(stack.data().resolve(name)).toAbsolutePath();
        Files.writeString(directory.resolve("password"), PostgresProcess.NAME);
        stack.createDatabase(name, table);
        SchemaMigration.migrate(
                stack.postgres().jdbcUrl(name), PostgresProcess.NAME, PostgresProcess.NAME);
        new Topics(input, name + ".dlq", name + ".parking", 1, InputTopic.MAX_EVENT_BYTES)
                .create(stack.brokers());
        environment.put("KAFKA_BROKERS", stack.brokers());
        environment.put("KAFKA_GROUP_ID", name);
        environment.put("KAFKA_INPUT_TOPIC", input);
        environment.put("KAFKA_DLQ_TOPIC", name + ".dlq");
        environment.put("KAFKA_PARKING_TOPIC", name + ".parking");
        environment.put("POSTGRES_URL", stack.postgres().jdbcUrl(name));
        environment.put("POSTGRES_USER", PostgresProcess.NAME);
        environment.put("POSTGRES_PASSWORD_FILE", directory.resolve("password").toString());
        environment.put("PARQUET_ROOT", directory.resolve("parquet").toString());
        environment.put("CHECKPOINT_DIR", directory.resolve("checkpoints").toString());
        environment.putAll(system.environment());
        environment.putAll(settings);
    }

    /** Starts the job and waits until it is submitted. */
    void start(int parallelism) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(system.jvm());
        // For a profiler, for example; %s becomes the system's name.
        String more = System.getenv("BENCH_JAVA_OPTS");
        if (more != null && !more.isBlank()) {
            command.addAll(List.of(more.replace("%s", system.name()).trim().split(" ")));
        }
        command.add("-Dstreamforge.log.dir=" + directory);
        command.add(JobMain.class.getName());
        command.add(system.name());
        command.add(samples().toString());
        command.add(Integer.toString(parallelism));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().putAll(environment);
        builder.redirectError(directory.resolve("err").toFile());
        process = builder.start();
        if (process.inputReader(StandardCharsets.UTF_8)
                .lines()
                .noneMatch(line -> line.equals("running"))) {
            throw ended();
        }
    }

    private IOException ended() throws IOException {
        return new IOException(
                "the job ended by itself: " + Files.readString(directory.resolve("err")));
    }

    StreamForgeConfig config() {
        return StreamForgeConfig.from(new String[0], environment);
    }

    String database() {
        return name;
    }

    String deadLetterTopic() {
        return name + ".dlq";
    }

    Path archive() {
        return directory.resolve("parquet");
    }

    long pid() {
        return process.pid();
    }

    private Path samples() {
        return directory.resolve("samples");
    }

    JobMain.Samples usage() throws IOException {
        return JobMain.Samples.read(samples());
    }

    /** Waits until the group's offsets are committed to the end of the topic. */
    void awaitDrained() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) stack.brokers()))) {
            Map<TopicPartition, Long> ends = ends(admin, input);
            while (committed(admin) < ends.values().stream().mapToLong(end -> end).sum()) {
                if (!process.isAlive()) {
                    throw ended();
                }
                if (System.nanoTime() > deadline) {
                    throw new IOException("the job has not finished in time; see " + directory);
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private long committed(Admin admin) throws ExecutionException, InterruptedException {
        return admin
                .listConsumerGroupOffsets(name)
                .partitionsToOffsetAndMetadata()
                .get()
                .values()
                .stream()
                .mapToLong(offset -> offset.offset())
                .sum();
    }

    private static Map<TopicPartition, Long> ends(Admin admin, String topic)
            throws ExecutionException, InterruptedException {
        int partitions =
                admin.describeTopics(List.of(topic))
                        .allTopicNames()
                        .get()
                        .get(topic)
                        .partitions()
                        .size();
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            wanted.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        return admin.listOffsets(wanted).all().get().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
    }

    /** Messages in a topic that has only ever been appended to. */
    long messages(String topic) throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) stack.brokers()))) {
            return ends(admin, topic).values().stream().mapToLong(end -> end).sum();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** Stops the job in good order. */
    void stop() throws IOException, InterruptedException {
        try (OutputStream commands = process.getOutputStream()) {
            commands.write("stop\n".getBytes(StandardCharsets.UTF_8));
        }
        if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw ended();
        }
    }

    /** Ends what still runs, and removes the database and the files. */
    @Override
    public void close() throws Exception {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
        stack.drop(name);
        BenchStack.remove(directory);
    }
}
