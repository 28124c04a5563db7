package io.streamforge.local;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Ranks 0 … n-1 with probabilities proportional to {@code 1 / (rank + 1)^exponent}: few ranks get
 * most of the draws, and every rank gets some.
 */
final class ZipfDistribution {

    private final double[] cumulative;

    ZipfDistribution(int ranks, double exponent) {
        cumulative = new double[ranks];
        double sum = 0;
        for (int rank = 0; rank < ranks; rank++) {
            // StrictMath: the same draws on every machine.
            sum += StrictMath.pow(rank + 1.0, -exponent);
            cumulative[rank] = sum;
        }
    }

    int sample(RandomGenerator random) {
        double point = random.nextDouble() * cumulative[cumulative.length - 1];
        int found = Arrays.binarySearch(cumulative, point);
        return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
    }
}
