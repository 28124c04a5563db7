package io.streamforge.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of {@code make bench} and its like. */
@Command(
        name = "bench",
        description = "Measures StreamForge on this machine, beside its limits and its peers.",
        subcommands = {ThroughputCommand.class, LatencyCommand.class, ScaleCommand.class},
        synopsisSubcommandLabel = "COMMAND")
public final class Bench {

    private Bench() {}

    public static void main(String[] args) {
        System.exit(
                new CommandLine(new Bench())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .execute(args));
    }
}
