package io.streamforge.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.streamforge.bench.BenchEvents.Shape;
import io.streamforge.sink.PostgresConnections;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long an event takes from the moment when it was due to be produced to its commit in Postgres,
 * at constant rates, while checkpoints run. The job has no part in the measurement: when a row was
 * committed is Postgres's own record, and when its event was due follows from its coordinates.
 */
@Command(
        name = "latency",
        description = "From produced to committed in Postgres, at constant rates.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class LatencyCommand implements Callable<Integer> {

    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    private static final String ROWS =
            """
            SELECT src_partition, src_offset,
                (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint
            FROM events_normalized
            """;

    @Mixin private RunOptions run;

    @Option(
            names = "--rates",
            paramLabel = "N",
            split = ",",
            defaultValue = "10000,50000",
            description = "Events a second.")
    private List<Integer> rates;

    @Option(names = "--seconds", paramLabel = "N", description = "That count, at each rate.")
    private int seconds = 60;

    @Option(names = "--warm-up-seconds", paramLabel = "N", description = "Before them.")
    private int warmUpSeconds = 60;

    private final StringBuilder table = new StringBuilder();
    private final Map<String, Map<String, Double>> results = new LinkedHashMap<>();

    @Override
    public Integer call() throws Exception {
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        String machine = Machine.describe();
        line("%s, %s.", date, machine);
        line(
                "%d s at each rate after %d s for warming up; %d partitions, parallelism %d.",
                seconds, warmUpSeconds, run.partitions, run.parallelism);
        try (BenchStack stack = BenchStack.start(run.data)) {
            line("Postgres: %s.", stack.postgresSettings());
            line("");
            line(
                    "| events/s | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms | load average before |");
            line("|---|---|---|---|---|---|---|");
            for (int rate : rates) {
                double load = Machine.load();
                Histogram micros = measure(stack, rate);
                Map<String, Double> millis = new LinkedHashMap<>();
                for (double percentile : PERCENTILES) {
                    millis.put("p" + percentile, micros.getValueAtPercentile(percentile) / 1_000.0);
                }
                results.put(Integer.toString(rate), millis);
                String cells =
                        millis.values().stream()
                                .map(value -> String.format(Locale.ROOT, "%.1f", value))
                                .collect(Collectors.joining(" | "));
                line("| %,d | %s | %.1f |", rate, cells, load);
                Files.createDirectories(run.output);
                Files.writeString(
                        run.output.resolve("latency-" + rate + ".svg"),
                        BarPlot.svg("milliseconds at " + rate + " events/s", millis));
            }
        }
        System.out.println(table);
        Files.writeString(run.output.resolve("latency.md"), table);
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValue(
                        run.output.resolve("latency.json").toFile(),
                        Map.of("date", date.toString(), "machine", machine, "millis", results));
        return 0;
    }

    private Histogram measure(BenchStack stack, int rate) throws Exception {
        String name = "steady_" + rate;
        InputTopic.create(stack.brokers(), name, run.partitions);
        try (JobProcess job =
                new JobProcess(
                        stack,
                        SystemUnderTest.STREAMFORGE,
                        name,
                        StartingTable.EMPTY,
                        run.settings)) {
            job.start(run.parallelism);
            SteadyProducer producer =
                    new SteadyProducer(stack.brokers(), name, run.partitions, rate);
            BenchEvents source = new BenchEvents(Shape.USUAL);
            long start = producer.produce(source, (long) rate * (warmUpSeconds + seconds));
            job.awaitDrained();
            job.stop();
            InputTopic topic = InputTopic.of(name, run.partitions, source);
            new StoreCheck(SystemUnderTest.STREAMFORGE, topic, StartingTable.EMPTY).check(job);
            try (Connection database = PostgresConnections.open(job.config().postgres())) {
                return latencies(database, producer, start);
            }
        }
    }

    /** In microseconds, of all events that were due after the time for warming up. */
    private Histogram latencies(Connection database, SteadyProducer producer, long start)
            throws SQLException {
        Histogram micros = new Histogram(3);
        database.setAutoCommit(false); // or else the driver fetches all rows at once
        try (Statement statement = database.createStatement()) {
            statement.setFetchSize(10_000);
            try (ResultSet rows = statement.executeQuery(ROWS)) {
                while (rows.next()) {
                    long due = producer.dueMicros(rows.getInt(1), rows.getLong(2));
                    if (due >= warmUpSeconds * 1_000_000L) {
                        micros.recordValue(Math.max(0, rows.getLong(3) - start - due));
                    }
                }
            }
        }
        return micros;
    }

    private void line(String format, Object... values) {
        table.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
