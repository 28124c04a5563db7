package io.streamforge.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The JVM options of the systems under test. */
final class JobJvm {

    private static final Path LAUNCHER = Path.of("deploy/local/streamforge-local");

    private JobJvm() {}

    /** Those that {@code make run} has, from its script. */
    static List<String> launcher() {
        String script;
        try {
            script = Files.readString(LAUNCHER);
        } catch (IOException e) {
            throw new UncheckedIOException("run it in the project's directory", e);
        }
        String command = script.substring(script.indexOf("exec \"$java\""), script.indexOf("-cp"));
        return Stream.of(command.split("\\s+"))
                .filter(word -> word.startsWith("-") && !word.contains("$"))
                .toList();
    }

    /** The same without its bounds on memory: the peers were not made for so little. */
    static List<String> peer() {
        List<String> options = new ArrayList<>(launcher());
        // Its sizes and ratios, all of them the heap's and the metaspace's; its switches stay.
        options.removeIf(option -> option.matches("-Xm.*|-XX:\\w+=.*"));
        options.add("-Xmx1g");
        // Flink SQL's JDBC connector writes local times.
        options.add("-Duser.timezone=UTC");
        return List.copyOf(options);
    }
}
