package io.streamforge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.dlq.DeadLetterFilter;
import io.streamforge.dlq.ExecFix;
import io.streamforge.dlq.Fix;
import io.streamforge.dlq.JsonFix;
import io.streamforge.dlq.Replay;
import io.streamforge.dlq.Replay.Outcome;
import io.streamforge.dlq.ReplaySender;
import io.streamforge.event.DeadLetterHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends dead letters again, corrected where asked for. */
@Command(
        name = "replay",
        description = {
            "Send dead letters to the input topic again, corrected; without --yes a dry run.",
            "Only what the job would take is sent.",
            "Each message is sent once, however often this is run: KAFKA_AUDIT_TOPIC notes it in the",
            "same Kafka transaction. So after a crash run the same command again. A replay that",
            "begins ends another one that is still running.",
            "Corrections are applied in the order --patch, --set, --exec."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge dlq replay --reason UNKNOWN_EVENT_TYPE --set event_type=CLICK",
            "  streamforge dlq replay --reason UNKNOWN_EVENT_TYPE --set event_type=CLICK --yes",
            "  streamforge dlq replay --at 2:4972 --set 'occurred_at=2024-01-15T10:30:00Z' --yes",
            "  streamforge dlq replay --reason WRONG_TYPE --field amount_cents \\",
            "      --exec 'jq -c \".amount_cents |= tonumber\"' --rate 100 --yes",
            "  streamforge dlq replay --reason REJECTED_BY_DATABASE --since 1d --max 10 --yes",
            "",
            "Exit codes: 0 all that were selected are replayed, 1 some cannot be, 2 usage or",
            "configuration, 3 Kafka is unreachable."
        })
final class DlqReplayCommand implements Callable<Integer> {

    private static final Duration EXEC_TIMEOUT = Duration.ofSeconds(30);
    private static final int SHOWN_BYTES = 200;

    @Mixin private Tool tool;
    @Mixin private DlqSelection selection;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = {
                "Set a member: event_type=CLICK, amount_cents=5, a.b=true, referrer=null. The value is",
                "JSON; what is no JSON is a text. Repeatable."
            })
    private List<String> assignments = List.of();

    @Option(
            names = "--patch",
            paramLabel = "FILE",
            description = "Apply the JSON Patch (RFC 6902) in this file.")
    private Path patch;

    @Option(
            names = "--exec",
            paramLabel = "CMD",
            description = {
                "Run this shell command for each message: value on standard input, new value on",
                "standard output, within 30 s; any exit code but 0 leaves the message out."
            })
    private String exec;

    @Option(names = "--yes", description = "Send them.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Only say what would be sent; the default.")
    private boolean dryRun;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "At most N messages a second (default: as fast as it goes).")
    private double rate;

    @Option(
            names = "--max",
            paramLabel = "N",
            description = "Send at most N messages (default: all).")
    private long max = Long.MAX_VALUE;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        if (yes && dryRun) {
            throw tool.usage("--yes and --dry-run exclude each other");
        }
        if (rate < 0 || Double.isNaN(rate) || max < 1) {
            throw tool.usage("--rate and --max: expected a positive number");
        }
        Fix fix = fix();
        DeadLetterFilter filter = selection.filter();
        StreamForgeConfig config = tool.configWithoutPostgres();
        tool.awaitKafka(config);
        Replay replay = new Replay(config, filter, fix);
        String topic = selection.topic(config.kafka());
        Map<Outcome, Long> counts;
        if (yes) {
            try (ReplaySender sender = new ReplaySender(config.kafka(), rate, describeFix())) {
                counts = replay.run(topic, sender, max, this::print);
            }
        } else {
            counts = replay.run(topic, null, max, this::print);
        }
        summary(counts);
        return counts.keySet().stream().anyMatch(Outcome::isFailure)
                ? StreamForge.FAILED
                : StreamForge.OK;
    }

    private Fix fix() throws IOException {
        Fix fix = null;
        try {
            if (patch != null) {
                fix = JsonFix.patch(Files.readAllBytes(patch));
            }
            if (!assignments.isEmpty()) {
                fix = then(fix, JsonFix.set(assignments));
            }
        } catch (IllegalArgumentException e) {
            throw tool.usage(e.getMessage());
        }
        return exec == null ? fix : then(fix, new ExecFix(exec, EXEC_TIMEOUT));
    }

    private static Fix then(Fix first, Fix next) {
        return first == null ? next : first.then(next);
    }

    /** Names, not values: a command may hold a secret, a value may be personal. */
    private String describeFix() {
        List<String> parts = new ArrayList<>();
        if (patch != null) {
            parts.add("patch " + patch.getFileName());
        }
        for (String assignment : assignments) {
            parts.add("set " + assignment.substring(0, assignment.indexOf('=')));
        }
        if (exec != null) {
            parts.add("exec");
        }
        return parts.isEmpty() ? null : String.join(", ", parts);
    }

    private void print(Replay.Result result) {
        if (result.outcome() == Outcome.ALREADY_REPLAYED && !tool.isJson()) {
            return;
        }
        String source =
                result.letter().source().map(s -> s.partition() + ":" + s.offset()).orElse(null);
        String verb = verb(result.outcome());
        if (tool.isJson()) {
            ObjectNode json =
                    Tool.object()
                            .put("source", source)
                            .put(
                                    "dlq",
                                    result.letter().partition() + ":" + result.letter().offset())
                            .put("reason", reason(result))
                            .put("outcome", verb.replace(' ', '_'));
            json.put("detail", result.detail().isEmpty() ? null : result.detail());
            json.put(
                    "value",
                    result.value() == null ? null : PayloadView.textOrNull(result.value()));
            tool.print(json);
        } else {
            tool.out()
                    .printf(
                            Locale.ROOT,
                            "%-12s %-14s %s%n",
                            source == null ? "-" : source,
                            verb,
                            result.outcome() == Outcome.REPLAYED
                                    ? preview(result.value())
                                    : PayloadView.safe(result.detail()));
        }
    }

    private static String reason(Replay.Result result) {
        return result.letter().header(DeadLetterHeaders.REASON).orElse(null);
    }

    private String verb(Outcome outcome) {
        return switch (outcome) {
            case REPLAYED -> yes ? "replayed" : "would replay";
            case ALREADY_REPLAYED -> "already replayed";
            case INVALID -> "still invalid";
            case NOT_FIXABLE -> "not fixable";
            case ORIGINAL_GONE -> "original gone";
            case NOT_OURS -> "not ours";
        };
    }

    private static String preview(byte[] value) {
        String text = PayloadView.line(value);
        return text.length() <= SHOWN_BYTES
                ? text
                : text.substring(
                                0,
                                text.offsetByCodePoints(
                                        0,
                                        Math.min(
                                                SHOWN_BYTES,
                                                text.codePointCount(0, text.length()))))
                        + "…";
    }

    private void summary(Map<Outcome, Long> counts) {
        if (tool.isJson()) {
            ObjectNode json = Tool.object();
            ObjectNode summary = json.putObject("summary").put("dry_run", !yes);
            for (Outcome outcome : Outcome.values()) {
                summary.put(
                        outcome.name().toLowerCase(Locale.ROOT), counts.getOrDefault(outcome, 0L));
            }
            tool.print(json);
            return;
        }
        StringBuilder line = new StringBuilder();
        line.append(counts.getOrDefault(Outcome.REPLAYED, 0L))
                .append(yes ? " replayed" : " would be replayed");
        counts.forEach(
                (outcome, count) -> {
                    if (outcome != Outcome.REPLAYED) {
                        line.append(", ").append(count).append(' ').append(verb(outcome));
                    }
                });
        tool.out().println(line);
        if (!yes && counts.containsKey(Outcome.REPLAYED)) {
            tool.out().println("nothing was sent: this was a dry run; --yes sends");
        }
    }
}
