package io.streamforge.cli;

import io.streamforge.config.BuildInfo;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says which build this is. */
@Command(
        name = "version",
        description = "Print version, git commit, build time, Java and Flink.",
        footerHeading = "%nExample:%n",
        footer = "  streamforge version")
final class VersionCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        BuildInfo build = BuildInfo.load();
        PrintWriter out = spec.commandLine().getOut();
        out.println(build.name() + " " + build.version());
        out.println("commit " + build.commit());
        out.println("built  " + build.time());
        out.println("java   " + build.java());
        out.println("flink  " + build.flink());
        return StreamForge.OK;
    }
}
