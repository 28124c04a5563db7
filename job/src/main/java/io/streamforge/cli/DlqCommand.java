package io.streamforge.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything about dead letters. */
@Command(
        name = "dlq",
        description = "Count, list, show and replay dead letters.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DlqStatsCommand.class,
            DlqLsCommand.class,
            DlqShowCommand.class,
            DlqReplayCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge dlq stats --since 1d",
            "  streamforge dlq ls --reason INVALID_TIMESTAMP,MISSING_FIELD",
            "  streamforge dlq show 2:4972",
            "  streamforge dlq replay --reason UNKNOWN_EVENT_TYPE --set event_type=CLICK --yes"
        })
final class DlqCommand implements Runnable {

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }
}
