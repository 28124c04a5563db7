package io.streamforge.ops;

import java.time.Duration;
import java.util.List;

/** A monitor without a check, which reads only as long as somebody looks at what it reads. */
abstract class OnDemandMonitor extends Monitor {

    private static final long LOOKED_AT_NANOS = Duration.ofSeconds(15).toNanos();

    private volatile long wantedAt = System.nanoTime() - LOOKED_AT_NANOS;

    OnDemandMonitor(String name) {
        super(name);
    }

    /** Somebody looks. */
    final void want() {
        wantedAt = System.nanoTime();
    }

    abstract void read();

    @Override
    final List<Finding> look() {
        if (System.nanoTime() - wantedAt < LOOKED_AT_NANOS) {
            read();
        } else {
            release();
        }
        return List.of();
    }
}
