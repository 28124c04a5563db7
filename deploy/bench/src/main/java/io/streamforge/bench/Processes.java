package io.streamforge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the system knows of a process: its CPU time and its memory. */
final class Processes {

    private static final double TICKS_PER_SECOND = 100;

    private Processes() {}

    /** CPU seconds of a process and its descendants so far. */
    static double familyCpuSeconds(long pid) {
        return Stream.concat(
                        ProcessHandle.of(pid).stream(),
                        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants))
                .mapToDouble(process -> cpuSeconds(process.pid()))
                .sum();
    }

    private static double cpuSeconds(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The name in parentheses may hold anything; the state is the first field behind it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            // Its own time, and that of children that have ended: user and system of each.
            long ticks = 0;
            for (int i = 11; i <= 14; i++) {
                ticks += Long.parseLong(fields[i]);
            }
            return ticks / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0; // it has ended
        }
    }

    /** The greatest resident memory that the process has had, in bytes. */
    static long peakResidentBytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
