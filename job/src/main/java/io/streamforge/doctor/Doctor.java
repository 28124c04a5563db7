package io.streamforge.doctor;

import io.streamforge.config.StreamForgeConfig;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Consumer;

/** All checks, one after the other; each goes on where another has failed. */
public final class Doctor {

    private Doctor() {}

    /**
     * @param findings gets each one as soon as it is known
     */
    public static void examine(StreamForgeConfig config, Clock clock, Consumer<Finding> findings)
            throws InterruptedException {
        StorageCheckup storage = new StorageCheckup(config, clock, findings);
        Instant newestCheckpoint = storage.newestCheckpoint();
        new KafkaCheckup(config, clock, findings).run(newestCheckpoint);
        new PostgresCheckup(config.postgres(), clock, findings).run();
        storage.archive(newestCheckpoint);
    }
}
