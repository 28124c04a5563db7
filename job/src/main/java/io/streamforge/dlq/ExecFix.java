package io.streamforge.dlq;

import io.streamforge.event.DeadLetterHeaders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A command of the user's, run once a message: the value on its standard input, the new one on its
 * standard output, and {@code STREAMFORGE_REASON}, {@code STREAMFORGE_FIELD} and {@code
 * STREAMFORGE_SOURCE} in its environment. Any exit code but 0 leaves the message as it is.
 */
public final class ExecFix implements Fix {

    private final String command;
    private final Duration timeout;

    /**
     * @param command for {@code sh -c}
     * @param timeout after it the command is ended
     */
    public ExecFix(String command, Duration timeout) {
        this.command = command;
        this.timeout = timeout;
    }

    @Override
    public byte[] apply(byte[] value, StoredDeadLetter letter)
            throws NotApplicableException, InterruptedException {
        Path in = null;
        Path out = null;
        try {
            // Files instead of pipes: neither side can wait for the other.
            in = Files.createTempFile("streamforge-", ".in");
            out = Files.createTempFile("streamforge-", ".out");
            Files.write(in, value == null ? new byte[0] : value);
            ProcessBuilder builder =
                    new ProcessBuilder("sh", "-c", command)
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(Redirect.INHERIT);
            put(builder, "STREAMFORGE_REASON", letter.header(DeadLetterHeaders.REASON).orElse(""));
            put(builder, "STREAMFORGE_FIELD", letter.header(DeadLetterHeaders.FIELD).orElse(""));
            put(
                    builder,
                    "STREAMFORGE_SOURCE",
                    letter.source().map(s -> s.partition() + "@" + s.offset()).orElse(""));
            await(builder.start());
            return Files.readAllBytes(out);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run the --exec command", e);
        } finally {
            delete(in);
            delete(out);
        }
    }

    private void await(Process process) throws NotApplicableException, InterruptedException {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new NotApplicableException(
                        "the --exec command took longer than " + timeout.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new NotApplicableException(
                        "the --exec command exited with " + process.exitValue());
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** A header may hold what no environment variable can. */
    private static void put(ProcessBuilder builder, String name, String value) {
        builder.environment().put(name, value.replace("\0", ""));
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }
}
