package io.streamforge.cli;

import io.streamforge.config.Settings;
import io.streamforge.config.StreamForgeConfig;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Shows the settings as the job would read them, or everything that is wrong with them. */
@Command(
        name = "config",
        customSynopsis = "streamforge config [-h] [--NAME=value]...",
        description = {
            "Print every setting with its value and where it came from.",
            "Secrets are masked. Exits with 2 and all problems where one is wrong."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge config",
            "  streamforge config --BATCH_SIZE=500 --PARQUET_ROOT=s3://bucket/events"
        })
final class ConfigCommand implements Callable<Integer> {

    @ParentCommand private StreamForge streamForge;

    @Spec private CommandSpec spec;

    @Unmatched private String[] arguments = {};

    @Override
    public Integer call() {
        Settings settings = streamForge.settings(arguments);
        StreamForgeConfig.from(settings);
        PrintWriter out = spec.commandLine().getOut();
        for (Settings.Effective setting : settings.effective()) {
            boolean unset = setting.value() == null;
            out.printf(
                    Locale.ROOT,
                    "%-11s %s%s%n",
                    unset ? "unset" : setting.origin().name().toLowerCase(Locale.ROOT),
                    setting.name(),
                    unset ? "" : "=" + setting.value());
        }
        return StreamForge.OK;
    }
}
