package io.streamforge.local;

import io.streamforge.local.PostgresProcess.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One Kafka and one Postgres for all tests of a JVM, started when first asked for, stopped and
 * removed when the JVM ends; their logs stay below {@code target/local-stack}. Tests share them, so
 * each takes topics and databases of its own. Postgres doesn't wait for the disk. A test that stops
 * one gets it back, with its data and on its port, by asking for it again.
 */
public final class LocalStack {

    /** Postgres's programs, unpacked once for all tests. */
    static final Path BINARIES = Path.of("target", "postgres-binaries");

    private static final Path PARENT = Path.of("target", "local-stack");
    private static final Path DATA = PARENT.resolve(Long.toString(ProcessHandle.current().pid()));

    private static KafkaProcess kafka;
    private static PostgresProcess postgres;
    private static int kafkaPort;
    private static int postgresPort;
    private static boolean prepared;

    private LocalStack() {}

    public static synchronized KafkaProcess kafka() {
        if (kafka == null) {
            try {
                prepare();
                kafkaPort = kafkaPort == 0 ? LoopbackPort.free() : kafkaPort;
                kafka = KafkaProcess.start(DATA, kafkaPort);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("Interrupted while Kafka started", e);
            }
        }
        return kafka;
    }

    public static synchronized PostgresProcess postgres() {
        if (postgres == null) {
            try {
                prepare();
                postgresPort = postgresPort == 0 ? LoopbackPort.free() : postgresPort;
                postgres = PostgresProcess.start(DATA, BINARIES, postgresPort, Durability.FAST);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("Interrupted while Postgres started", e);
            }
        }
        return postgres;
    }

    public static synchronized void stopKafka() throws IOException, InterruptedException {
        kafka.stop();
        kafka = null;
    }

    public static synchronized void stopPostgres() throws IOException, InterruptedException {
        postgres.stop();
        postgres = null;
    }

    private static void prepare() throws IOException, InterruptedException {
        if (prepared) {
            return;
        }
        prepared = true;
        removeAbandoned();
        Runtime.getRuntime().addShutdownHook(new Thread(LocalStack::stop, "local-stack-stop"));
    }

    private static synchronized void stop() {
        try {
            if (kafka != null) {
                kafka.stop();
            }
            if (postgres != null) {
                postgres.stop();
            }
            remove(DATA);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("Interrupted while the services stopped", e);
        }
    }

    /** Ends what test JVMs left behind that were killed themselves. */
    private static void removeAbandoned() throws IOException, InterruptedException {
        Files.createDirectories(PARENT);
        List<Path> runs;
        try (Stream<Path> directories = Files.list(PARENT)) {
            runs = directories.toList();
        }
        for (Path run : runs) {
            if (ProcessHandle.of(Long.parseLong(run.getFileName().toString())).isEmpty()) {
                Path data = run.toRealPath();
                kill(data.resolve("run/kafka.pid"), data.resolve("run/kafka.properties"));
                kill(data.resolve("run/postgres.pid"), data.resolve("postgres"));
                remove(run);
            }
        }
    }

    private static void kill(Path pidFile, Path marker) throws IOException, InterruptedException {
        Optional<ServiceProcess> process =
                ServiceProcess.pidIn(pidFile)
                        .flatMap(pid -> ServiceProcess.find("Abandoned", pid, marker.toString()));
        if (process.isPresent()) {
            process.get().kill();
        }
    }

    /** The data, not the logs. */
    private static void remove(Path run) throws IOException {
        for (String name : List.of("kafka", "postgres", "run")) {
            Path directory = run.resolve(name);
            if (!Files.exists(directory)) {
                continue;
            }
            List<Path> files;
            try (Stream<Path> walk = Files.walk(directory)) {
                files = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
