package io.streamforge.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Quantiles as Prometheus computes them. */
class BucketsTest {

    @Test
    void addsSubtasksAndInterpolatesWithinTheBucket() {
        Buckets buckets = new Buckets();
        for (int subtask = 0; subtask < 2; subtask++) {
            buckets.add("1.0", 5);
            buckets.add("2.0", 10);
            buckets.add("+Inf", 10);
        }
        assertThat(buckets.quantile(0.5)).hasValue(1.0);
        assertThat(buckets.quantile(0.75)).hasValue(1.5);
        assertThat(buckets.quantile(1)).hasValue(2.0);
    }

    @Test
    void isTheGreatestBoundWhereTheValueIsAboveIt() {
        Buckets buckets = new Buckets();
        buckets.add("1.0", 0);
        buckets.add("+Inf", 3);
        assertThat(buckets.quantile(0.5)).hasValue(1.0);
    }

    @Test
    void isNothingWhereNothingWasObservedSince() {
        Buckets earlier = new Buckets();
        earlier.add("1.0", 4);
        earlier.add("+Inf", 4);
        Buckets later = new Buckets();
        later.add("1.0", 4);
        later.add("+Inf", 4);
        assertThat(later.since(earlier).quantile(0.5)).isEmpty();
        assertThat(new Buckets().quantile(0.5)).isEmpty();
    }
}
