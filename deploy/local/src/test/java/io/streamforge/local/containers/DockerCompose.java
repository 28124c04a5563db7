package io.streamforge.local.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The shipped docker-compose.yml as a project of its own: own names, own volumes, own ports. */
final class DockerCompose implements AutoCloseable {

    private static final Path ROOT = Path.of("..", "..");

    private final String project;
    private final Map<String, String> environment;

    /**
     * Nothing is started yet.
     *
     * @param environment that the file refers to
     */
    DockerCompose(String project, Map<String, String> environment) {
        this.project = project;
        this.environment = environment;
    }

    /** Starts what is not running and waits until all of it is healthy. */
    void up(String... options) throws IOException, InterruptedException {
        run(Stream.concat(Stream.of("up", "--wait"), Stream.of(options)).toList());
    }

    /** Stops and removes the containers; the volumes stay. */
    void down() throws IOException, InterruptedException {
        run(List.of("down"));
    }

    /** SIGKILL to all containers of a service. */
    void kill(String service) throws IOException, InterruptedException {
        run(List.of("kill", service));
    }

    /** Copies a directory out of a service's container. */
    void copy(String service, String source, Path target) throws IOException, InterruptedException {
        run(List.of("cp", service + ":" + source, target.toString()));
    }

    private void run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("docker", "compose", "-p", project));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(ROOT.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String printed;
        try (InputStream output = process.getInputStream()) {
            printed = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(process.waitFor()).as("%s says:%n%s", command, printed).isZero();
    }

    /** Removes everything, the volumes too. */
    @Override
    public void close() throws IOException, InterruptedException {
        run(List.of("down", "--volumes", "--timeout", "5"));
    }
}
