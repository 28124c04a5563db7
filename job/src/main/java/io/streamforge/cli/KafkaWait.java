package io.streamforge.cli;

import io.streamforge.config.KafkaConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * Waits until Kafka answers. A wrong password is not waited for, nor what the client refuses by
 * itself.
 */
final class KafkaWait {

    private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    /** Time ran out. */
    static final class UnreachableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private UnreachableException(String message) {
            super(message);
        }
    }

    private KafkaWait() {}

    /**
     * Returns once a broker has answered.
     *
     * @param progress gets a line every few seconds
     * @throws UnreachableException after {@code timeout}
     * @throws KafkaException where Kafka refuses this client
     */
    static void await(KafkaConfig kafka, Duration timeout, PrintWriter progress)
            throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long nextLine = System.nanoTime() + PAUSE.toNanos();
        Properties client =
                kafka.clientProperties(
                        timeout.compareTo(LONGEST_ATTEMPT) < 0 ? timeout : LONGEST_ATTEMPT);
        while (true) {
            String reason;
            try (Admin admin = Admin.create(client)) {
                admin.describeCluster().nodes().get();
                return;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AuthenticationException
                        || e.getCause() instanceof AuthorizationException) {
                    throw (KafkaException) e.getCause();
                }
                reason = e.getCause().getMessage();
            } catch (KafkaException e) {
                if (!KafkaReason.isUnresolvable(e)) {
                    throw e;
                }
                reason = KafkaReason.of(e);
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new UnreachableException(
                        "Kafka at "
                                + kafka.brokers()
                                + " could not be reached within "
                                + timeout.toString().substring(2).toLowerCase(Locale.ROOT)
                                + ": "
                                + reason);
            }
            if (System.nanoTime() - nextLine >= 0) {
                progress.println("Waiting for Kafka at " + kafka.brokers() + ": " + reason);
                nextLine += BETWEEN_LINES.toNanos();
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }
}
