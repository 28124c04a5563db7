package io.streamforge.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.account.Messages;
import io.streamforge.account.Meter;
import io.streamforge.account.Position;
import io.streamforge.account.TopicReader;
import io.streamforge.account.Window;
import io.streamforge.config.BuildInfo;
import io.streamforge.config.KafkaConfig;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.event.DeadLetter;
import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Violation;
import io.streamforge.sink.DeadLetterFormat;
import io.streamforge.sink.TopicLimits;
import io.streamforge.validate.EventParser;
import io.streamforge.validate.ParseResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what the job would do with messages, with the job's own code, and writes nothing. */
@Command(
        name = "check",
        description = {
            "Say what the job would do with messages; nothing is written.",
            "For each it prints the row that it becomes, or all reasons why it is refused. A file or",
            "standard input holds one message a line; with --topic they are read from Kafka.",
            "It judges the messages alone: which of two with one event_id wins, and what the",
            "database refuses, shows in the job."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge check events.ndjson",
            "  echo '{\"event_id\":1}' | streamforge check -",
            "  streamforge check --whole event.json",
            "  streamforge check --topic --from 1h --refused",
            "  streamforge check --topic --partition 2 --from 4972 --to 4973 --output json",
            "",
            "Exit codes: 0 all are valid, 1 some are refused, 2 usage or configuration,",
            "3 Kafka is unreachable."
        })
final class CheckCommand implements Callable<Integer> {

    private static final int BETWEEN_LOOKS = 256;

    @Mixin private Tool tool;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "File with one message a line; - for standard input.")
    private String file;

    @Option(names = "--whole", description = "The file is one message, line breaks and all.")
    private boolean whole;

    @Option(
            names = "--topic",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "TOPIC",
            description = "Read this topic; by default KAFKA_INPUT_TOPIC.")
    private String topic;

    @Option(names = "--partition", paramLabel = "P", description = "Only this partition.")
    private Integer partition;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description = "Where to begin (default: beginning): " + Position.FORMS + ".")
    private String from;

    @Option(
            names = "--to",
            paramLabel = "WHERE",
            description = "Where to end, itself not included (default: end).")
    private String to;

    @Option(names = "--refused", description = "Print only the messages that are refused.")
    private boolean refusedOnly;

    @Option(names = "--summary", description = "Print only the summary.")
    private boolean summaryOnly;

    private final Map<RejectionReason, Long> refused = new EnumMap<>(RejectionReason.class);
    private EventParser parser;
    private DeadLetterFormat format;
    private long messages;
    private boolean unread;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if ((file == null) == (topic == null)) {
            throw tool.usage("Name a FILE, - for standard input, or --topic");
        }
        if (topic == null && (partition != null || from != null || to != null)) {
            throw tool.usage("--partition, --from and --to go with --topic");
        }
        StreamForgeConfig config = tool.configWithoutPostgres();
        parser = new EventParser(config.maxEventBytes());
        if (topic == null) {
            checkFile(config);
        } else {
            checkTopic(config, topic.isEmpty() ? config.kafka().inputTopic() : topic);
        }
        summary();
        return refused.isEmpty() ? StreamForge.OK : StreamForge.FAILED;
    }

    private void checkFile(StreamForgeConfig config) throws IOException {
        int limit = config.maxEventBytes() + TopicLimits.HEADROOM_BYTES;
        KafkaConfig kafka = config.kafka();
        format =
                format(
                        config,
                        new TopicLimits(
                                Map.of(kafka.dlqTopic(), limit, kafka.parkingTopic(), limit)));
        boolean pretty = false;
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            MessageLines lines = new MessageLines(in, whole);
            for (byte[] value = lines.next(); value != null && !unread; value = lines.next()) {
                long line = lines.number();
                pretty |=
                        line == 1 && new String(value, StandardCharsets.UTF_8).strip().equals("{");
                RawEvent raw =
                        new RawEvent(null, value, List.of(), kafka.inputTopic(), 0, line - 1, 0);
                check(raw, whole ? "message" : "line " + line, false);
            }
        }
        if (pretty && !whole) {
            tool.err()
                    .println(
                            "The first line is only a brace. If the file is one message over"
                                    + " several lines, add --whole.");
        }
    }

    private void checkTopic(StreamForgeConfig config, String name) throws InterruptedException {
        Position begin = tool.position("--from", from, Position.BEGINNING);
        Position end = tool.position("--to", to, Position.END);
        try (TopicReader reader = tool.reader(config)) {
            format = format(config, limits(config));
            Window window = reader.window(name, begin, end);
            if (partition != null) {
                window = window.ofPartition(partition);
            }
            Meter meter = new Meter(tool.progress(), "messages of " + name, window.size());
            reader.readWhile(
                    name,
                    window,
                    message -> {
                        String at = message.partition() + "@" + message.offset();
                        check(Messages.raw(message), at, true);
                        meter.add();
                        return !unread;
                    });
        }
    }

    private static DeadLetterFormat format(StreamForgeConfig config, TopicLimits limits) {
        KafkaConfig kafka = config.kafka();
        return new DeadLetterFormat(
                kafka.dlqTopic(),
                kafka.parkingTopic(),
                config.dlqMaxAttempts(),
                limits,
                BuildInfo.load().version());
    }

    private static TopicLimits limits(StreamForgeConfig config) throws InterruptedException {
        try (Admin admin = Admin.create(config.kafka().clientProperties())) {
            return TopicLimits.describe(admin, config.kafka());
        }
    }

    private void check(RawEvent raw, String at, boolean coordinates) {
        messages++;
        Instant now = Instant.now();
        ParseResult result = parser.parse(raw, 0);
        if (result instanceof ParseResult.Accepted accepted) {
            if (!summaryOnly && !refusedOnly) {
                printRow(at, accepted.event(), coordinates);
            }
        } else if (result instanceof ParseResult.Rejected rejected) {
            DeadLetter letter = DeadLetter.invalid(raw, rejected.violations(), now.toEpochMilli());
            refused.merge(letter.reason(), 1L, Long::sum);
            if (!summaryOnly) {
                printDeadLetter(at, letter, coordinates);
            }
        }
        unread |= messages % BETWEEN_LOOKS == 0 && !summaryOnly && tool.isUnread();
    }

    private void printRow(String at, Event event, boolean coordinates) {
        ObjectNode row = row(event, coordinates);
        if (tool.isJson()) {
            ObjectNode json = Tool.object().put("at", at).put("verdict", "accepted");
            json.set("row", row);
            tool.print(json);
        } else {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-12s row", at));
            row.properties()
                    .forEach(
                            column ->
                                    line.append(' ')
                                            .append(column.getKey())
                                            .append('=')
                                            .append(PayloadView.safe(column.getValue().asText())));
            tool.out().println(line);
        }
    }

    /** The table's columns but for processed_at, which is when the job sees the message. */
    private static ObjectNode row(Event event, boolean coordinates) {
        ObjectNode row = Tool.object();
        row.put("event_id", event.eventId().toString());
        row.put("event_type", event.eventType().name());
        row.put("occurred_at", instant(event.occurredAtMicros()).toString());
        row.put("user_id", event.userId().toString());
        row.put("amount_cents", event.amountCents());
        row.put("path", event.path());
        row.put("referrer", event.referrer());
        if (coordinates) {
            row.put("src_partition", event.raw().partition());
            row.put("src_offset", event.raw().offset());
        }
        return row;
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1_000L);
    }

    private void printDeadLetter(String at, DeadLetter letter, boolean coordinates) {
        if (!tool.isJson()) {
            String lead = String.format(Locale.ROOT, "%-12s ", at);
            for (Violation violation : letter.violations()) {
                tool.out().println(lead + violation);
                lead = " ".repeat(lead.length());
            }
            return;
        }
        ProducerRecord<byte[], byte[]> record = format.record(letter);
        ObjectNode json =
                Tool.object()
                        .put("at", at)
                        .put("verdict", "dead_letter")
                        .put("reason", letter.reason().name());
        ArrayNode violations = json.putArray("violations");
        for (Violation violation : letter.violations()) {
            violations
                    .addObject()
                    .put("reason", violation.reason().name())
                    .put("field", violation.field())
                    .put("detail", violation.detail());
        }
        ObjectNode deadLetter = json.putObject("dead_letter").put("topic", record.topic());
        deadLetter.put("value_bytes", record.value() == null ? null : record.value().length);
        ObjectNode headers = deadLetter.putObject("headers");
        for (Header header : record.headers()) {
            if (header.key().startsWith(DeadLetterHeaders.PREFIX)
                    && (coordinates || !header.key().startsWith("streamforge.source."))) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        tool.print(json);
    }

    private void summary() {
        long bad = refused.values().stream().mapToLong(Long::longValue).sum();
        if (tool.isJson()) {
            ObjectNode json = Tool.object();
            ObjectNode summary = json.putObject("summary");
            summary.put("messages", messages).put("accepted", messages - bad).put("refused", bad);
            ObjectNode reasons = summary.putObject("reasons");
            refused.forEach((reason, count) -> reasons.put(reason.name(), count));
            tool.print(json);
            return;
        }
        tool.out()
                .printf(
                        Locale.ROOT,
                        "%d %s: %d accepted, %d refused%n",
                        messages,
                        messages == 1 ? "message" : "messages",
                        messages - bad,
                        bad);
        refused.entrySet().stream()
                .sorted(Map.Entry.<RejectionReason, Long>comparingByValue().reversed())
                .forEach(
                        entry ->
                                tool.out()
                                        .printf(
                                                Locale.ROOT,
                                                "  %-22s %d%n",
                                                entry.getKey(),
                                                entry.getValue()));
    }
}
