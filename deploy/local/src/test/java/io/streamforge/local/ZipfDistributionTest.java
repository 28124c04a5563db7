package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ZipfDistributionTest {

    @Test
    void drawsEachRankWithItsShare() {
        int ranks = 10;
        int draws = 200_000;
        ZipfDistribution zipf = new ZipfDistribution(ranks, 1.0);
        SplittableRandom random = new SplittableRandom(1);
        int[] counts = new int[ranks];
        for (int i = 0; i < draws; i++) {
            counts[zipf.sample(random)]++;
        }

        double harmonic = 0;
        for (int rank = 1; rank <= ranks; rank++) {
            harmonic += 1.0 / rank;
        }
        for (int rank = 1; rank <= ranks; rank++) {
            double expected = draws / (rank * harmonic);
            assertThat((double) counts[rank - 1])
                    .isCloseTo(expected, within(6 * Math.sqrt(expected)));
        }
    }
}
