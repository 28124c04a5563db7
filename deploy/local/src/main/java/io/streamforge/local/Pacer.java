package io.streamforge.local;

import java.time.Duration;

/**
 * When the next of a steady series of messages is due. After a stall it catches up, but for at most
 * one second's worth of messages: no flood follows a long one.
 */
final class Pacer {

    private static final double MAX_ARREARS_NANOS = Duration.ofSeconds(1).toNanos();

    private final double intervalNanos;
    private final long origin;
    private double due;

    /**
     * @param ratePerSecond 0 for as fast as possible
     * @param now {@link System#nanoTime()}
     */
    Pacer(double ratePerSecond, long now) {
        this.intervalNanos = ratePerSecond == 0 ? 0 : 1e9 / ratePerSecond;
        this.origin = now;
    }

    /**
     * Nanoseconds until the next message is due; 0 means now, and counts that message.
     *
     * @param now {@link System#nanoTime()}
     */
    long nanosToNext(long now) {
        if (intervalNanos == 0) {
            return 0;
        }
        double elapsed = now - origin;
        due = Math.max(due, elapsed - MAX_ARREARS_NANOS);
        if (due > elapsed) {
            return (long) Math.ceil(due - elapsed);
        }
        due += intervalNanos;
        return 0;
    }
}
