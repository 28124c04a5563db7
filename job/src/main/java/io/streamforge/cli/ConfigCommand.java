package io.streamforge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.config.Settings;
import io.streamforge.config.StreamForgeConfig;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Shows the settings as the job would read them, or everything that is wrong with them. */
@Command(
        name = "config",
        customSynopsis = "streamforge config [print] [-h] [--output=FORMAT] [--NAME=value]...",
        description = {
            "Print every setting with its value and where it came from; `config` alone does too.",
            "Secrets are masked. Exits with 2 and all problems where one is wrong."
        },
        subcommands = ConfigCommand.PrintCommand.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge config print",
            "  streamforge config print --BATCH_SIZE=500 --PARQUET_ROOT=s3://bucket/events",
            "  streamforge config print --output json"
        })
final class ConfigCommand implements Callable<Integer> {

    @ParentCommand private StreamForge streamForge;

    @Spec private CommandSpec spec;

    @Mixin private OutputOption output;

    @Unmatched private String[] arguments = {};

    @Override
    public Integer call() {
        return print(streamForge, spec, output, arguments);
    }

    private static int print(
            StreamForge streamForge, CommandSpec spec, OutputOption output, String[] arguments) {
        Settings settings = streamForge.settings(arguments);
        StreamForgeConfig.from(settings);
        List<Settings.Effective> effective = settings.effective();
        for (Settings.Effective setting : effective) {
            boolean unset = setting.value() == null;
            String origin = unset ? "unset" : setting.origin().name().toLowerCase(Locale.ROOT);
            if (output.isJson()) {
                ObjectNode json = Tool.object().put("name", setting.name());
                spec.commandLine()
                        .getOut()
                        .println(json.put("value", setting.value()).put("origin", origin));
            } else {
                spec.commandLine()
                        .getOut()
                        .printf(
                                Locale.ROOT,
                                "%-11s %s%s%n",
                                origin,
                                setting.name(),
                                unset ? "" : "=" + setting.value());
            }
        }
        return StreamForge.OK;
    }

    /** The same under its own name. */
    @Command(
            name = "print",
            customSynopsis = "streamforge config print [-h] [--output=FORMAT] [--NAME=value]...",
            description = "Print every setting with its value and where it came from.",
            footerHeading = "%nExample:%n",
            footer =
                    "  streamforge config print --output json | jq 'select(.origin != \"default\")'")
    static final class PrintCommand implements Callable<Integer> {

        @ParentCommand private ConfigCommand parent;

        @Spec private CommandSpec spec;

        @Mixin private OutputOption output;

        @Unmatched private String[] arguments = {};

        @Override
        public Integer call() {
            return print(parent.streamForge, spec, output, arguments);
        }
    }
}
