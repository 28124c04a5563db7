package io.streamforge.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service as an operating system process of its own, in a session of its own: it outlives this
 * JVM, and a terminal's Ctrl-C doesn't reach it. It is known by its pid <em>and</em> by an argument
 * that only it has (a path in its data directory), so that a pid which the system gave to another
 * process meanwhile is never mistaken for it.
 */
final class ServiceProcess {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceProcess.class);
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration COLLECTION_TIMEOUT = Duration.ofSeconds(1);
    private static final List<String> JVM_OPTIONS =
            List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final String name;
    private final ProcessHandle handle;
    private final String marker;
    private final boolean child;

    private ServiceProcess(String name, ProcessHandle handle, String marker, boolean child) {
        this.name = name;
        this.handle = handle;
        this.marker = marker;
        this.child = child;
    }

    /**
     * Starts it. Its output is appended to a file, never to ours, whose readers may be gone before
     * it is.
     *
     * @param name for messages
     * @param command with {@code marker} as one of its arguments
     * @param environment added to this process's environment
     * @param output where standard output and error go
     * @throws IOException if the command cannot be run
     */
    static ServiceProcess start(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path output,
            String marker)
            throws IOException {
        List<String> line = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            line.add(SETSID.toString());
        }
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line);
        // Options for this JVM (a debugger's port, a heap size) are not for another one.
        builder.environment().keySet().removeAll(JVM_OPTIONS);
        builder.environment().putAll(environment);
        builder.redirectInput(new File("/dev/null"));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        return new ServiceProcess(name, builder.start().toHandle(), marker, true);
    }

    /**
     * The process with this pid if it is alive and has the marker among its arguments; empty if it
     * is gone or the pid belongs to somebody else.
     */
    static Optional<ServiceProcess> find(String name, long pid, String marker) {
        return ProcessHandle.of(pid)
                .map(handle -> new ServiceProcess(name, handle, marker, false))
                .filter(ServiceProcess::isAlive);
    }

    /** The pid in the first line of a file; empty if there is no such file or no pid in it. */
    static Optional<Long> pidIn(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst()
                    .map(String::strip)
                    .filter(line -> line.matches("[0-9]{1,18}"))
                    .map(Long::valueOf);
        }
    }

    long pid() {
        return handle.pid();
    }

    /**
     * This JVM collects its own children as they end. A foreign process may stay uncollected, for
     * ever in a container without an init; it has no arguments any more then.
     */
    boolean isAlive() {
        return handle.isAlive() && (child || hasMarker());
    }

    /**
     * Asks it to end and waits; kills it, with a warning, if it hasn't ended in time.
     *
     * @param signal what it takes as a request to end, without SIG
     */
    void stop(String signal, Duration grace) throws IOException, InterruptedException {
        if (!isAlive()) {
            return;
        }
        signal(signal, List.of(handle));
        if (!awaitExit(grace)) {
            LOG.warn(
                    "{} (pid {}) did not stop within {} s and is killed",
                    name,
                    pid(),
                    grace.toSeconds());
            kill();
        }
    }

    /** SIGKILL for it and the processes that it started, as a crash of the machine would. */
    void kill() throws IOException, InterruptedException {
        List<ProcessHandle> family = family();
        family.forEach(ProcessHandle::destroyForcibly);
        if (!awaitExit(KILL_TIMEOUT)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT, "%s (pid %d) does not end even when killed", name, pid()));
        }
        long deadline = System.nanoTime() + KILL_TIMEOUT.toNanos();
        while (family.stream().anyMatch(ServiceProcess::hasMemory)
                && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }

    /** Stops it and the processes that it started in their tracks: connections hang. */
    void suspend() throws IOException, InterruptedException {
        signal("STOP", family());
    }

    /** Lets them go on. */
    void resume() throws IOException, InterruptedException {
        signal("CONT", family());
    }

    /** True as soon as it has ended, false if it hasn't in that time. */
    private boolean awaitExit(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (isAlive()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(10);
        }
        awaitCollection(handle);
        return true;
    }

    /**
     * A process has lost its arguments before it has closed its last socket, so wait until its
     * parent has collected it; but not for long, since the parent may never do so.
     */
    private static void awaitCollection(ProcessHandle process) throws InterruptedException {
        long deadline = System.nanoTime() + COLLECTION_TIMEOUT.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }

    /** False for a process that ended, whether it was collected or not. */
    private static boolean hasMemory(ProcessHandle process) {
        return process.isAlive() && process.info().arguments().isPresent();
    }

    private boolean hasMarker() {
        return handle.info()
                .arguments()
                .map(arguments -> Arrays.asList(arguments).contains(marker))
                .orElse(false);
    }

    private List<ProcessHandle> family() {
        return Stream.concat(Stream.of(handle), handle.descendants()).toList();
    }

    /** Through the shell's own kill: a slim image has no program of that name. */
    private static void signal(String signal, List<ProcessHandle> processes)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "kill \"$@\"", "kill"));
        command.add("-" + signal);
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
