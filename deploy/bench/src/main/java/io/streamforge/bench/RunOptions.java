package io.streamforge.bench;

import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** What every benchmark can be told. */
final class RunOptions {

    @Option(names = "--parallelism", paramLabel = "N", description = "Of every job.")
    int parallelism = 2;

    @Option(names = "--partitions", paramLabel = "N", description = "Of the topic.")
    int partitions = 4;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the jobs in place of the usual one.")
    Map<String, String> settings = Map.of();

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Comes and goes.")
    Path data = Path.of("deploy/bench/target/data");

    @Option(names = "--output", paramLabel = "DIR", description = "Of table, JSON and plots.")
    Path output = Path.of("deploy/bench/target/results");
}
