package io.streamforge.cli;

import picocli.CommandLine.Option;

/** The option that says for whom a command prints. */
final class OutputOption {

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            description = "table for people (default), or json: one JSON value a line.")
    private OutputFormat format = OutputFormat.TABLE;

    boolean isJson() {
        return format == OutputFormat.JSON;
    }
}
