package io.streamforge.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.local.LocalCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.configuration.Configuration;

/**
 * One system under test in this JVM: starts its job, says {@code running}, and stops it with a
 * savepoint when standard input says {@code stop}, without one when standard input ends. Meanwhile
 * it writes down what it uses: lines of microseconds since the epoch, CPU nanoseconds of the
 * process, bytes allocated by its threads.
 */
final class JobMain {

    private static final Duration BETWEEN_SAMPLES = Duration.ofMillis(50);

    private JobMain() {}

    /**
     * @param args the system, the file of samples, the parallelism; the rest is in the environment
     */
    public static void main(String[] args) throws Exception {
        SystemUnderTest system = SystemUnderTest.valueOf(args[0]);
        StreamForgeConfig config = StreamForgeConfig.from(new String[0], System.getenv());
        try (PrintStream samples =
                new PrintStream(Files.newOutputStream(Path.of(args[1])), true, "UTF-8")) {
            Thread sampler = new Thread(() -> sample(samples), "sampler");
            sampler.setDaemon(true);
            sampler.start();
            try (LocalCluster cluster =
                    LocalCluster.start(
                            config,
                            Integer.parseInt(args[2]),
                            0,
                            new Configuration(),
                            system.job())) {
                System.out.println("running");
                run(cluster, config);
            }
        }
        // What a peer's connector leaves running does not matter any more.
        Runtime.getRuntime().halt(0);
    }

    private static void run(LocalCluster cluster, StreamForgeConfig config) throws Exception {
        CompletableFuture<String> command = CompletableFuture.supplyAsync(JobMain::readCommand);
        while (!command.isDone()) {
            if (cluster.status().isGloballyTerminalState()) {
                cluster.failure().ifPresent(Throwable::printStackTrace);
                throw new IllegalStateException("the job ended: " + cluster.status());
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        if ("stop".equals(command.get())) {
            cluster.stopWithSavepoint(config.checkpoints().dir());
        }
    }

    /** Null where nobody is there any more to say something. */
    private static String readCommand() {
        try {
            return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                    .readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sample(PrintStream samples) {
        OperatingSystemMXBean process =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try {
            while (true) {
                long allocated =
                        LongStream.of(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                                .filter(bytes -> bytes > 0)
                                .sum();
                samples.println(
                        System.currentTimeMillis() * 1_000
                                + " "
                                + process.getProcessCpuTime()
                                + " "
                                + allocated);
                TimeUnit.NANOSECONDS.sleep(BETWEEN_SAMPLES.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The samples of a run, for looking up a moment between two of them. */
    record Samples(long[] micros, long[] cpuNanos, long[] allocated) {

        static Samples read(Path file) throws IOException {
            // The last line may be cut.
            String[][] lines =
                    Files.readAllLines(file).stream()
                            .map(line -> line.split(" "))
                            .filter(line -> line.length == 3)
                            .toArray(String[][]::new);
            Samples samples =
                    new Samples(
                            new long[lines.length], new long[lines.length], new long[lines.length]);
            for (int i = 0; i < lines.length; i++) {
                samples.micros[i] = Long.parseLong(lines[i][0]);
                samples.cpuNanos[i] = Long.parseLong(lines[i][1]);
                samples.allocated[i] = Long.parseLong(lines[i][2]);
            }
            return samples;
        }

        double cpuSeconds(long fromMicros, long toMicros) {
            return (at(cpuNanos, toMicros) - at(cpuNanos, fromMicros)) / 1e9;
        }

        double allocated(long fromMicros, long toMicros) {
            return at(allocated, toMicros) - at(allocated, fromMicros);
        }

        private double at(long[] values, long moment) {
            int i = 1;
            while (i < micros.length - 1 && micros[i] < moment) {
                i++;
            }
            double share = (double) (moment - micros[i - 1]) / (micros[i] - micros[i - 1]);
            return values[i - 1] + share * (values[i] - values[i - 1]);
        }
    }
}
