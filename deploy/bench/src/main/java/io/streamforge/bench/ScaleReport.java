package io.streamforge.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.streamforge.bench.Factor.Goal;
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
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What every level of every factor gave, as a table, as JSON and as a plot. */
final class ScaleReport {

    private final Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final String machine;
    private final double loadAverage;
    private final Map<String, String> postgres;
    private final Map<String, String> settings;
    private final ScaleCase base;
    private final Map<Factor, SortedMap<Long, ScaleResult>> factors = new TreeMap<>();

    /**
     * @param loadAverage before the first round
     * @param settings of the job that are not the usual ones
     */
    ScaleReport(
            String machine,
            double loadAverage,
            Map<String, String> postgres,
            Map<String, String> settings,
            ScaleCase base) {
        this.machine = machine;
        this.loadAverage = loadAverage;
        this.postgres = postgres;
        this.settings = settings;
        this.base = base;
    }

    /** Where the rounds of a case go. */
    ScaleResult result(Factor factor, ScaleCase work, InputTopic topic) {
        return factors.computeIfAbsent(factor, f -> new TreeMap<>())
                .computeIfAbsent(
                        factor.level(work),
                        level -> new ScaleResult(work, (double) topic.bytes() / topic.events()));
    }

    /** Markdown. */
    String table() {
        StringBuilder text = new StringBuilder();
        line(text, "%s, %s; load average before %.1f.", date, machine, loadAverage);
        line(
                text,
                "The base: %,d events after %,d for warming up, an empty table, %d partitions,"
                        + " parallelism %d, %d %% invalid, no duplicates; settings %s.",
                base.events(),
                base.warmUp(),
                base.partitions(),
                base.parallelism(),
                base.invalidPercent(),
                settings);
        line(text, "Postgres: %s.", postgres);
        line(text, "");
        line(
                text,
                "| | events/s | × base | MB/s | job's CPU s per million | × base | Postgres's CPU s"
                        + " per million | bare upsert, rows/s | job : bare upsert | goal |");
        line(text, "|---|---|---|---|---|---|---|---|---|---|");
        factors.forEach(
                (factor, levels) ->
                        levels.forEach((level, result) -> line(text, factor, level, result)));
        line(text, "");
        factors.keySet()
                .forEach(
                        factor ->
                                factor.goal()
                                        .ifPresent(
                                                goal ->
                                                        line(
                                                                text,
                                                                "- goal of %s: %s at most %.2f ×"
                                                                        + " that at the least level",
                                                                factor,
                                                                goal.what(),
                                                                goal.atMost())));
        return text.toString();
    }

    private void line(StringBuilder text, Factor factor, long level, ScaleResult result) {
        ScaleResult reference = factors.get(factor).get(factor.level(base));
        boolean upsert = !result.upserts().isEmpty();
        line(
                text,
                "| %s | %,.0f | %.2f | %.1f | %.1f | %.2f | %.1f | %s | %s | %s |",
                title(factor, level),
                result.rate(),
                result.rate() / reference.rate(),
                result.megabytesPerSecond(),
                result.cpu(),
                result.cpu() / reference.cpu(),
                result.postgresCpu(),
                upsert ? String.format(Locale.ROOT, "%,.0f", result.upsert()) : "",
                upsert ? String.format(Locale.ROOT, "%.2f", result.rate() / result.upsert()) : "",
                verdict(factor, result).map(Verdict::toString).orElse(""));
    }

    private String title(Factor factor, long level) {
        return factor.title(level) + (level == factor.level(base) ? " (base)" : "");
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    /** How many times the least level's cost, and whether that is as it should be. */
    private record Verdict(String what, double times, double atMost, boolean met) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s × %.2f: %s", what, times, met ? "met" : "missed");
        }
    }

    /** None of a factor without a goal, nor of the least level and of the base. */
    private Optional<Verdict> verdict(Factor factor, ScaleResult result) {
        SortedMap<Long, ScaleResult> levels = factors.get(factor);
        ScaleResult least = levels.get(levels.firstKey());
        if (result == least || result.work().equals(base)) {
            return Optional.empty();
        }
        return factor.goal().map(goal -> verdict(goal, result, least));
    }

    private static Verdict verdict(Goal goal, ScaleResult result, ScaleResult least) {
        double times = goal.cost().applyAsDouble(result) / goal.cost().applyAsDouble(least);
        return new Verdict(goal.what(), times, goal.atMost(), times <= goal.atMost());
    }

    /** Writes {@code scale.md}, {@code .json} and {@code .svg}. */
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("scale.md"), table());
        Files.writeString(directory.resolve("scale.svg"), plot());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("date", date.toString());
        json.put("machine", machine);
        json.put("loadAverage", loadAverage);
        json.put("postgres", postgres);
        json.put("settings", settings);
        json.put("base", base);
        json.put("results", results());
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve("scale.json").toFile(), json);
    }

    private List<Map<String, Object>> results() {
        List<Map<String, Object>> results = new ArrayList<>();
        factors.forEach(
                (factor, levels) ->
                        levels.forEach(
                                (level, result) -> {
                                    Map<String, Object> json = new LinkedHashMap<>();
                                    json.put("factor", factor.toString());
                                    json.put("level", level);
                                    json.put("result", result);
                                    verdict(factor, result)
                                            .ifPresent(verdict -> json.put("goal", verdict));
                                    results.add(json);
                                }));
        return results;
    }

    private String plot() {
        Map<String, Double> bars = new LinkedHashMap<>();
        factors.forEach(
                (factor, levels) ->
                        levels.forEach(
                                (level, result) -> bars.put(title(factor, level), result.rate())));
        return BarPlot.svg("events/s, median", bars);
    }
}
