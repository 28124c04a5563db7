package io.streamforge.local;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What can be asked of {@code make run}. */
@Command(
        name = "run",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description =
                "Runs the whole pipeline on this machine: Kafka, Postgres, Flink and a generator of"
                        + " events. Ctrl-C stops it; the next start goes on where it stopped.",
        footer = {
            "",
            "Settings of the job itself (BATCH_SIZE, PARQUET_COMPRESSION, …) are environment",
            "variables; KAFKA_BROKERS or POSTGRES_URL take the place of the embedded service.",
            "",
            "Examples:",
            "  make run                                    1,000 events/s until Ctrl-C",
            "  make run ARGS=\"--events 200000 --rate 20000\"  that many, then the account",
            "  make run ARGS=\"--rate 0\"                     no generator: send your own",
            "  make run ARGS=\"--input events.ndjson\"        a file's lines as messages",
            "",
            "Exit codes: 0 the account balances, 1 it does not or the job failed,",
            "2 configuration or usage, 3 Kafka or Postgres is unreachable."
        })
final class LocalOptions {

    @Option(
            names = "--events",
            paramLabel = "N",
            description = "Generate N events, process everything in the topic, and exit.")
    Long events;

    @Option(names = "--stay", description = "With --events or --input: keep serving afterwards.")
    boolean stay;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description =
                    "Events per second (default: 1000, with --events as fast as possible, with"
                            + " your own Kafka 0); 0: no generator, wait for your own events.")
    Double rate;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Send the lines of FILE in place of the generator, and exit.")
    Path input;

    @Option(
            names = "--invalid-percent",
            paramLabel = "P",
            description = "Share of events that break the contract (default: ${DEFAULT-VALUE}).")
    double invalidPercent = 1;

    @Option(
            names = "--duplicate-percent",
            paramLabel = "P",
            description = "Share of copies and corrections (default: ${DEFAULT-VALUE}).")
    double duplicatePercent = 2;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where all state lives (default: ${DEFAULT-VALUE}).")
    Path dataDir = Path.of("data");

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Subtasks of the job (default: ${DEFAULT-VALUE}).")
    int parallelism = Math.min(2, Runtime.getRuntime().availableProcessors());

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            description = "Of the embedded Kafka (default: ${DEFAULT-VALUE}).")
    int kafkaPort = 19092;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            description = "Of the embedded Postgres (default: ${DEFAULT-VALUE}).")
    int postgresPort = 15432;

    @Option(
            names = "--ui-port",
            paramLabel = "PORT",
            description = "Of Flink's web interface and REST API (default: ${DEFAULT-VALUE}).")
    int uiPort = 8081;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Of health, metrics and the status page (default: PORT, or 8080).")
    Integer httpPort;

    /**
     * What picocli can't check by itself.
     *
     * @throws ParameterException with what was expected
     */
    void check(CommandLine commandLine) {
        require(commandLine, events == null || events > 0, "--events must be at least 1");
        require(commandLine, rate == null || rate >= 0, "--rate must be 0 or more");
        require(
                commandLine,
                events == null || rate == null || rate > 0,
                "--events needs a generator: leave --rate out, or give it above 0");
        require(commandLine, events == null || input == null, "--events or --input, not both");
        require(
                commandLine,
                input == null || Files.isReadable(input),
                "--input " + input + " can't be read");
        require(
                commandLine,
                !stay || sendsAllAtOnce(),
                "--stay goes with --events or --input; without them the run stays anyway");
        require(commandLine, parallelism > 0, "--parallelism must be at least 1");
        require(
                commandLine,
                invalidPercent >= 0
                        && duplicatePercent >= 0
                        && invalidPercent + duplicatePercent <= 100,
                "--invalid-percent and --duplicate-percent must be 0 to 100 together");
    }

    private static void require(CommandLine commandLine, boolean holds, String otherwise) {
        if (!holds) {
            throw new ParameterException(commandLine, otherwise);
        }
    }

    /** The option that changes a port which was found taken. */
    String portOption(int port) {
        if (port == kafkaPort) {
            return "--kafka-port";
        }
        if (port == postgresPort) {
            return "--postgres-port";
        }
        return port == uiPort ? "--ui-port" : "--http-port";
    }

    /** Whether this run ends by itself. */
    boolean ends() {
        return (events != null || input != null) && !stay;
    }

    /** Whether it sends a known number of messages, after which the topic can be empty. */
    boolean sendsAllAtOnce() {
        return events != null || input != null;
    }
}
