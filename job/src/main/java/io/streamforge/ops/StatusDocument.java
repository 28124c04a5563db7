package io.streamforge.ops;

import io.streamforge.config.BuildInfo;
import io.streamforge.config.StreamForgeConfig;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What {@code /readyz} and the status page's script are given, as JSON values. */
final class StatusDocument {

    private final StreamForgeConfig config;
    private final URI flink;
    private final BuildInfo build;

    StatusDocument(StreamForgeConfig config, URI flink, BuildInfo build) {
        this.config = config;
        this.flink = flink;
        this.build = build;
    }

    static Map<String, Object> readiness(Readiness.State state) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("ready", state.ready());
        document.put("checks", checks(state));
        return document;
    }

    private static List<Map<String, Object>> checks(Readiness.State state) {
        List<Map<String, Object>> checks = new ArrayList<>();
        for (Check check : state.checks()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("name", check.name());
            document.put("ok", check.ok());
            document.put("since", check.since().toString());
            document.put("detail", check.detail());
            checks.add(document);
        }
        return checks;
    }

    /**
     * All that the page shows.
     *
     * @param files null where they cannot be listed
     */
    Map<String, Object> document(
            Instant now,
            Readiness.State readiness,
            JobView job,
            Map<Series, Double> totals,
            OptionalLong lag,
            History history,
            List<DeadLetterTail.Line> deadLetters,
            List<NewestFiles.Line> files) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("now", now.toEpochMilli());
        document.put("ready", readiness.ready());
        document.put("checks", checks(readiness));
        document.put("job", job(job));
        document.put("totals", totals(totals));
        document.put("lag", lag.isPresent() ? lag.getAsLong() : null);
        document.put("latency", latency(history.recentLatency()));
        document.put("history", history(history));
        document.put("deadLetters", deadLetters(totals, deadLetters));
        document.put("archive", archive(totals, files));
        document.put("database", database(totals));
        document.put("topics", topics());
        document.put("flink", flink.toString());
        document.put("build", build);
        return document;
    }

    private static Map<String, Object> job(JobView job) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", job.id());
        document.put("state", job.state());
        document.put("startedAt", millis(job.startedAt()));
        document.put("tasksRunning", job.tasksRunning());
        document.put("tasks", job.tasks());
        document.put("restarts", job.restarts());
        document.put("cause", job.cause());
        JobView.Checkpoints checkpoints = job.checkpoints();
        if (checkpoints != null) {
            Map<String, Object> inner = new LinkedHashMap<>();
            inner.put("interval", checkpoints.interval());
            inner.put("completed", checkpoints.completed());
            inner.put("failed", checkpoints.failed());
            inner.put("last", millis(checkpoints.lastCompleted()));
            inner.put("duration", checkpoints.durationMillis());
            inner.put("bytes", checkpoints.bytes());
            document.put("checkpoints", inner);
        }
        return document;
    }

    private static Long millis(Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }

    private static Map<String, Object> totals(Map<Series, Double> totals) {
        History.Sample sample = History.Sample.of(Instant.EPOCH, totals, 0);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("ingested", sample.ingested());
        document.put("stored", sample.stored());
        document.put("superseded", sample.superseded());
        document.put("deadLettered", sample.deadLettered());
        return document;
    }

    private static Map<String, Object> latency(Buckets recent) {
        Map<String, Object> document = new LinkedHashMap<>();
        for (double quantile : new double[] {0.5, 0.95, 0.99}) {
            OptionalDouble seconds = recent.quantile(quantile);
            document.put(
                    "p" + Math.round(quantile * 100),
                    seconds.isPresent() ? seconds.getAsDouble() : null);
        }
        return document;
    }

    /** Arrays of equal length. */
    private static Map<String, Object> history(History history) {
        List<Long> at = new ArrayList<>();
        List<Double> ingested = new ArrayList<>();
        List<Double> stored = new ArrayList<>();
        List<Double> deadLettered = new ArrayList<>();
        List<Long> lag = new ArrayList<>();
        for (History.Sample sample : history.samples()) {
            at.add(sample.at().toEpochMilli());
            ingested.add(sample.ingested());
            stored.add(sample.stored());
            deadLettered.add(sample.deadLettered());
            lag.add(sample.lag());
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("at", at);
        document.put("ingested", ingested);
        document.put("stored", stored);
        document.put("deadLettered", deadLettered);
        document.put("lag", lag);
        return document;
    }

    private static Map<String, Object> deadLetters(
            Map<Series, Double> totals, List<DeadLetterTail.Line> latest) {
        List<Map<String, Object>> reasons = new ArrayList<>();
        totals.entrySet().stream()
                .filter(e -> e.getKey().name().equals(Series.DEAD_LETTERS) && e.getValue() > 0)
                .sorted(Map.Entry.<Series, Double>comparingByValue(Comparator.reverseOrder()))
                .forEach(
                        e -> {
                            Map<String, Object> reason = new LinkedHashMap<>();
                            reason.put("reason", e.getKey().label("reason"));
                            reason.put("stage", e.getKey().label("stage"));
                            reason.put("count", e.getValue());
                            reasons.add(reason);
                        });
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("reasons", reasons);
        document.put("latest", latest);
        return document;
    }

    private Map<String, Object> archive(Map<Series, Double> totals, List<NewestFiles.Line> files) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("root", config.parquet().root());
        document.put("files", total(totals, "stream_parquet_files_total"));
        document.put("rows", total(totals, "stream_parquet_rows_total"));
        document.put("bytes", total(totals, "stream_parquet_flush_bytes_total"));
        List<Map<String, Object>> newest = new ArrayList<>();
        for (NewestFiles.Line file : files == null ? List.<NewestFiles.Line>of() : files) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("path", file.path());
            line.put("bytes", file.bytes());
            line.put("modified", file.modified().toEpochMilli());
            newest.add(line);
        }
        document.put("newest", newest);
        document.put("listed", files != null);
        return document;
    }

    private Map<String, Object> database(Map<Series, Double> totals) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("url", config.postgres().url().substring("jdbc:".length()));
        document.put("retries", total(totals, "stream_db_retries_total"));
        OptionalDouble p99 = Buckets.of(totals, "stream_db_write_latency_seconds").quantile(0.99);
        document.put("p99", p99.isPresent() ? p99.getAsDouble() : null);
        return document;
    }

    private static double total(Map<Series, Double> totals, String name) {
        return totals.entrySet().stream()
                .filter(e -> e.getKey().name().equals(name))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private Map<String, Object> topics() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("input", config.kafka().inputTopic());
        document.put("deadLetters", config.kafka().dlqTopic());
        document.put("parking", config.kafka().parkingTopic());
        document.put("group", config.kafka().groupId());
        return document;
    }
}
