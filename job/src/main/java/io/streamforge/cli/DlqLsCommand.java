package io.streamforge.cli;

import io.streamforge.config.StreamForgeConfig;
import io.streamforge.dlq.StoredDeadLetter;
import io.streamforge.event.DeadLetterHeaders;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists dead letters. */
@Command(
        name = "ls",
        description = {
            "List dead letters, the newest last.",
            "SOURCE is the message's partition:offset in the input topic, which `dlq show` takes."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge dlq ls",
            "  streamforge dlq ls --reason UNKNOWN_EVENT_TYPE --since 2h --limit 10",
            "  streamforge dlq ls --field user_id --output json"
        })
final class DlqLsCommand implements Callable<Integer> {

    @Mixin private Tool tool;
    @Mixin private DlqSelection selection;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "The newest N (default: 50).")
    private int limit;

    /** What a line needs; the value is not kept. */
    private record Line(StoredDeadLetterSummary letter, Instant failedAt) {}

    private record StoredDeadLetterSummary(
            String source,
            String sourceTopic,
            String dlq,
            String attempt,
            String reason,
            String field,
            int bytes,
            boolean truncated) {}

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1) {
            throw tool.usage("--limit: expected at least 1");
        }
        StreamForgeConfig config = tool.configWithoutPostgres();
        PriorityQueue<Line> newest = new PriorityQueue<>(Comparator.comparing(Line::failedAt));
        long[] all = {0};
        selection.read(
                tool,
                config,
                letter -> {
                    all[0]++;
                    newest.add(new Line(summary(letter), letter.failedAt()));
                    if (newest.size() > limit) {
                        newest.poll();
                    }
                    return true;
                });
        Table table =
                new Table("SOURCE", "DLQ", "REFUSED AT", "ATTEMPT", "BYTES", "REASON", "FIELD");
        while (!newest.isEmpty()) {
            Line line = newest.poll();
            StoredDeadLetterSummary letter = line.letter();
            if (tool.isJson()) {
                tool.print(
                        Tool.object()
                                .put("source", letter.source())
                                .put("source_topic", letter.sourceTopic())
                                .put("dlq", letter.dlq())
                                .put("failed_at", line.failedAt().toString())
                                .put("attempt", letter.attempt())
                                .put("reason", letter.reason())
                                .put("field", letter.field())
                                .put("value_bytes", letter.bytes())
                                .put("truncated", letter.truncated()));
            } else {
                table.add(
                        text(letter.source()),
                        letter.dlq(),
                        line.failedAt(),
                        text(letter.attempt()),
                        letter.bytes() + (letter.truncated() ? " (cut)" : ""),
                        text(letter.reason()),
                        text(letter.field()));
            }
        }
        if (!tool.isJson()) {
            if (all[0] == 0) {
                tool.out().println("no dead letters match in " + selection.topic(config.kafka()));
            } else {
                table.print(tool.out());
                if (all[0] > limit) {
                    tool.err().println((all[0] - limit) + " older ones; --limit shows more");
                }
            }
        }
        return StreamForge.OK;
    }

    private static String text(String header) {
        return header == null ? "-" : PayloadView.safe(header);
    }

    private static StoredDeadLetterSummary summary(StoredDeadLetter letter) {
        return new StoredDeadLetterSummary(
                letter.source().map(s -> s.partition() + ":" + s.offset()).orElse(null),
                letter.source().map(s -> s.topic()).orElse(null),
                letter.partition() + ":" + letter.offset(),
                letter.header(DeadLetterHeaders.ATTEMPT).orElse(null),
                letter.header(DeadLetterHeaders.REASON).orElse(null),
                letter.header(DeadLetterHeaders.FIELD).orElse(null),
                letter.size(),
                letter.isTruncated());
    }
}
