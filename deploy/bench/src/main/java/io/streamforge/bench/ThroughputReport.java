package io.streamforge.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What all rounds gave, as a table, as JSON and as a plot. */
final class ThroughputReport {

    /**
     * What every system was given.
     *
     * @param events those that count, a round
     * @param warmUp events before them
     */
    record Load(long events, long warmUp, int rounds, int partitions, int parallelism) {}

    private static final String POLL = "Kafka poll, 1 thread";
    private static final String COPY = "bare COPY, 1 connection";
    private static final String UPSERT =
            "bare upsert, 1 connection, %,d rows each".formatted(Limits.UPSERT_ROWS);

    private final Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final String machine;
    private final Map<String, String> postgres;
    private final Load load;
    private final List<Double> loadAverages = new ArrayList<>();
    private final Map<String, List<Double>> limits = new LinkedHashMap<>();
    private final Map<SystemUnderTest, List<Measurement>> systems = new TreeMap<>();

    ThroughputReport(String machine, Map<String, String> postgres, Load load) {
        this.machine = machine;
        this.postgres = postgres;
        this.load = load;
    }

    /** The machine's load before a round. */
    void load(double average) {
        loadAverages.add(average);
    }

    void copy(double rowsPerSecond) {
        limit(COPY, rowsPerSecond);
    }

    void upsert(double rowsPerSecond) {
        limit(UPSERT, rowsPerSecond);
    }

    void poll(double messagesPerSecond) {
        limit(POLL, messagesPerSecond);
    }

    private void limit(String name, double perSecond) {
        limits.computeIfAbsent(name, n -> new ArrayList<>()).add(perSecond);
    }

    Map<String, List<Double>> limits() {
        return limits;
    }

    void add(SystemUnderTest system, Measurement round) {
        systems.computeIfAbsent(system, s -> new ArrayList<>()).add(round);
    }

    /** Markdown. */
    String table() {
        StringBuilder text = new StringBuilder();
        text.append(date).append(", ").append(machine).append(".\n");
        line(
                text,
                "%d rounds in turn of %,d events after %,d for warming up; %d partitions,"
                        + " parallelism %d; load average before each round %s.",
                load.rounds(),
                load.events(),
                load.warmUp(),
                load.partitions(),
                load.parallelism(),
                loadAverages);
        line(text, "Postgres: %s.", postgres);
        line(text, "");
        line(
                text,
                "| median (least–greatest) | events/s | job's CPU s per million | Postgres's CPU s"
                        + " per million | job's peak RSS, MiB | bytes allocated per event | Parquet bytes"
                        + " per event |");
        line(text, "|---|---|---|---|---|---|---|");
        limits.forEach(
                (name, rounds) ->
                        line(
                                text,
                                "| %s | %s | | | | | |",
                                name,
                                Spread.of(rounds).format("%,.0f")));
        systems.forEach(
                (system, rounds) ->
                        line(
                                text,
                                "| %s | %s | %s | %s | %s | %s | %s |",
                                system.title(),
                                Spread.of(rounds, Measurement::eventsPerSecond).format("%,.0f"),
                                Spread.of(rounds, Measurement::cpuSecondsPerMillion).format("%.1f"),
                                Spread.of(rounds, Measurement::postgresCpuSecondsPerMillion)
                                        .format("%.1f"),
                                Spread.of(rounds, m -> m.peakResidentBytes() / 1048576.0)
                                        .format("%.0f"),
                                Spread.of(rounds, Measurement::allocatedPerEvent).format("%,.0f"),
                                Spread.of(rounds, Measurement::parquetBytesPerEvent)
                                        .format("%.0f")));
        line(text, "");
        ratios().forEach((name, ratio) -> line(text, "- StreamForge : %s = %.2f", name, ratio));
        line(text, "");
        systems.keySet()
                .forEach(system -> line(text, "- %s: %s", system.title(), system.settings()));
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    /** The median throughput of everything. */
    private Map<String, Double> medians() {
        Map<String, Double> medians = new LinkedHashMap<>();
        limits.forEach((name, rounds) -> medians.put(name, Spread.of(rounds).median()));
        systems.forEach(
                (system, rounds) ->
                        medians.put(
                                system.title(),
                                Spread.of(rounds, Measurement::eventsPerSecond).median()));
        return medians;
    }

    private Map<String, Double> ratios() {
        Map<String, Double> medians = medians();
        Double ours = medians.remove(SystemUnderTest.STREAMFORGE.title());
        medians.remove(POLL);
        Map<String, Double> ratios = new LinkedHashMap<>();
        if (ours != null) {
            medians.forEach((name, theirs) -> ratios.put(name, ours / theirs));
        }
        return ratios;
    }

    /** Writes {@code throughput.md}, {@code .json} and {@code .svg}. */
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("throughput.md"), table());
        Files.writeString(directory.resolve("throughput.svg"), plot());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("date", date.toString());
        json.put("machine", machine);
        json.put("postgres", postgres);
        json.put("load", load);
        json.put("loadAverages", loadAverages);
        json.put("limits", limits);
        json.put("systems", systems);
        json.put("ratios", ratios());
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve("throughput.json").toFile(), json);
    }

    private String plot() {
        Map<String, Double> bars = medians();
        bars.remove(POLL); // ten times the others
        return BarPlot.svg("events/s, median", bars);
    }
}
