package io.streamforge.ops;

import io.streamforge.config.BuildInfo;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Health, readiness, metrics and the status page of one pipeline, over HTTP: in the launcher's
 * process, or as a companion of a cluster.
 */
public final class Ops implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Ops.class);

    private final InstantSource clock = InstantSource.system();
    private final BuildInfo build = BuildInfo.load();
    private final MetricsText metrics = new MetricsText(build);
    private final History history = new History();
    private final JobMonitor job;
    private final KafkaMonitor kafka;
    private final DeadLetterTail deadLetters;
    private final NewestFiles files;
    private final List<Monitor> checked;
    private final Readiness readiness;
    private final StatusDocument status;
    private final OpsServer server;
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "ops-ticker");
                        thread.setDaemon(true);
                        return thread;
                    });

    private Ops(StreamForgeConfig config, URI flink) throws IOException {
        job = new JobMonitor(new FlinkRest(flink), clock);
        kafka = new KafkaMonitor(config.kafka());
        deadLetters = new DeadLetterTail(config.kafka());
        files = new NewestFiles(config.parquet().root());
        checked = List.of(job, kafka, new PostgresMonitor(config.postgres()));
        readiness = new Readiness(checked, clock);
        status = new StatusDocument(config, flink, build);
        server = new OpsServer(config.http(), this::answer);
    }

    /**
     * Starts to watch and to serve.
     *
     * @param flink Flink's REST API
     * @throws java.net.BindException where the port is taken
     */
    public static Ops start(StreamForgeConfig config, URI flink) throws IOException {
        Ops ops = new Ops(config, flink);
        ops.checked.forEach(Monitor::start);
        ops.deadLetters.start();
        ops.files.start();
        ops.ticker.scheduleWithFixedDelay(ops::tick, 0, 1, TimeUnit.SECONDS);
        ops.server.start();
        LOG.info("serving health, metrics and the status page at {}", ops.address());
        return ops;
    }

    /** Where it listens. */
    public URI address() {
        InetSocketAddress address = server.address();
        String host = address.getAddress().getHostAddress();
        return URI.create(
                "http://"
                        + (host.contains(":") ? "[" + host + "]" : host)
                        + ":"
                        + address.getPort());
    }

    private void tick() {
        try {
            readiness.state();
            history.add(
                    History.Sample.of(clock.instant(), job.counters().totals(), lag().orElse(-1)));
        } catch (RuntimeException e) {
            // Thrown on, it would end all later ticks in silence.
            LOG.error("cannot take a sample", e);
        }
    }

    /** As the consumers know it; behind the committed offsets, as long as none runs. */
    private OptionalLong lag() {
        return job.lag().isPresent() ? job.lag() : kafka.uncommitted();
    }

    private OpsServer.Answer answer(String path, String accept) {
        switch (path) {
            case "/":
                return OpsServer.Answer.page();
            case "/healthz":
                return health();
            case "/readyz":
                Readiness.State state = readiness.state();
                return OpsServer.Answer.json(
                        state.ready() ? 200 : 503, StatusDocument.readiness(state));
            case "/metrics":
                MetricsText.Body body =
                        MetricsText.write(
                                metrics.snapshots(
                                        job.counters().totals(),
                                        lag(),
                                        job.view(),
                                        readiness.state(),
                                        clock.instant()),
                                accept);
                return new OpsServer.Answer(200, body.contentType(), body.bytes());
            case "/build":
                return OpsServer.Answer.json(200, build);
            case "/status.json":
                return OpsServer.Answer.json(
                        200,
                        status.document(
                                clock.instant(),
                                readiness.state(),
                                job.view(),
                                job.counters().totals(),
                                lag(),
                                history,
                                deadLetters.latest(),
                                files.listed() ? files.newest() : null));
            default:
                return OpsServer.Answer.error(404, "there is no " + path);
        }
    }

    /** Of this process alone: whether its own threads come round. */
    private OpsServer.Answer health() {
        List<String> stuck = checked.stream().filter(m -> !m.isAlive()).map(Monitor::name).toList();
        return stuck.isEmpty()
                ? OpsServer.Answer.json(200, Map.of("status", "up"))
                : OpsServer.Answer.json(503, Map.of("status", "stuck", "monitors", stuck));
    }

    @Override
    public void close() {
        server.close();
        ticker.shutdownNow();
        checked.forEach(Monitor::close);
        deadLetters.close();
        files.close();
    }
}
