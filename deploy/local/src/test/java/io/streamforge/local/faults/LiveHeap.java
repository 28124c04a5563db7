package io.streamforge.local.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;

/** What this JVM's heap holds that is still in use, as it was at first and at most since. */
final class LiveHeap {

    private static final long MIB = 1 << 20;

    private final long atFirst = used();
    private long atMost = atFirst;

    void sample() {
        atMost = Math.max(atMost, used());
    }

    void assertGrewAtMost(int mebibytes) {
        assertThat((atMost - atFirst) / MIB).as("MiB of growth").isLessThanOrEqualTo(mebibytes);
    }

    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
