package io.streamforge.cli;

import io.streamforge.config.StreamForgeConfig;
import io.streamforge.ops.Ops;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Serves health, readiness, metrics and the status page of a pipeline on a cluster. */
@Command(
        name = "ops",
        customSynopsis = "streamforge ops [-h] [--NAME=value]...",
        description = {
            "Serve /healthz, /readyz, /metrics, /build and the status page on HOST:PORT.",
            "Reads Flink's REST API at FLINK_REST_URL, and looks itself whether Kafka and",
            "Postgres answer. Runs until it is ended."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge ops --FLINK_REST_URL=http://jobmanager:8081",
            "  curl -fsS localhost:8080/readyz"
        })
final class OpsCommand implements Callable<Integer> {

    @ParentCommand private StreamForge streamForge;

    @Spec private CommandSpec spec;

    @Unmatched private String[] arguments = {};

    @Override
    public Integer call() throws InterruptedException {
        StreamForgeConfig config = StreamForgeConfig.from(streamForge.settings(arguments));
        try (Ops ops = Ops.start(config, config.flinkRestUrl())) {
            spec.commandLine().getErr().println("Serving " + ops.address() + " until it is ended");
            // SIGTERM ends the process: everything here only reads.
            new CountDownLatch(1).await();
            return StreamForge.OK;
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return StreamForge.USAGE;
        }
    }
}
