package io.streamforge.sink;

import io.streamforge.config.PostgresConfig;
import io.streamforge.event.DeadLetter;
import io.streamforge.event.Event;
import io.streamforge.event.RejectionReason;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.slf4j.MDC;

/**
 * Collects events and hands them to the database in batches: when a batch is full, when its oldest
 * event has waited {@code BATCH_INTERVAL_MS}, and all of them at a checkpoint.
 *
 * <p>One batch is on its way while the next one fills, so parsing and the database overlap; a third
 * has to wait, so memory is bounded by two batches of {@code BATCH_SIZE} events or {@value
 * #MAX_BATCH_BYTES} bytes each. Everything but the statement itself runs on the task's mailbox
 * thread; a failure of the batch on its way fails the task at once, not at the next write.
 */
final class PostgresUpsertWriter implements SinkWriter<Event> {

    /** A batch is also full at this many bytes of original messages. */
    static final long MAX_BATCH_BYTES = 8 << 20;

    private static final double[] ROWS = {
        1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000
    };

    /** Of one batch, from its sending to its commit, retries included. */
    private static final double[] WRITE_SECONDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
    };

    /** Of one event, from Kafka's timestamp to the commit of its batch. */
    private static final double[] END_TO_END_SECONDS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600
    };

    private final MailboxExecutor mailbox;
    private final ProcessingTimeService clock;
    private final BatchStore store;
    private final SinkWriter<DeadLetter> refusedRows;
    private final RefusalBreaker breaker;
    private final int batchSize;
    private final long batchIntervalMillis;
    private final ExecutorService worker;

    private final Counter stored;
    private final Counter superseded;
    private final Counter deadLettered;
    private final Counter refusals;
    private final BucketHistogram batchRows;
    private final BucketHistogram writeLatency;
    private final BucketHistogram endToEndLatency;

    private List<Event> batch = new ArrayList<>();
    private long batchBytes;
    private long batchDueAt;
    private boolean batchOnItsWay;

    PostgresUpsertWriter(
            WriterInitContext context,
            JdbcConnectionProvider connections,
            SinkWriter<DeadLetter> refusedRows,
            PostgresConfig postgres) {
        this.mailbox = context.getMailboxExecutor();
        this.clock = context.getProcessingTimeService();
        this.refusedRows = refusedRows;
        this.breaker = new RefusalBreaker(postgres.breakerWindow(), postgres.breakerRatio());
        this.batchSize = postgres.batchSize();
        this.batchIntervalMillis = postgres.batchInterval().toMillis();

        MetricGroup metrics = context.metricGroup();
        this.stored = processed(metrics, "stored");
        this.superseded = processed(metrics, "superseded");
        this.deadLettered = processed(metrics, "dead_lettered");
        RejectionReason reason = RejectionReason.REJECTED_BY_DATABASE;
        this.refusals =
                metrics.addGroup("reason", reason.name())
                        .addGroup("stage", reason.stage().wireName())
                        .counter("stream_dlq_total");
        this.batchRows = BucketHistogram.register(metrics, "stream_db_batch_rows", ROWS);
        this.writeLatency =
                BucketHistogram.register(metrics, "stream_db_write_latency_seconds", WRITE_SECONDS);
        this.endToEndLatency =
                BucketHistogram.register(
                        metrics, "stream_end_to_end_latency_seconds", END_TO_END_SECONDS);
        Map<SqlFailure, Counter> retries = new EnumMap<>(SqlFailure.class);
        for (SqlFailure kind : List.of(SqlFailure.TRANSIENT, SqlFailure.SYSTEMIC)) {
            retries.put(
                    kind,
                    metrics.addGroup("class", kind.name().toLowerCase(Locale.ROOT))
                            .counter("stream_db_retries_total"));
        }
        this.store =
                new BatchStore(
                        connections, postgres.retryBudget(), kind -> retries.get(kind).inc());
        String job = context.getJobInfo().getJobName();
        String subtask = Integer.toString(context.getTaskInfo().getIndexOfThisSubtask());
        this.worker =
                Executors.newSingleThreadExecutor(
                        task -> {
                            Runnable withFields =
                                    () -> {
                                        MDC.put("job", job);
                                        MDC.put("subtask", subtask);
                                        task.run();
                                    };
                            Thread thread = new Thread(withFields, "postgres-upsert");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    private static Counter processed(MetricGroup metrics, String status) {
        return metrics.addGroup("status", status).counter("stream_events_processed_total");
    }

    @Override
    public void write(Event event, Context context) throws IOException, InterruptedException {
        while (batchIsFull()) {
            mailbox.yield();
        }
        batch.add(event);
        batchBytes += event.raw().value().length;
        if (batch.size() == 1) {
            batchDueAt = clock.getCurrentProcessingTime() + batchIntervalMillis;
            clock.registerTimer(batchDueAt, time -> sendIfDue());
        }
        if (batchIsFull()) {
            sendIfDue();
        }
    }

    private boolean batchIsFull() {
        return batch.size() >= batchSize || batchBytes >= MAX_BATCH_BYTES;
    }

    private void sendIfDue() {
        boolean due = batchIsFull() || clock.getCurrentProcessingTime() >= batchDueAt;
        if (due && !batch.isEmpty() && !batchOnItsWay) {
            send();
        }
    }

    private void send() {
        List<Event> sent = batch;
        batch = new ArrayList<>(sent.size());
        batchBytes = 0;
        batchOnItsWay = true;
        long sentAt = System.nanoTime();
        CompletableFuture.supplyAsync(() -> storeOnWorker(sent), worker)
                .whenComplete(
                        (result, failure) -> {
                            double seconds = (System.nanoTime() - sentAt) / 1e9;
                            mailbox.execute(
                                    () -> arrived(sent, seconds, result, failure),
                                    "Postgres batch done");
                        });
    }

    private BatchStore.Result storeOnWorker(List<Event> sent) {
        try {
            return store.store(sent);
        } catch (SQLException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    private void arrived(
            List<Event> sent, double seconds, BatchStore.Result result, Throwable failure)
            throws IOException, InterruptedException {
        if (failure != null) {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            throw new IOException(
                    "Postgres did not take a batch of "
                            + sent.size()
                            + " events: "
                            + cause.getMessage(),
                    cause);
        }
        batchOnItsWay = false;
        long now = clock.getCurrentProcessingTime();
        for (Event event : sent) {
            endToEndLatency.observe((now - event.raw().timestamp()) / 1e3);
        }
        writeLatency.observe(seconds);
        batchRows.observe(sent.size());
        stored.inc(result.inserted());
        superseded.inc(result.superseded());
        breaker.count(sent.size(), result.refused());
        if (breaker.windowIsComplete()) {
            deadLetter(breaker.verdict());
        }
        sendIfDue();
    }

    private void deadLetter(List<BatchStore.Refusal> refused)
            throws IOException, InterruptedException {
        for (BatchStore.Refusal refusal : refused) {
            refusedRows.write(
                    RefusedRows.deadLetter(refusal, clock.getCurrentProcessingTime()), NO_CONTEXT);
            deadLettered.inc();
            refusals.inc();
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        while (batchOnItsWay || !batch.isEmpty()) {
            if (batchOnItsWay) {
                mailbox.yield();
            } else {
                send();
            }
        }
        deadLetter(breaker.verdict());
        refusedRows.flush(endOfInput);
    }

    @Override
    public void close() throws Exception {
        worker.shutdownNow();
        store.abort();
        refusedRows.close();
    }

    /** Dead letters carry no event time: Kafka gives them the time of their writing. */
    private static final Context NO_CONTEXT =
            new Context() {
                @Override
                public long currentWatermark() {
                    return Long.MIN_VALUE;
                }

                @Override
                public Long timestamp() {
                    return null;
                }
            };
}
