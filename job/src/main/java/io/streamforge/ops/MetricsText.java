package io.streamforge.ops;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.streamforge.config.BuildInfo;
import io.streamforge.event.RejectionReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** The public metrics in Prometheus's text format. */
final class MetricsText {

    private static final Map<String, String> COUNTERS = new TreeMap<>();
    private static final Map<String, String> HISTOGRAMS = new TreeMap<>();

    static {
        COUNTERS.put(Series.INGESTED.name(), "Messages read from Kafka.");
        COUNTERS.put(Series.PROCESSED, "Messages by what became of them.");
        COUNTERS.put(Series.DEAD_LETTERS, "Dead letters by reason and stage.");
        COUNTERS.put(Series.DEAD_LETTER_FAILURES, "Dead letters that Kafka did not take at once.");
        COUNTERS.put("stream_db_retries_total", "Retries of batches by class of the failure.");
        COUNTERS.put("stream_parquet_files_total", "Parquet files finished.");
        COUNTERS.put("stream_parquet_rows_total", "Rows in finished Parquet files.");
        COUNTERS.put("stream_parquet_flush_bytes_total", "Bytes of finished Parquet files.");
        HISTOGRAMS.put("stream_db_batch_rows", "Rows of a batch sent to Postgres.");
        HISTOGRAMS.put(
                "stream_db_write_latency_seconds",
                "From sending a batch to its commit, retries included.");
        HISTOGRAMS.put(
                Series.END_TO_END,
                "From Kafka's timestamp of a message to its commit in Postgres.");
    }

    private final BuildInfo build;

    MetricsText(BuildInfo build) {
        this.build = build;
    }

    /**
     * @param totals of {@link Counters}
     * @param lag messages not read yet, where anybody knows
     */
    MetricSnapshots snapshots(
            Map<Series, Double> totals,
            OptionalLong lag,
            JobView job,
            Readiness.State readiness,
            Instant now) {
        Map<Series, Double> all = new HashMap<>(zeros());
        all.putAll(totals);
        List<MetricSnapshot> snapshots = new ArrayList<>();
        COUNTERS.forEach((name, help) -> snapshots.add(counter(name, help, all)));
        HISTOGRAMS.forEach((name, help) -> snapshots.add(histogram(name, help, all)));
        lag.ifPresent(
                records ->
                        snapshots.add(
                                gauge(
                                        Series.LAG.name(),
                                        "Messages in the input topic that are not read yet.",
                                        records)));
        snapshots.add(gauge("stream_ready", "1 where all checks hold.", readiness.ready() ? 1 : 0));
        GaugeSnapshot.Builder checks =
                GaugeSnapshot.builder().name("stream_check_ok").help("1 where the check holds.");
        for (Check check : readiness.checks()) {
            checks.dataPoint(
                    GaugeSnapshot.GaugeDataPointSnapshot.builder()
                            .labels(Labels.of("check", check.name()))
                            .value(check.ok() ? 1 : 0)
                            .build());
        }
        snapshots.add(checks.build());
        snapshots.add(gauge("stream_job_running", "1 where all tasks run.", job.runs() ? 1 : 0));
        snapshots.add(plain("stream_job_restarts", "Restarts of the job.", job.restarts()));
        if (job.checkpoints() != null) {
            addCheckpoints(job, now, snapshots);
        }
        snapshots.add(
                InfoSnapshot.builder()
                        .name("stream_build")
                        .help("Which build this is.")
                        .dataPoint(
                                InfoSnapshot.InfoDataPointSnapshot.builder()
                                        .labels(
                                                Labels.of(
                                                        "version", build.version(),
                                                        "commit", build.commit(),
                                                        "java", build.java(),
                                                        "flink", build.flink()))
                                        .build())
                        .build());
        return new MetricSnapshots(snapshots);
    }

    private static void addCheckpoints(JobView job, Instant now, List<MetricSnapshot> snapshots) {
        JobView.Checkpoints checkpoints = job.checkpoints();
        Instant from =
                checkpoints.lastCompleted() == null ? job.startedAt() : checkpoints.lastCompleted();
        snapshots.add(
                gauge(
                        "stream_checkpoint_age_seconds",
                        "Since the last completed checkpoint, or since the start.",
                        Math.max(0, Duration.between(from, now).toMillis() / 1e3)));
        snapshots.add(
                gauge(
                        "stream_checkpoint_interval_seconds",
                        "How often a checkpoint is taken.",
                        checkpoints.interval() / 1e3));
        if (checkpoints.durationMillis() >= 0) {
            snapshots.add(
                    gauge(
                            "stream_checkpoint_duration_seconds",
                            "How long the last checkpoint took.",
                            checkpoints.durationMillis() / 1e3));
        }
        snapshots.add(
                plain(
                        "stream_checkpoints_completed",
                        "Checkpoints that were completed.",
                        checkpoints.completed()));
        snapshots.add(
                plain(
                        "stream_checkpoints_failed",
                        "Checkpoints that failed.",
                        checkpoints.failed()));
    }

    /** Every label of the closed sets, so that a rate is right from the first one on. */
    private static Map<Series, Double> zeros() {
        Map<Series, Double> zeros = new HashMap<>();
        zeros.put(Series.INGESTED, 0.0);
        for (String status : List.of("stored", "superseded", "dead_lettered")) {
            zeros.put(Series.of(Series.PROCESSED, "status", status), 0.0);
        }
        for (RejectionReason reason : RejectionReason.values()) {
            zeros.put(
                    Series.of(
                            Series.DEAD_LETTERS,
                            "reason",
                            reason.name(),
                            "stage",
                            reason.stage().wireName()),
                    0.0);
        }
        for (String failure : List.of("transient", "systemic")) {
            zeros.put(Series.of("stream_db_retries_total", "class", failure), 0.0);
        }
        for (String name : COUNTERS.keySet()) {
            if (zeros.keySet().stream().noneMatch(series -> series.name().equals(name))) {
                zeros.put(Series.of(name), 0.0);
            }
        }
        return zeros;
    }

    private static CounterSnapshot counter(String name, String help, Map<Series, Double> all) {
        CounterSnapshot.Builder counter =
                CounterSnapshot.builder().name(name.replaceFirst("_total$", "")).help(help);
        all.forEach(
                (series, value) -> {
                    if (series.name().equals(name)) {
                        counter.dataPoint(
                                CounterSnapshot.CounterDataPointSnapshot.builder()
                                        .labels(labels(series.labels()))
                                        .value(value)
                                        .build());
                    }
                });
        return counter.build();
    }

    private static Labels labels(SortedMap<String, String> of) {
        return Labels.of(of.keySet().toArray(new String[0]), of.values().toArray(new String[0]));
    }

    private static CounterSnapshot plain(String name, String help, double value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().value(value).build())
                .build();
    }

    private static GaugeSnapshot gauge(String name, String help, double value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
                .build();
    }

    private static HistogramSnapshot histogram(String name, String help, Map<Series, Double> all) {
        SortedMap<Double, Double> upTo = Buckets.of(all, name).upTo();
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        double below = 0;
        for (Map.Entry<Double, Double> bucket : upTo.entrySet()) {
            double within = Math.max(0, bucket.getValue() - below);
            buckets.bucket(bucket.getKey(), Math.round(within));
            below = Math.max(below, bucket.getValue());
        }
        if (upTo.isEmpty()) {
            buckets.bucket(Double.POSITIVE_INFINITY, 0);
        }
        return HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(
                        HistogramSnapshot.HistogramDataPointSnapshot.builder()
                                .classicHistogramBuckets(buckets.build())
                                .sum(all.getOrDefault(Series.of(name + "_sum"), 0.0))
                                .build())
                .build();
    }

    /** A body and its content type. */
    record Body(byte[] bytes, String contentType) {}

    static Body write(MetricSnapshots snapshots, String accept) {
        boolean open = accept != null && accept.contains("application/openmetrics-text");
        ExpositionFormatWriter writer =
                open ? OpenMetricsTextFormatWriter.create() : PrometheusTextFormatWriter.create();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 << 10);
        try {
            writer.write(bytes, snapshots);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Body(bytes.toByteArray(), writer.getContentType());
    }
}
