package io.streamforge.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * A Flink as one would install it: a class path of Flink's own, on which nothing of StreamForge is,
 * and the configuration that is shipped. {@code deploy/flink} collects it in {@code mvn package}.
 */
final class FlinkDistribution {

    /** The jar that is shipped. */
    static final Path JAR = Path.of("..", "..", "job", "target", "streamforge.jar");

    private static final Path HOME = Path.of("..", "flink");
    private static final Path LOG_SETTINGS = HOME.resolve("log4j-console.properties");

    private FlinkDistribution() {}

    /** What is in config.yaml. */
    static Configuration configuration() {
        return GlobalConfiguration.loadConfiguration(HOME.toString());
    }

    /**
     * Starts one of Flink's programs.
     *
     * @param log what it prints, its log among it, is in {@code <log>.out}
     * @param environment added to this process's
     */
    static Process start(
            String main,
            List<String> jvm,
            Path log,
            Map<String, String> environment,
            List<String> arguments)
            throws IOException {
        Path lib = HOME.resolve("target/lib").toAbsolutePath().normalize();
        assertThat(lib).as("made by mvn package").isNotEmptyDirectory();
        assertThat(JAR).as("made by mvn package").isRegularFile();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(opens());
        command.addAll(jvm);
        command.add("-Dlog4j2.configurationFile=" + LOG_SETTINGS.toAbsolutePath());
        command.addAll(List.of("-cp", lib + File.separator + "*", main));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().put("FLINK_CONF_DIR", confDir());
        builder.environment()
                .put(
                        "FLINK_PLUGINS_DIR",
                        HOME.resolve("target/plugins").toAbsolutePath().toString());
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log + ".out")))
                .start();
    }

    static String confDir() {
        return HOME.toAbsolutePath().normalize().toString();
    }

    private static List<String> opens() {
        return Arrays.asList(
                configuration().get(CoreOptions.FLINK_JVM_OPTIONS).strip().split("\\s+"));
    }
}
