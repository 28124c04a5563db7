package io.streamforge.local.faults;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Lets time go by, and looks again and again meanwhile. */
final class Throughout {

    /** What has to stay so; says itself where it does not. */
    interface Assertion {
        void holds() throws Exception;
    }

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private Throughout() {}

    static void holds(Duration time, Assertion assertion) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            assertion.holds();
            LockSupport.parkNanos(Math.min(PAUSE_NANOS, Math.max(1, end - System.nanoTime())));
        }
        assertion.holds();
    }
}
