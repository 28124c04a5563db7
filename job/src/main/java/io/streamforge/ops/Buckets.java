package io.streamforge.ops;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/** A histogram's cumulative buckets, as Prometheus has them: upper bound to count. */
public final class Buckets {

    private final SortedMap<Double, Double> upTo = new TreeMap<>();

    /**
     * Adds to one bucket; those of several subtasks add up.
     *
     * @param bound the label {@code le}
     */
    public void add(String bound, double count) {
        double limit = bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound);
        upTo.merge(limit, count, Double::sum);
    }

    /** The buckets of one histogram. */
    static Buckets of(Map<Series, Double> totals, String histogram) {
        Buckets buckets = new Buckets();
        totals.forEach(
                (series, count) -> {
                    if (series.name().equals(histogram + "_bucket")) {
                        buckets.add(series.label("le"), count);
                    }
                });
        return buckets;
    }

    /** What came since an earlier state of the same histogram. */
    public Buckets since(Buckets earlier) {
        Buckets difference = new Buckets();
        upTo.forEach(
                (bound, count) ->
                        difference.upTo.put(bound, count - earlier.upTo.getOrDefault(bound, 0.0)));
        return difference;
    }

    SortedMap<Double, Double> upTo() {
        return upTo;
    }

    /**
     * Interpolates within the bucket, as {@code histogram_quantile} does; the greatest bound where
     * the value is above it. Empty where nothing was observed.
     */
    public OptionalDouble quantile(double quantile) {
        double total = upTo.isEmpty() ? 0 : upTo.get(upTo.lastKey());
        if (total <= 0) {
            return OptionalDouble.empty();
        }
        double rank = quantile * total;
        double lowerBound = 0;
        double below = 0;
        for (Map.Entry<Double, Double> bucket : upTo.entrySet()) {
            if (bucket.getValue() >= rank) {
                double width = bucket.getKey() - lowerBound;
                double inside = bucket.getValue() - below;
                return OptionalDouble.of(
                        Double.isInfinite(bucket.getKey())
                                ? lowerBound
                                : lowerBound + width * (inside == 0 ? 1 : (rank - below) / inside));
            }
            lowerBound = bucket.getKey();
            below = bucket.getValue();
        }
        return OptionalDouble.of(lowerBound);
    }
}
