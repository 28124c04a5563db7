package io.streamforge.sink;

import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * A Prometheus histogram in Flink's metrics: {@code <name>_bucket} with the label {@code le},
 * {@code <name>_count} and {@code <name>_sum}. Unlike Flink's own histograms, which end as
 * quantiles of one subtask, its buckets add up over subtasks and over time.
 *
 * <p>Observed by one thread, at the cost of one array element; reporters read without a lock and
 * may see the last few observations late, as with Flink's own counters.
 */
final class BucketHistogram {

    private final double[] bounds;
    private final long[] counts;
    private double sum;

    private BucketHistogram(double... bounds) {
        this.bounds = bounds.clone();
        this.counts = new long[bounds.length + 1];
    }

    /**
     * @param name without a suffix, in the base unit (seconds, rows)
     * @param bounds upper bounds, included, ascending; the last bucket, without a bound, is added
     */
    static BucketHistogram register(MetricGroup metrics, String name, double... bounds) {
        BucketHistogram histogram = new BucketHistogram(bounds);
        for (int i = 0; i <= bounds.length; i++) {
            int bucket = i;
            String bound = i == bounds.length ? "+Inf" : Double.toString(bounds[i]);
            metrics.addGroup("le", bound)
                    .gauge(name + "_bucket", (Gauge<Long>) () -> histogram.upTo(bucket));
        }
        metrics.gauge(name + "_count", (Gauge<Long>) () -> histogram.upTo(bounds.length));
        metrics.gauge(name + "_sum", (Gauge<Double>) () -> histogram.sum);
        return histogram;
    }

    /** Counts a value; one below zero, which only clocks that disagree can make, counts as zero. */
    void observe(double value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sum += Math.max(0, value);
    }

    private long upTo(int bucket) {
        long count = 0;
        for (int i = 0; i <= bucket; i++) {
            count += counts[i];
        }
        return count;
    }
}
