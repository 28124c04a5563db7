package io.streamforge.local;

import io.streamforge.ops.Buckets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Hands the job's metrics to the progress line, in the process where they are counted. Counts go on
 * over restarts of the job; they are for people to watch, the account at the end is not made of
 * them.
 */
public final class MetricsTap implements MetricReporter {

    private static final String STATUS = "<status>";
    private static final String BOUND = "<le>";

    private static final Map<Counter, String> COUNTERS = new ConcurrentHashMap<>();
    private static final Map<String, LongAdder> COUNTED_BEFORE = new ConcurrentHashMap<>();
    private static final Map<Gauge<?>, String> LATENCIES = new ConcurrentHashMap<>();
    private static final Map<Gauge<?>, Boolean> LAGS = new ConcurrentHashMap<>();

    /** Found by Flink through the service loader. */
    public static final class Factory implements MetricReporterFactory {
        @Override
        public MetricReporter createMetricReporter(Properties properties) {
            return new MetricsTap();
        }
    }

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        if (metric instanceof Counter counter && name.startsWith("stream_events_")) {
            COUNTERS.put(counter, key(name, group));
        } else if (metric instanceof Gauge<?> gauge
                && name.equals("stream_end_to_end_latency_seconds_bucket")) {
            LATENCIES.put(gauge, group.getAllVariables().get(BOUND));
        } else if (metric instanceof Gauge<?> gauge && name.equals("pendingRecords")) {
            LAGS.put(gauge, true);
        }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
        if (metric instanceof Counter counter && COUNTERS.remove(counter) != null) {
            COUNTED_BEFORE
                    .computeIfAbsent(key(name, group), k -> new LongAdder())
                    .add(counter.getCount());
        } else if (metric instanceof Gauge<?> gauge) {
            LATENCIES.remove(gauge);
            LAGS.remove(gauge);
        }
    }

    private static String key(String name, MetricGroup group) {
        return name + "/" + group.getAllVariables().getOrDefault(STATUS, "");
    }

    /** Messages read since this process started. */
    static long ingested() {
        return count("stream_events_ingested_total/");
    }

    /**
     * Messages by what became of them, since this process started.
     *
     * @param status stored, superseded or dead_lettered
     */
    static long processed(String status) {
        return count("stream_events_processed_total/" + status);
    }

    private static long count(String key) {
        LongAdder before = COUNTED_BEFORE.get(key);
        long sum = before == null ? 0 : before.sum();
        for (Map.Entry<Counter, String> entry : COUNTERS.entrySet()) {
            if (entry.getValue().equals(key)) {
                sum += entry.getKey().getCount();
            }
        }
        return sum;
    }

    /** Messages in the topic that are not read yet, as the consumers know it. */
    static long lag() {
        long sum = 0;
        for (Gauge<?> gauge : LAGS.keySet()) {
            if (gauge.getValue() instanceof Number number) {
                sum += Math.max(0, number.longValue());
            }
        }
        return sum;
    }

    /** Seconds from Kafka's timestamp to the commit in Postgres, since the tasks began. */
    static Buckets latency() {
        Buckets buckets = new Buckets();
        LATENCIES.forEach(
                (gauge, bound) -> buckets.add(bound, ((Number) gauge.getValue()).doubleValue()));
        return buckets;
    }
}
