package io.streamforge.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.account.DeadLetterCoordinates;
import io.streamforge.account.Messages;
import io.streamforge.account.Meter;
import io.streamforge.account.Position;
import io.streamforge.account.TopicReader;
import io.streamforge.account.Window;
import io.streamforge.config.KafkaConfig;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.dlq.Replay;
import io.streamforge.dlq.StoredDeadLetter;
import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RawHeader;
import io.streamforge.event.Violation;
import io.streamforge.validate.EventParser;
import io.streamforge.validate.ParseResult;
import java.io.PrintWriter;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows one dead letter whole. */
@Command(
        name = "show",
        description = {
            "Show a dead letter whole, with its faults marked.",
            "Headers, key, the bytes as they were (in hexadecimal where they are no text), and each",
            "violation with a caret under its place. P:O is partition and offset of the message in",
            "the input topic, as `dlq ls` lists them."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge dlq show 2:4972",
            "  streamforge dlq show 2:4972 --raw > message.json",
            "  streamforge dlq show --dlq-offset 0:17 --output json",
            "",
            "Exit codes: 0 shown, 1 there is none, 2 usage or configuration, 3 unreachable."
        })
final class DlqShowCommand implements Callable<Integer> {

    private static final int SHOWN_BYTES = 4096;

    @Mixin private Tool tool;

    @Parameters(
            arity = "0..1",
            paramLabel = "P:O",
            description = "The message's partition and offset in the input topic.")
    private String source;

    @Option(
            names = "--dlq-offset",
            paramLabel = "P:O",
            description = "Partition and offset in the dead-letter topic itself instead.")
    private String dlqOffset;

    @Option(
            names = "--parking",
            description = "With --dlq-offset: in the topic of parked messages.")
    private boolean parking;

    @Option(names = "--all", description = "Show all of a long message.")
    private boolean all;

    @Option(names = "--raw", description = "Print nothing but the value's bytes.")
    private boolean raw;

    @Spec private CommandSpec spec;

    private StoredDeadLetter found;
    private long copies;

    @Override
    public Integer call() throws InterruptedException {
        if ((source == null) == (dlqOffset == null)) {
            throw tool.usage("Name a message by P:O, or by --dlq-offset P:O");
        }
        Coordinates wanted = Coordinates.parse(spec, source == null ? dlqOffset : source);
        StreamForgeConfig config = tool.configWithoutPostgres();
        KafkaConfig kafka = config.kafka();
        try (TopicReader reader = tool.reader(config)) {
            if (dlqOffset != null) {
                String topic = parking ? kafka.parkingTopic() : kafka.dlqTopic();
                reader.find(topic, wanted.partition(), wanted.offset())
                        .ifPresent(record -> found = new StoredDeadLetter(record));
            } else {
                search(reader, kafka.dlqTopic(), kafka.inputTopic(), wanted);
                search(reader, kafka.parkingTopic(), kafka.inputTopic(), wanted);
            }
            if (found == null) {
                tool.err().println(missing(wanted));
                return StreamForge.FAILED;
            }
            show(reader, config);
            return StreamForge.OK;
        }
    }

    private String missing(Coordinates wanted) {
        return dlqOffset != null
                ? "there is no dead letter at " + dlqOffset
                : "no dead letter comes from "
                        + wanted
                        + "; what the job makes of that message says `streamforge check --topic"
                        + " --partition "
                        + wanted.partition()
                        + " --from "
                        + wanted.offset()
                        + " --to "
                        + (wanted.offset() + 1)
                        + "`";
    }

    /** The last one found counts; repeats are equal but for when they were refused. */
    private void search(TopicReader reader, String topic, String input, Coordinates wanted) {
        Window window = reader.window(topic, Position.BEGINNING, Position.END);
        Meter meter = new Meter(tool.progress(), "records of " + topic, window.size());
        reader.read(
                topic,
                window,
                record -> {
                    meter.add();
                    StoredDeadLetter letter = new StoredDeadLetter(record);
                    if (letter.source().filter(from -> isAt(from, input, wanted)).isPresent()) {
                        found = letter;
                        copies++;
                    }
                });
    }

    private static boolean isAt(DeadLetterCoordinates from, String input, Coordinates wanted) {
        return from.topic().equals(input)
                && from.partition() == wanted.partition()
                && from.offset() == wanted.offset();
    }

    private void show(TopicReader reader, StreamForgeConfig config) {
        RawEvent stored = found.raw();
        RawEvent message = stored;
        String note = null;
        if (found.isTruncated()) {
            RawEvent original =
                    found.source()
                            .flatMap(s -> reader.find(s.topic(), s.partition(), s.offset()))
                            .map(Messages::raw)
                            .filter(candidate -> Replay.isOriginalOf(candidate, found))
                            .orElse(null);
            message = original == null ? stored : original;
            note =
                    original == null
                            ? "cut to fit the topic, and the input topic no longer has the original"
                            : "cut to fit the topic; this is the original from the input topic";
        }
        List<Violation> violations = List.of();
        boolean whole = note == null || message != stored;
        if (whole
                && new EventParser(config.maxEventBytes()).parse(message, 0)
                        instanceof ParseResult.Rejected rejected) {
            violations = rejected.violations();
        }
        if (raw) {
            PrintWriter out = tool.out();
            out.flush();
            byte[] value = message.value() == null ? new byte[0] : message.value();
            System.out.write(value, 0, value.length);
            System.out.flush();
        } else if (tool.isJson()) {
            showJson(stored, message, note, violations);
        } else {
            showText(stored, message, note, violations);
        }
    }

    private void showText(
            RawEvent stored, RawEvent message, String note, List<Violation> violations) {
        PrintWriter out = tool.out();
        out.println(
                found.topic()
                        + " "
                        + found.partition()
                        + ":"
                        + found.offset()
                        + (copies > 1 ? ", the last of " + copies + " equal ones" : ""));
        out.println();
        int width =
                stored.headers().stream()
                        .mapToInt(header -> PayloadView.safe(header.key()).length())
                        .max()
                        .orElse(0);
        String indent = "\n" + " ".repeat(width + 4);
        for (RawHeader header : stored.headers()) {
            String name = PayloadView.safe(header.key());
            String value =
                    header.key().equals(DeadLetterHeaders.DETAIL)
                            ? new PayloadView(header.value()).body(SHOWN_BYTES)
                            : PayloadView.line(header.value());
            out.println(
                    "  "
                            + name
                            + " ".repeat(width - name.length())
                            + "  "
                            + value.replace("\n", indent));
        }
        out.println();
        out.println("key: " + PayloadView.line(message.key()));
        if (message.value() == null) {
            out.println("value: null");
        } else {
            PayloadView value = new PayloadView(message.value());
            out.println(
                    "value: "
                            + message.value().length
                            + " bytes"
                            + (value.isText() ? "" : ", no text")
                            + (note == null ? "" : "; " + note));
            out.println(value.body(all ? Integer.MAX_VALUE : SHOWN_BYTES));
        }
        for (Violation violation : violations) {
            out.println();
            out.println(violation);
            if (message.value() != null) {
                String excerpt = new PayloadView(message.value()).excerpt(violation);
                if (!excerpt.isEmpty()) {
                    out.println("  " + excerpt.replace("\n", "\n  "));
                }
            }
        }
        if (violations.isEmpty()) {
            out.println();
            out.println(
                    found.header(DeadLetterHeaders.STAGE).filter("store"::equals).isPresent()
                            ? "The input contract takes it; the database refused the row, see the"
                                    + " headers."
                            : note != null && message == stored
                                    ? "What is wrong with it stands in the headers."
                                    : "The input contract takes it now; `dlq replay --at` sends it"
                                            + " again.");
        }
    }

    private void showJson(
            RawEvent stored, RawEvent message, String note, List<Violation> violations) {
        ObjectNode json = Tool.object();
        json.put("topic", found.topic())
                .put("partition", found.partition())
                .put("offset", found.offset())
                .put("copies", Math.max(1, copies));
        ArrayNode headers = json.putArray("headers");
        for (RawHeader header : stored.headers()) {
            bytes(headers.addObject().put("name", header.key()), "value", header.value());
        }
        bytes(json, "key", message.key());
        bytes(json, "value", message.value());
        json.put("note", note);
        ArrayNode list = json.putArray("violations");
        for (Violation violation : violations) {
            list.addObject()
                    .put("reason", violation.reason().name())
                    .put("field", violation.field())
                    .put("detail", violation.detail());
        }
        tool.print(json);
    }

    /** As text where it is one, and always exactly, in base64. */
    private static void bytes(ObjectNode json, String name, byte[] bytes) {
        json.put(name, bytes == null ? null : PayloadView.textOrNull(bytes));
        json.put(
                name + "_base64", bytes == null ? null : Base64.getEncoder().encodeToString(bytes));
    }
}
