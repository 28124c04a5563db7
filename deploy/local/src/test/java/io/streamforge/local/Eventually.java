package io.streamforge.local;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what comes about by itself, in other threads and processes. */
public final class Eventually {

    /** Something that may not hold yet; what it throws is no "not yet". */
    public interface Condition {
        boolean holds() throws Exception;
    }

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private Eventually() {}

    /**
     * Returns as soon as the condition holds.
     *
     * @param what for the failure's text, as "waited 5 s for …"
     * @throws AssertionError if it does not hold in that time
     */
    public static void holds(String what, Duration timeout, Condition condition) throws Exception {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + timeout.toSeconds() + " s for " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
