package io.streamforge.local;

import io.streamforge.local.PostgresProcess.Durability;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A JVM that starts a service and is gone at once, as after {@code kill -9}. */
final class LeftBehind {

    private LeftBehind() {}

    /**
     * Runs such a JVM to its end.
     *
     * @param service {@code kafka} or {@code postgres}
     */
    static void start(String service, Path dataDir, int port)
            throws IOException, InterruptedException {
        Process jvm =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        LeftBehind.class.getName(),
                                        service,
                                        dataDir.toString(),
                                        Integer.toString(port)))
                        .redirectErrorStream(true)
                        .redirectOutput(new File("target", "left-behind-" + service + ".log"))
                        .start();
        if (jvm.waitFor() != 0) {
            throw new IOException(
                    "The other JVM could not start it: target/left-behind-" + service + ".log");
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Path dataDir = Path.of(args[1]);
        int port = Integer.parseInt(args[2]);
        if (args[0].equals("kafka")) {
            KafkaProcess.start(dataDir, port);
        } else {
            PostgresProcess.start(dataDir, LocalStack.BINARIES, port, Durability.FAST);
        }
        // No shutdown hook runs.
        Runtime.getRuntime().halt(0);
    }
}
