package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The launcher in a JVM of its own, as its start script runs it. Closing kills that JVM; {@link
 * #removeServices} ends what it left behind then.
 */
public final class LauncherProcess implements AutoCloseable {

    private final Process jvm;
    private final Path out;
    private final Path err;

    private LauncherProcess(Process jvm, Path out, Path err) {
        this.jvm = jvm;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts it.
     *
     * @param directory where its output is kept
     * @param environment in place of every variable of the pipeline's that is set here
     */
    static LauncherProcess start(Path directory, Map<String, String> environment, String... options)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String opened : List.of("util", "lang", "time")) {
            command.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
        }
        command.addAll(List.of("-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-Dstreamforge.log.dir=" + directory.resolve("log"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(LocalLauncher.class.getName());
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(name -> name.matches("(KAFKA|POSTGRES|PARQUET|CHECKPOINT)_.*|PORT"));
        builder.environment().putAll(environment);
        Files.createDirectories(directory);
        Path out = Files.createTempFile(directory, "launcher", ".out");
        Path err = Files.createTempFile(directory, "launcher", ".err");
        builder.redirectOutput(out.toFile());
        builder.redirectError(err.toFile());
        return new LauncherProcess(builder.start(), out, err);
    }

    /** Starts it and waits for its end. */
    static LauncherProcess run(Path directory, Map<String, String> environment, String... options)
            throws Exception {
        LauncherProcess launcher = start(directory, environment, options);
        try {
            launcher.exitCode();
        } finally {
            launcher.close();
        }
        return launcher;
    }

    /** Waits for its end. */
    public int exitCode() throws Exception {
        assertThat(jvm.waitFor(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("ended in time; %s", err())
                .isTrue();
        return jvm.exitValue();
    }

    /** Asks it to stop, as Ctrl-C or a supervisor does. */
    public void terminate() {
        jvm.destroy();
    }

    /** {@code kill -9}: it has no chance to do anything about it. */
    void kill() throws InterruptedException {
        jvm.destroyForcibly().waitFor();
    }

    boolean isAlive() {
        return jvm.isAlive();
    }

    String out() throws IOException {
        return Files.readString(out);
    }

    String err() throws IOException {
        return Files.readString(err);
    }

    /** What a script looks at. */
    String lastLine() throws IOException {
        List<String> lines = Files.readAllLines(out);
        return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    @Override
    public void close() {
        jvm.destroyForcibly();
    }

    /** Kills Kafka and Postgres of a data directory, if they run. */
    static void removeServices(Path data) throws IOException, InterruptedException {
        if (!Files.exists(data)) {
            return;
        }
        Path run = data.toRealPath().resolve("run");
        Map<Path, Path> markers = new HashMap<>();
        markers.put(run.resolve("kafka.pid"), run.resolve("kafka.properties"));
        markers.put(run.resolve("postgres.pid"), run.resolveSibling("postgres"));
        for (Map.Entry<Path, Path> service : markers.entrySet()) {
            Optional<ServiceProcess> orphan =
                    ServiceProcess.pidIn(service.getKey())
                            .flatMap(
                                    pid ->
                                            ServiceProcess.find(
                                                    "Orphan", pid, service.getValue().toString()));
            if (orphan.isPresent()) {
                orphan.get().kill();
            }
        }
    }
}
