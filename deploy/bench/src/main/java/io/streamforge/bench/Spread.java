package io.streamforge.bench;

import java.util.Collection;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The middle and the ends of what several rounds gave. */
record Spread(double median, double least, double greatest) {

    static Spread of(Collection<Double> values) {
        double[] sorted = values.stream().mapToDouble(value -> value).sorted().toArray();
        int n = sorted.length;
        if (n == 0) {
            throw new IllegalArgumentException("no round");
        }
        return new Spread((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1]);
    }

    static <T> Spread of(Collection<T> rounds, ToDoubleFunction<T> value) {
        return of(rounds.stream().map(value::applyAsDouble).toList());
    }

    /** {@code median (least–greatest)}. */
    String format(String each) {
        String all = each + " (" + each + "–" + each + ")";
        return String.format(Locale.ROOT, all, median, least, greatest);
    }
}
