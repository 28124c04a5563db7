package io.streamforge.cli;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** A failure of a Kafka client as one line for a person. */
final class KafkaReason {

    private KafkaReason() {}

    /** The client could not be made because no broker's name can be resolved; time may cure it. */
    static boolean isUnresolvable(KafkaException failure) {
        return failure.getCause() instanceof ConfigException
                && failure.getCause().getMessage().contains("resolvable");
    }

    /** "Failed to create new KafkaAdminClient" says less than its cause. */
    static String of(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() instanceof KafkaException) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
