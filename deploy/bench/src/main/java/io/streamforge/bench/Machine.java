package io.streamforge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What it is measured on. */
final class Machine {

    private Machine() {}

    /** Processor, cores, memory, system and JDK, in a line. */
    static String describe() throws IOException {
        return "%s, %d cores, %d GB, %s %s, JDK %s"
                .formatted(
                        value("/proc/cpuinfo", "model name"),
                        Runtime.getRuntime().availableProcessors(),
                        Math.round(
                                Long.parseLong(
                                                value("/proc/meminfo", "MemTotal")
                                                        .replaceAll("[^0-9]", ""))
                                        / 1048576.0),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("java.version"));
    }

    /** The load average of the last minute, where others on the machine show. */
    static double load() throws IOException {
        return Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }

    private static String value(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("?");
    }
}
