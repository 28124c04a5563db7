package io.streamforge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.account.OffsetSet;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.dlq.StoredDeadLetter;
import io.streamforge.event.DeadLetterHeaders;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Counts dead letters. */
@Command(
        name = "stats",
        description = {
            "Count dead letters by reason, stage, field and hour.",
            "Delivery is at least once, so some may be there twice: MESSAGES counts distinct source",
            "coordinates."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge dlq stats",
            "  streamforge dlq stats --since 1d --output json",
            "  streamforge dlq stats --parking"
        })
final class DlqStatsCommand implements Callable<Integer> {

    private static final String NONE = "-";

    /** Dead letters, and the distinct messages that they are of. */
    private static final class Count {
        private long letters;
        private final Map<String, OffsetSet> messages = new HashMap<>();

        void add(StoredDeadLetter letter) {
            letters++;
            letter.source()
                    .ifPresent(
                            source ->
                                    messages.computeIfAbsent(source.topic(), t -> new OffsetSet())
                                            .add(source.partition(), source.offset()));
        }

        long distinct() {
            return messages.values().stream().mapToLong(OffsetSet::size).sum();
        }
    }

    @Mixin private Tool tool;
    @Mixin private DlqSelection selection;

    private final Count all = new Count();
    private final Map<String, Count> reasons = new TreeMap<>();
    private final Map<String, Count> stages = new TreeMap<>();
    private final Map<String, Count> fields = new TreeMap<>();
    private final Map<String, Count> hours = new TreeMap<>();

    @Override
    public Integer call() throws InterruptedException {
        StreamForgeConfig config = tool.configWithoutPostgres();
        selection.read(
                tool,
                config,
                letter -> {
                    all.add(letter);
                    add(reasons, header(letter, DeadLetterHeaders.REASON), letter);
                    add(stages, header(letter, DeadLetterHeaders.STAGE), letter);
                    add(fields, header(letter, DeadLetterHeaders.FIELD), letter);
                    Instant hour = letter.failedAt().truncatedTo(ChronoUnit.HOURS);
                    add(hours, hour.toString(), letter);
                    return true;
                });
        if (tool.isJson()) {
            ObjectNode json = Tool.object();
            json.put("topic", selection.topic(config.kafka()));
            json.put("dead_letters", all.letters).put("messages", all.distinct());
            json.set("reason", json(reasons));
            json.set("stage", json(stages));
            json.set("field", json(fields));
            json.set("hour", json(hours));
            tool.print(json);
        } else {
            tool.out()
                    .println(
                            all.letters
                                    + " dead letters of "
                                    + all.distinct()
                                    + " messages in "
                                    + selection.topic(config.kafka()));
            if (all.letters > 0) {
                print("REASON", reasons, true);
                print("STAGE", stages, true);
                print("FIELD", fields, true);
                print("HOUR", hours, false);
            }
        }
        return StreamForge.OK;
    }

    private static String header(StoredDeadLetter letter, String name) {
        return letter.header(name).orElse(NONE);
    }

    private static void add(Map<String, Count> counts, String name, StoredDeadLetter letter) {
        counts.computeIfAbsent(name, n -> new Count()).add(letter);
    }

    private void print(String heading, Map<String, Count> counts, boolean byCount) {
        tool.out().println();
        Table table = new Table(heading, "DEAD LETTERS", "MESSAGES");
        Comparator<Map.Entry<String, Count>> order =
                byCount
                        ? Comparator.comparing(entry -> -entry.getValue().letters)
                        : Map.Entry.comparingByKey();
        counts.entrySet().stream()
                .sorted(order)
                .forEach(
                        entry ->
                                table.add(
                                        PayloadView.safe(entry.getKey()),
                                        entry.getValue().letters,
                                        entry.getValue().distinct()));
        table.print(tool.out());
    }

    private static ObjectNode json(Map<String, Count> counts) {
        ObjectNode json = Tool.object();
        counts.forEach(
                (name, count) ->
                        json.putObject(name)
                                .put("dead_letters", count.letters)
                                .put("messages", count.distinct()));
        return json;
    }
}
