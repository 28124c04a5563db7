package io.streamforge.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lets a shell complete commands and options. */
@Command(
        name = "completion",
        description = "Print a script that makes bash and zsh complete streamforge's commands.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(streamforge completion)                                # this shell",
            "  streamforge completion > /etc/bash_completion.d/streamforge     # every bash",
            "",
            "For zsh put the first line into ~/.zshrc, after `autoload -U compinit; compinit`."
        })
final class CompletionCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("streamforge", StreamForge.commandLine(Map.of())));
        spec.commandLine().getOut().flush();
        return StreamForge.OK;
    }
}
