package io.streamforge.cli;

import io.streamforge.config.BuildInfo;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says which build this is. */
@Command(
        name = "version",
        description = "Print version, git commit, build time, Java and Flink.",
        footerHeading = "%nExamples:%n",
        footer = {"  streamforge version", "  streamforge version --output json"})
final class VersionCommand implements Callable<Integer> {

    @Mixin private Tool tool;

    @Override
    public Integer call() {
        tool.settings();
        BuildInfo build = BuildInfo.load();
        if (tool.isJson()) {
            tool.print(
                    Tool.object()
                            .put("name", build.name())
                            .put("version", build.version())
                            .put("commit", build.commit())
                            .put("time", build.time())
                            .put("java", build.java())
                            .put("flink", build.flink()));
            return StreamForge.OK;
        }
        PrintWriter out = tool.out();
        out.println(build.name() + " " + build.version());
        out.println("commit " + build.commit());
        out.println("built  " + build.time());
        out.println("java   " + build.java());
        out.println("flink  " + build.flink());
        return StreamForge.OK;
    }
}
