package io.streamforge.local;

import io.streamforge.LogLevels;
import io.streamforge.UnreachableException;
import io.streamforge.account.Account;
import io.streamforge.account.AccountAudit;
import io.streamforge.config.BuildInfo;
import io.streamforge.config.ConfigException;
import io.streamforge.config.Settings;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.ops.Ops;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * The whole system on one machine: {@code make run}. Kafka and Postgres are processes of their own,
 * started here unless {@code KAFKA_BROKERS} or {@code POSTGRES_URL} name others; Flink and the
 * generator run in this JVM. All state is below the data directory, so that the next start goes on
 * where this one stopped, however it stopped.
 */
public final class LocalLauncher {

    static final int BALANCED = 0;
    static final int NOT_BALANCED = 1;
    static final int BAD_CONFIGURATION = 2;
    static final int UNREACHABLE = 3;

    private static final Logger LOG = LoggerFactory.getLogger(LocalLauncher.class);

    private static final double DEFAULT_RATE = 1_000;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration DRAIN_CHECK = Duration.ofSeconds(5);
    private static final Duration DRAIN_POLL = Duration.ofMillis(100);
    private static final Duration SETTLING = Duration.ofSeconds(5);

    private final LocalOptions options;
    private final PrintStream out;
    private final CountDownLatch stopRequested = new CountDownLatch(1);

    private LocalServices services;
    private LocalCluster cluster;
    private Ops ops;
    private EventGenerator generator;

    private LocalLauncher(LocalOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    public static void main(String[] args) {
        LocalOptions options = new LocalOptions();
        CommandLine commandLine = new CommandLine(options);
        try {
            commandLine.parseArgs(args);
            options.check(commandLine);
        } catch (CommandLine.ParameterException e) {
            System.err.println(e.getMessage());
            System.err.println("Try --help.");
            System.exit(BAD_CONFIGURATION);
        }
        if (commandLine.isUsageHelpRequested()) {
            commandLine.usage(System.out);
            System.exit(BALANCED);
        }
        if (commandLine.isVersionHelpRequested()) {
            System.out.println(BuildInfo.load().version());
            System.exit(BALANCED);
        }
        LocalLauncher launcher = new LocalLauncher(options, System.out);
        StopSignals.handle(launcher::requestStop);
        System.exit(launcher.run());
    }

    private void requestStop() {
        if (stopRequested.getCount() == 0) {
            System.err.println("still stopping; kill -9 ends it at once, nothing gets lost by it");
        }
        stopRequested.countDown();
    }

    private boolean stopping() {
        return stopRequested.getCount() == 0;
    }

    private int run() {
        try {
            Path data = Files.createDirectories(options.dataDir).toRealPath();
            Path run = Files.createDirectories(data.resolve("run"));
            try (FileChannel channel =
                            FileChannel.open(
                                    run.resolve("launcher.lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    return fail(
                            BAD_CONFIGURATION,
                            data + " is in use by another run; give this one its own --data-dir");
                }
                return runIn(data);
            }
        } catch (ConfigException e) {
            return fail(BAD_CONFIGURATION, e.getMessage());
        } catch (PortTakenException e) {
            return fail(
                    BAD_CONFIGURATION,
                    e.getMessage() + "; choose another with " + options.portOption(e.port()));
        } catch (UnreachableException e) {
            return fail(UNREACHABLE, e.getMessage());
        } catch (IOException | SQLException | KafkaException | IllegalStateException e) {
            LOG.info("run failed", e);
            return fail(NOT_BALANCED, e.getMessage());
        } catch (Exception e) {
            // Flink's start declares no less.
            LOG.error("run failed", e);
            return fail(NOT_BALANCED, e.toString());
        }
    }

    private int fail(int code, String message) {
        System.err.println(message);
        return code;
    }

    private int runIn(Path data) throws Exception {
        services = new LocalServices(data, options, System.getenv());
        try {
            Settings settings = Settings.read(new String[0], services.settings(System.getenv()));
            StreamForgeConfig config = StreamForgeConfig.from(settings);
            LogLevels.apply(config.logLevel());
            settings.warnings().forEach(System.err::println);
            // Before the services, which take a while.
            LoopbackPort.requireFree("Flink UI", options.uiPort);
            LoopbackPort.requireFree("HTTP", config.http().port());
            System.err.println("starting Kafka, Postgres and Flink …");
            services.start(config);
            if (stopping()) {
                System.err.println("stopped before the job was started: there is no account");
                return BALANCED;
            }
            cluster =
                    LocalCluster.start(
                            config, options.parallelism, options.uiPort, new Configuration());
            ops = Ops.start(config, cluster.restAddress());
            banner(data, config);
            startGenerator(config);
            boolean failed = !watch(config);
            stopJob(config);
            Account account = account(config);
            stopCluster();
            account.findings().forEach(System.err::println);
            services.close();
            out.println(account.line());
            return account.balanced() && !failed ? BALANCED : NOT_BALANCED;
        } finally {
            stopCluster();
            services.close();
        }
    }

    private void banner(Path data, StreamForgeConfig config) throws Exception {
        out.printf(
                """

                StreamForge %s on this machine

                  Kafka      %s   %s → %s, %s
                  Postgres   %s   user %s%s
                  Parquet    %s
                  Status     %s
                  Flink UI   %s
                  logs       %s

                Ctrl-C stops it with a savepoint; the next start goes on from there.

                """,
                BuildInfo.load().version(),
                config.kafka().brokers(),
                config.kafka().inputTopic(),
                config.kafka().dlqTopic(),
                config.kafka().parkingTopic(),
                config.postgres().url().substring("jdbc:".length()),
                config.postgres().user(),
                services.password().map(password -> ", password " + password).orElse(""),
                config.parquet().root(),
                ops.address(),
                cluster.restAddress(),
                data.resolve("log"));
    }

    private void startGenerator(StreamForgeConfig config) throws IOException {
        int maxMessageBytes = LocalServices.topics(config).maxMessageBytes();
        if (options.input != null) {
            generator =
                    EventGenerator.replaying(
                            config.kafka().brokers(),
                            config.kafka().inputTopic(),
                            maxMessageBytes,
                            new FileReplay(options.input, maxMessageBytes),
                            options.rate == null ? 0 : options.rate);
        } else if (generates(config)) {
            double endless = options.rate == null ? DEFAULT_RATE : options.rate;
            double limited = options.rate == null ? 0 : options.rate;
            GeneratorOptions wanted =
                    new GeneratorOptions(
                            options.events == null ? -1 : options.events,
                            options.events == null ? endless : limited,
                            options.invalidPercent,
                            options.duplicatePercent,
                            ThreadLocalRandom.current().nextLong());
            generator =
                    EventGenerator.generating(
                            config.kafka().brokers(),
                            config.kafka().inputTopic(),
                            maxMessageBytes,
                            new EventFactory(
                                    wanted, config.maxEventBytes(), InstantSource.system()),
                            wanted);
        }
        if (generator != null) {
            generator.start();
        }
    }

    /** Into somebody's own Kafka only when asked to, and so in a run that has an end. */
    private boolean generates(StreamForgeConfig config) {
        if (options.rate != null) {
            return options.rate > 0;
        }
        return options.events != null || services.ownsKafka() && config.readUntil() == null;
    }

    /**
     * Shows progress until the run is to end.
     *
     * @return whether it ended well: on request, or because all is done
     */
    private boolean watch(StreamForgeConfig config)
            throws ExecutionException, InterruptedException, IOException {
        ProgressLine progress = new ProgressLine(System.err, System.console() != null);
        boolean announced = false;
        try (InputDrain drain = new InputDrain(config.kafka())) {
            while (!stopRequested.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                JobStatus status = cluster.status();
                progress.update(status.name());
                if (status == JobStatus.FINISHED && config.readUntil() != null) {
                    break;
                }
                Optional<String> trouble = trouble(status);
                if (trouble.isPresent()) {
                    progress.end();
                    System.err.println(trouble.get());
                    return false;
                }
                boolean allSent = generator != null && !generator.isRunning();
                if (options.sendsAllAtOnce()
                        && allSent
                        && !announced
                        && isDrained(drain, DRAIN_CHECK)) {
                    progress.now(status.name());
                    if (options.ends()) {
                        break;
                    }
                    announced = true;
                    progress.end();
                    out.println("all is processed; still serving, Ctrl-C stops it");
                }
            }
        }
        progress.end();
        return true;
    }

    /** Why the run cannot go on, where it cannot. */
    private Optional<String> trouble(JobStatus status)
            throws ExecutionException, InterruptedException {
        if (status.isGloballyTerminalState()) {
            String why = cluster.failure().map(LocalLauncher::rootCause).orElse("no reason given");
            return Optional.of("the job ended (" + status + "): " + why);
        }
        if (generator != null && generator.failure().isPresent()) {
            return generator.failure().map(f -> "the events could not be sent: " + f.getMessage());
        }
        return services.ended();
    }

    /** Whether everything is processed and its offsets are committed, or is within the patience. */
    private boolean isDrained(InputDrain drain, Duration patience)
            throws ExecutionException, InterruptedException {
        if (MetricsTap.lag() > 0) {
            return false;
        }
        try {
            cluster.checkpoint(SETTLING);
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("no checkpoint now: {}", rootCause(e));
            return false;
        }
        // The offsets follow the checkpoint by themselves, mostly within moments.
        long deadline = System.nanoTime() + patience.toNanos();
        while (!drain.isEmpty()) {
            if (System.nanoTime() >= deadline) {
                return false;
            }
            Thread.sleep(DRAIN_POLL.toMillis());
        }
        return true;
    }

    /**
     * Lets the job finish what the generator has sent, where that takes no time, so that the
     * account shows all of it: a job that is stopped with a savepoint need not commit its last
     * offsets.
     */
    private void settle(StreamForgeConfig config) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + SETTLING.toNanos();
        try (InputDrain drain = new InputDrain(config.kafka())) {
            // A second each: every look takes a checkpoint, and every checkpoint makes files.
            while (!isDrained(drain, TICK) && System.nanoTime() < deadline) {
                Thread.sleep(DRAIN_POLL.toMillis());
            }
        }
    }

    private void stopJob(StreamForgeConfig config)
            throws ExecutionException, InterruptedException, IOException {
        if (generator != null) {
            generator.close();
        }
        if (cluster.status().isGloballyTerminalState()) {
            return;
        }
        System.err.println("stopping with a savepoint …");
        try {
            if (services.ended().isEmpty()) {
                settle(config);
            }
            String savepoint = cluster.stopWithSavepoint(config.checkpointDir());
            LOG.info("stopped with savepoint {}", savepoint);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("no savepoint", e);
            System.err.println(
                    "no savepoint could be taken ("
                            + rootCause(e)
                            + "); the next start goes on from the last checkpoint");
        }
    }

    private Account account(StreamForgeConfig config) throws IOException, SQLException {
        System.err.println("computing the account from the stores …");
        return AccountAudit.of(config).compute();
    }

    private void stopCluster() {
        if (ops != null) {
            ops.close();
            ops = null;
        }
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }

    private static String rootCause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
