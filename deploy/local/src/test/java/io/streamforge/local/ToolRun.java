package io.streamforge.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.streamforge.cli.StreamForge;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command of the command line and what it left behind.
 *
 * @param exitCode its exit code
 * @param out standard output
 * @param err standard error
 */
record ToolRun(int exitCode, String out, String err) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Path SCRIPT = Path.of("..", "streamforge").toAbsolutePath().normalize();
    private static final int PATIENCE_SECONDS = 120;

    /** In this process, with this environment. */
    static ToolRun of(Map<String, String> environment, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                StreamForge.run(
                        args, environment, new PrintWriter(out, true), new PrintWriter(err, true));
        return new ToolRun(exitCode, out.toString(), err.toString());
    }

    /** In a Java process of its own, with the jar that is shipped and its start script. */
    static ToolRun ofScript(Path directory, Map<String, String> environment, String... args)
            throws IOException, InterruptedException {
        Process process = start(directory, environment, args);
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("still running: " + List.of(args));
            }
        } finally {
            process.destroyForcibly();
        }
        return new ToolRun(
                process.exitValue(),
                Files.readString(directory.resolve("out")),
                Files.readString(directory.resolve("err")));
    }

    /** The same without waiting for its end. */
    static Process start(Path directory, Map<String, String> environment, String... args)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectOutput(directory.resolve("out").toFile())
                        .redirectError(directory.resolve("err").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("KAFKA_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The output as JSON values, one a line. */
    List<JsonNode> json() throws IOException {
        List<JsonNode> values = new ArrayList<>();
        for (String line : out.lines().toList()) {
            values.add(JSON.readTree(line));
        }
        return values;
    }

    /** The last of these values, which sums up. */
    JsonNode summary() throws IOException {
        List<JsonNode> values = json();
        return values.get(values.size() - 1).get("summary");
    }
}
