package io.streamforge.cli;

import io.streamforge.account.TopicReader;
import io.streamforge.account.UnknownTopicException;
import io.streamforge.config.ConfigException;
import io.streamforge.dlq.ReplaySender;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What went wrong outside of the data, as one line for a person and an exit code. */
final class Failure {

    private Failure() {}

    /**
     * @return the exit code
     * @throws Exception the failure itself, where it is a mistake of ours
     */
    static int report(Exception failure, PrintWriter err) throws Exception {
        Throwable cause =
                failure instanceof ExecutionException || failure instanceof UncheckedIOException
                        ? failure.getCause()
                        : failure;
        if (cause instanceof ConfigException) {
            err.println(cause.getMessage());
            return StreamForge.USAGE;
        }
        if (cause instanceof Tool.EndException end) {
            err.println(end.getMessage());
            return end.exitCode();
        }
        if (cause instanceof UnknownTopicException
                || cause instanceof UnknownTopicOrPartitionException
                || cause instanceof InvalidTopicException) {
            err.println(
                    "Kafka: "
                            + cause.getMessage()
                            + ". Create it, or set KAFKA_INPUT_TOPIC, KAFKA_DLQ_TOPIC and so on;"
                            + " `streamforge config print` shows them.");
            return StreamForge.USAGE;
        }
        if (cause instanceof AuthenticationException
                || cause instanceof AuthorizationException
                || cause instanceof UnsupportedVersionException) {
            err.println("Kafka refuses: " + KafkaReason.of(cause));
            return StreamForge.USAGE;
        }
        if (cause instanceof KafkaWait.UnreachableException
                || cause instanceof TopicReader.StalledException) {
            err.println(cause.getMessage());
            return StreamForge.UNREACHABLE;
        }
        if (cause instanceof ReplaySender.FencedException) {
            err.println(cause.getMessage());
            return StreamForge.FAILED;
        }
        if (cause instanceof KafkaException kafka) {
            boolean refused =
                    kafka.getCause() instanceof org.apache.kafka.common.config.ConfigException
                            && !KafkaReason.isUnresolvable(kafka);
            err.println("Kafka: " + KafkaReason.of(kafka));
            return refused ? StreamForge.USAGE : StreamForge.UNREACHABLE;
        }
        if (cause instanceof SQLException sql) {
            err.println("Postgres: " + SqlReason.of(sql) + advice(sql));
            return codeOf(sql);
        }
        if (cause instanceof NoSuchFileException || cause instanceof AccessDeniedException) {
            String what = cause instanceof NoSuchFileException ? "no such file: " : "may not read ";
            err.println(what + cause.getMessage());
            return StreamForge.USAGE;
        }
        if (cause instanceof IOException) {
            err.println(cause.getMessage());
            return StreamForge.FAILED;
        }
        if (cause instanceof IllegalStateException) {
            // Topics, secrets or files that are not as they have to be; the text says which.
            err.println(cause.getMessage());
            return StreamForge.USAGE;
        }
        throw failure;
    }

    /** Whether time, other settings, or neither would cure it. */
    static int codeOf(SQLException failure) {
        String state = failure.getSQLState();
        if (PostgresWait.timeMayCure(state)) {
            return StreamForge.UNREACHABLE;
        }
        return state.startsWith("28")
                        || state.startsWith("3D")
                        || state.startsWith("08")
                        || state.startsWith("42")
                ? StreamForge.USAGE
                : StreamForge.FAILED;
    }

    private static String advice(SQLException failure) {
        return switch (String.valueOf(failure.getSQLState())) {
            case "42P01" -> "; run `streamforge migrate`";
            case "42501" -> "; this needs SELECT on events_normalized";
            default -> "";
        };
    }
}
