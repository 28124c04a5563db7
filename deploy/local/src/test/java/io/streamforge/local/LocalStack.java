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
 * removed when the JVM ends; their logs stay below {@code target/local-stack}. They are processes
 * of this machine, or with {@code -Dstack=containers} containers. Tests share them, so each takes
 * topics and databases of its own. Processes can be stopped: a test that stops one gets it back,
 * with its data and on its port, by asking for it again. Postgres doesn't wait for the disk.
 */
public final class LocalStack {

    /** Postgres's programs, unpacked once for all tests. */
    static final Path BINARIES = Path.of("target", "postgres-binaries");

    private static final Path PARENT = Path.of("target", "local-stack");
    private static final Path DATA = PARENT.resolve(Long.toString(ProcessHandle.current().pid()));

    private static final boolean CONTAINERS = "containers".equals(System.getProperty("stack"));

    private static String containerBootstrapServers;
    private static PostgresServer containerPostgres;
    private static KafkaProcess kafka;
    private static PostgresProcess postgres;
    private static int kafkaPort;
    private static int postgresPort;
    private static boolean prepared;

    static {
        System.out.println(
                "Stack: "
                        + (CONTAINERS
                                ? "containers of " + Containers.KAFKA + ", " + Containers.POSTGRES
                                : "Kafka and Postgres as processes of this machine"));
    }

    private LocalStack() {}

    /** Where Kafka answers. */
    public static synchronized String bootstrapServers() {
        if (!CONTAINERS) {
            return kafka().bootstrapServers();
        }
        if (containerBootstrapServers == null) {
            containerBootstrapServers = Containers.kafka().getBootstrapServers();
        }
        return containerBootstrapServers;
    }

    public static synchronized PostgresServer postgres() {
        if (!CONTAINERS) {
            return postgresProcess();
        }
        if (containerPostgres == null) {
            PostgresServer started = Containers.postgres();
            try {
                started.createRoleAndDatabase();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            containerPostgres = started;
        }
        return containerPostgres;
    }

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

    private static synchronized PostgresProcess postgresProcess() {
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
        requireProcesses();
        kafka.stop();
        kafka = null;
    }

    public static synchronized void stopPostgres() throws IOException, InterruptedException {
        requireProcesses();
        postgres.stop();
        postgres = null;
    }

    private static void requireProcesses() {
        if (CONTAINERS) {
            throw new IllegalStateException("Not for -Dstack=containers: it stops processes");
        }
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
