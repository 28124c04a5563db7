package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServiceProcessTest {

    private static final String SLEEP = "echo started; sleep 600 & wait";

    @TempDir Path dir;

    /** A pid alone proves nothing: the system gives it to another process one day. */
    @Test
    void findsAProcessOnlyByPidAndMarker() throws Exception {
        ServiceProcess process = start(SLEEP, "the-marker");
        try {
            assertThat(ServiceProcess.find("Test", process.pid(), "the-marker")).isPresent();
            assertThat(ServiceProcess.find("Test", process.pid(), "another")).isEmpty();
        } finally {
            process.kill();
        }
        assertThat(ServiceProcess.find("Test", process.pid(), "the-marker")).isEmpty();
    }

    @Test
    void readsNoPidFromAFileThatHasNone() throws IOException {
        Path file = dir.resolve("pid");

        assertThat(ServiceProcess.pidIn(file)).isEmpty();
        Files.writeString(file, "");
        assertThat(ServiceProcess.pidIn(file)).isEmpty();
        Files.writeString(file, "no number\n");
        assertThat(ServiceProcess.pidIn(file)).isEmpty();
        Files.writeString(file, "  4711\nmore\n");
        assertThat(ServiceProcess.pidIn(file)).contains(4711L);
    }

    @Test
    void killsWhatDoesNotStopInTime() throws Exception {
        ServiceProcess process = start("trap '' TERM; " + SLEEP, "stubborn");

        process.stop("TERM", Duration.ofMillis(200));

        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void killsTheChildrenToo() throws Exception {
        ServiceProcess process = start(SLEEP, "parent");
        List<ProcessHandle> children =
                ProcessHandle.of(process.pid()).orElseThrow().children().toList();
        assertThat(children).hasSize(1);

        process.kill();

        // Whoever inherits it may take a while to collect it; without arguments it has ended.
        ProcessHandle child = children.get(0);
        assertThat(child.isAlive() && child.info().arguments().isPresent()).isFalse();
    }

    /** A terminal's Ctrl-C goes to the processes of the terminal's session. */
    @Test
    @EnabledOnOs(LINUX)
    void startsASessionOfItsOwn() throws Exception {
        ServiceProcess process = start(SLEEP, "session");
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            // After the name in parentheses: state, parent, process group, session.
            String session = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
            assertThat(session).isEqualTo(Long.toString(process.pid()));
        } finally {
            process.kill();
        }
    }

    /** Returns once the script has said that it runs. */
    private ServiceProcess start(String script, String marker) throws Exception {
        Path output = dir.resolve("output");
        ServiceProcess process =
                ServiceProcess.start(
                        "Test", List.of("sh", "-c", script, marker), Map.of(), output, marker);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(output)
                || !Files.readString(output).contains("started")
                || ProcessHandle.of(process.pid()).orElseThrow().children().findAny().isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
        return process;
    }
}
