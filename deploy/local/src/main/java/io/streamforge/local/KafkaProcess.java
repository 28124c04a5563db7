package io.streamforge.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker (KRaft, one node that is broker and controller) in a JVM of its own, on
 * 127.0.0.1. Its topics live in {@code <dataDir>/kafka} and survive {@code kill -9}, of it and of
 * this JVM; a broker that an earlier JVM left behind is adopted. Its log is {@code
 * <dataDir>/log/kafka.log}.
 *
 * <p>One JVM at a time may use a data directory; whoever starts services there sees to that.
 */
public final class KafkaProcess {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaProcess.class);
    private static final String NAME = "Kafka";

    /** Long: after a crash it may have gigabytes to check, and would have to begin again. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private final ServiceProcess process;
    private final Path pidFile;
    private final int port;
    private final boolean adopted;

    private KafkaProcess(ServiceProcess process, Path pidFile, int port, boolean adopted) {
        this.process = process;
        this.pidFile = pidFile;
        this.port = port;
        this.adopted = adopted;
    }

    /**
     * Starts the broker of a data directory, or adopts the one that is still running there, and
     * waits until it answers.
     *
     * @param dataDir created if absent
     * @param port where clients connect
     * @throws PortTakenException if another process listens on the port
     * @throws IOException if the directory's broker runs on another port, or if the broker cannot
     *     be started; the message names the log that tells why
     */
    public static KafkaProcess start(Path dataDir, int port)
            throws IOException, InterruptedException {
        return start(dataDir, port, Map.of());
    }

    /**
     * As above, with more of the broker's settings, without effect on one that is adopted.
     *
     * @param more by Kafka's names; those that are there already are lists, and are added to
     */
    public static KafkaProcess start(Path dataDir, int port, Map<String, String> more)
            throws IOException, InterruptedException {
        Files.createDirectories(dataDir);
        Path data = dataDir.toRealPath();
        Path run = Files.createDirectories(data.resolve("run"));
        Path log = Files.createDirectories(data.resolve("log")).resolve("kafka.log");
        Path pidFile = run.resolve("kafka.pid");
        Path properties = run.resolve("kafka.properties");

        Optional<ServiceProcess> orphan =
                ServiceProcess.pidIn(pidFile)
                        .flatMap(pid -> ServiceProcess.find(NAME, pid, properties.toString()));
        if (orphan.isPresent()) {
            requirePort(orphan.get(), properties, port);
            if (awaitReady(orphan.get(), port, log)) {
                LOG.info("Kafka adopted: pid {} on 127.0.0.1:{}", orphan.get().pid(), port);
                return new KafkaProcess(orphan.get(), pidFile, port, true);
            }
        }

        LoopbackPort.requireFree(NAME, port);
        Path logDir = data.resolve("kafka");
        Properties settings = settings(logDir, port, LoopbackPort.free());
        more.forEach(
                (name, value) -> settings.merge(name, value, (given, add) -> given + "," + add));
        try (OutputStream out = Files.newOutputStream(properties)) {
            settings.store(out, null);
        }
        ServiceProcess process =
                ServiceProcess.start(
                        NAME,
                        command(properties, logDir, log),
                        // The class path in the environment keeps the command line short enough
                        // for the system to show all of it, which adoption relies on.
                        Map.of("CLASSPATH", System.getProperty("java.class.path")),
                        log.resolveSibling("kafka.out"),
                        properties.toString());
        try {
            Files.writeString(pidFile, process.pid() + "\n");
            if (!awaitReady(process, port, log)) {
                throw new IOException(
                        "Kafka ended while it started; "
                                + log
                                + " and kafka.out beside it tell why");
            }
        } catch (IOException | InterruptedException e) {
            process.kill();
            throw e;
        }
        return new KafkaProcess(process, pidFile, port, false);
    }

    /** For clients' {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return bootstrapServers(port);
    }

    public long pid() {
        return process.pid();
    }

    /** Whether it was running already. */
    public boolean adopted() {
        return adopted;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Stops it in good order; after 30 s kills it with a warning. Harmless if it has ended. */
    public void stop() throws IOException, InterruptedException {
        process.stop("TERM", STOP_TIMEOUT);
        Files.deleteIfExists(pidFile);
    }

    /** Kills it, as a crash would. */
    public void kill() throws IOException, InterruptedException {
        process.kill();
    }

    /** Freezes it: connections stay open, nothing answers. */
    public void suspend() throws IOException, InterruptedException {
        process.suspend();
    }

    /** Ends {@link #suspend()}. */
    public void resume() throws IOException, InterruptedException {
        process.resume();
    }

    private static String bootstrapServers(int port) {
        return "127.0.0.1:" + port;
    }

    private static void requirePort(ServiceProcess orphan, Path properties, int port)
            throws IOException {
        Properties settings = new Properties();
        try (InputStream in = Files.newInputStream(properties)) {
            settings.load(in);
        }
        if (!settings.getProperty("listeners").startsWith(brokerListener(port) + ",")) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "Kafka of this data directory is still running (pid %d), on %s and not"
                                    + " on port %d: ask for its port, or stop it first",
                            orphan.pid(),
                            settings.getProperty("listeners").split(",")[0],
                            port));
        }
    }

    /** True once it answers; false if it ended instead. */
    private static boolean awaitReady(ServiceProcess process, int port, Path log)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        // A client that knocks too early warns about every attempt, so first the bare port.
        while (process.isAlive() && !LoopbackPort.answers(port)) {
            requireTime(deadline, process, port, log);
            Thread.sleep(20);
        }
        Map<String, Object> settings =
                Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(port),
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 1_000,
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2_000);
        if (!process.isAlive()) {
            return false;
        }
        try (Admin admin = Admin.create(settings)) {
            while (process.isAlive()) {
                try {
                    // A broker that doesn't serve yet is fenced, and not listed.
                    if (!admin.describeCluster().nodes().get().isEmpty()) {
                        return true;
                    }
                } catch (ExecutionException e) {
                    LOG.debug("Kafka does not answer yet", e);
                }
                requireTime(deadline, process, port, log);
                Thread.sleep(20);
            }
        }
        return false;
    }

    private static void requireTime(long deadline, ServiceProcess process, int port, Path log)
            throws IOException {
        if (System.nanoTime() > deadline) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "Kafka (pid %d) does not answer on 127.0.0.1:%d after %d s; %s tells"
                                    + " why",
                            process.pid(),
                            port,
                            START_TIMEOUT.toSeconds(),
                            log));
        }
    }

    private static List<String> command(Path properties, Path logDir, Path log) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xss512k",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Duser.language=en",
                        "-Duser.country=US",
                        "-Dfile.encoding=UTF-8",
                        "-Djava.awt.headless=true"));
        command.add("-Dlog4j2.configurationFile=classpath:io/streamforge/local/kafka-log4j2.xml");
        command.add("-Dstreamforge.kafka.log=" + log);
        command.add(KafkaBroker.class.getName());
        command.add(properties.toString());
        command.add(logDir.toString());
        return command;
    }

    private static String brokerListener(int port) {
        return "BROKER://127.0.0.1:" + port;
    }

    private static Properties settings(Path logDir, int port, int controllerPort)
            throws IOException {
        if (logDir.toString().contains(",")) {
            throw new IOException(
                    "Kafka takes no directory with a comma in its name, such as " + logDir);
        }
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        settings.put(
                "listeners", brokerListener(port) + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("log.dirs", logDir.toString());
        settings.put("auto.create.topics.enable", "false");

        // Nothing expires here: the account is computed from the topics and committed offsets.
        settings.put("log.retention.ms", "-1");
        settings.put("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));

        // One node, and internal topics as small as they can be.
        settings.put("default.replication.factor", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");

        // Start without delays. After a crash the controller lets the broker in again only when
        // the session of its former life has ended.
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("broker.session.timeout.ms", "3000");
        settings.put("num.recovery.threads.per.data.dir", "2");

        // Fit for the small heap; the cleaner's default alone is 128 MiB.
        settings.put("log.cleaner.dedupe.buffer.size", "8388608");
        settings.put("socket.request.max.bytes", "33554432");
        settings.put("queued.max.request.bytes", "67108864");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        return settings;
    }
}
