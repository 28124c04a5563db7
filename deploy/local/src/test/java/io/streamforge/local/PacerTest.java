package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long START = Long.MAX_VALUE - SECOND;

    @Test
    void keepsTheRateOverTime() {
        Pacer pacer = new Pacer(300, START);

        assertThat(sentUntil(pacer, START, 10)).isEqualTo(3_001);
    }

    @Test
    void saysHowLongToWait() {
        Pacer pacer = new Pacer(4, START);

        assertThat(pacer.nanosToNext(START)).isZero();
        assertThat(pacer.nanosToNext(START)).isEqualTo(SECOND / 4);
        assertThat(pacer.nanosToNext(START + SECOND / 4)).isZero();
    }

    @Test
    void catchesUpAfterAShortStall() {
        Pacer pacer = new Pacer(1_000, START);

        assertThat(burst(pacer, START + SECOND / 2)).isEqualTo(501);
    }

    @Test
    void doesNotFloodAfterALongStall() {
        Pacer pacer = new Pacer(1_000, START);

        assertThat(burst(pacer, START + 3_600 * SECOND)).isEqualTo(1_001);
        assertThat(burst(pacer, START + 3_601 * SECOND)).isEqualTo(1_000);
    }

    @Test
    void neverWaitsWithoutARate() {
        Pacer pacer = new Pacer(0, START);

        for (int i = 0; i < 1_000; i++) {
            assertThat(pacer.nanosToNext(START)).isZero();
        }
    }

    private static long sentUntil(Pacer pacer, long start, int seconds) {
        long sent = 0;
        long now = start;
        while (now - start <= seconds * SECOND) {
            long wait = pacer.nanosToNext(now);
            if (wait == 0) {
                sent++;
            }
            now += wait;
        }
        return sent;
    }

    private static int burst(Pacer pacer, long now) {
        int sent = 0;
        while (pacer.nanosToNext(now) == 0) {
            sent++;
        }
        return sent;
    }
}
