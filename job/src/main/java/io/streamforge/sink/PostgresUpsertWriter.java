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
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

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
    private final Histogram endToEndLatencyMillis;

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
        this.endToEndLatencyMillis =
                metrics.histogram(
                        "stream_end_to_end_latency_millis",
                        new DescriptiveStatisticsHistogram(1_000));
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
        this.worker =
                Executors.newSingleThreadExecutor(
                        task -> {
                            Thread thread = new Thread(task, "postgres-upsert");
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
        CompletableFuture.supplyAsync(() -> storeOnWorker(sent), worker)
                .whenComplete(
                        (result, failure) ->
                                mailbox.execute(
                                        () -> arrived(sent, result, failure),
                                        "Postgres batch done"));
    }

    private BatchStore.Result storeOnWorker(List<Event> sent) {
        try {
            return store.store(sent);
        } catch (SQLException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    private void arrived(List<Event> sent, BatchStore.Result result, Throwable failure)
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
            endToEndLatencyMillis.update(now - event.raw().timestamp());
        }
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
