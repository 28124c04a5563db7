package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NewKeysExpectedTest {

    private static final int LARGE = 1_000;

    private final NewKeysExpected newKeys = new NewKeysExpected();

    @Test
    void triesEveryLargeBatchWhileAllKeysAreNew() {
        for (int i = 0; i < 100; i++) {
            assertThat(newKeys.worthTrying(LARGE)).isTrue();
            newKeys.won();
        }
    }

    @Test
    void neverTriesASmallBatch() {
        assertThat(newKeys.worthTrying(249)).isFalse();
        assertThat(newKeys.worthTrying(250)).isTrue();
    }

    @Test
    void triesEverMoreSeldomWhereEveryTryIsLost() {
        int tries = 0;
        for (int i = 0; i < 10_000; i++) {
            if (newKeys.worthTrying(LARGE)) {
                tries++;
                newKeys.lost();
            }
        }
        // After pauses of 1, 4, 16, 64, 256, and then 1,024 batches.
        assertThat(tries).isEqualTo(6 + (10_000 - 6 - 341) / 1_025);
    }

    @Test
    void comesBackOnceTheDuplicatesAreOver() {
        for (int i = 0; i < 10_000; i++) {
            if (newKeys.worthTrying(LARGE)) {
                newKeys.lost();
            }
        }
        int upserts = 0;
        for (int i = 0; i < 10_000; i++) {
            if (newKeys.worthTrying(LARGE)) {
                newKeys.won();
            } else {
                upserts++;
            }
        }
        assertThat(upserts).isLessThanOrEqualTo(1_024);
    }
}
