package io.streamforge.cli;

import io.streamforge.account.Meter;
import io.streamforge.account.Position;
import io.streamforge.account.TopicReader;
import io.streamforge.config.KafkaConfig;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.dlq.DeadLetterFilter;
import io.streamforge.dlq.StoredDeadLetter;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.RejectionReason.Stage;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which dead letters a command is about. */
final class DlqSelection {

    @Option(
            names = "--reason",
            split = ",",
            paramLabel = "REASON",
            description = "Only these reasons: ${COMPLETION-CANDIDATES}.")
    private List<RejectionReason> reasons = List.of();

    @Option(
            names = "--stage",
            split = ",",
            paramLabel = "STAGE",
            description = "Only these stages: ${COMPLETION-CANDIDATES}.")
    private List<Stage> stages = List.of();

    @Option(
            names = "--field",
            split = ",",
            paramLabel = "FIELD",
            description = "Only where the first violation is of one of these fields.")
    private List<String> fields = List.of();

    @Option(
            names = "--since",
            paramLabel = "WHEN",
            description =
                    "Only what was refused then or later: a time, a date, or 15m, 2h, 7d ago.")
    private String since;

    @Option(names = "--until", paramLabel = "WHEN", description = "Only what was refused before.")
    private String until;

    @Option(
            names = "--at",
            split = ",",
            paramLabel = "P:O",
            description = "Only these messages, by partition and offset in the input topic.")
    private List<String> sources = List.of();

    @Option(
            names = "--parking",
            description = "The topic of parked messages instead of the dead-letter topic.")
    private boolean parking;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    DeadLetterFilter filter() {
        return new DeadLetterFilter(
                names(reasons, RejectionReason::name),
                names(stages, Stage::wireName),
                Set.copyOf(fields),
                moment("--since", since),
                moment("--until", until),
                names(sources, text -> Coordinates.parse(spec, text).toString()));
    }

    String topic(KafkaConfig kafka) {
        return parking ? kafka.parkingTopic() : kafka.dlqTopic();
    }

    /** Gives the selected ones in the order of their offsets, until the visitor returns false. */
    void read(Tool tool, StreamForgeConfig config, Predicate<StoredDeadLetter> visitor)
            throws InterruptedException {
        DeadLetterFilter filter = filter();
        String topic = topic(config.kafka());
        try (TopicReader reader = tool.reader(config)) {
            // A dead letter is written after it was refused, so its time in Kafka is later.
            Position from =
                    filter.since() == null
                            ? Position.BEGINNING
                            : new Position(0, filter.since().toEpochMilli());
            Meter meter = new Meter(tool.progress(), "dead letters", -1);
            reader.readWhile(
                    topic,
                    reader.window(topic, from, Position.END),
                    record -> {
                        meter.add();
                        StoredDeadLetter letter = new StoredDeadLetter(record);
                        return !filter.test(letter) || visitor.test(letter);
                    });
        }
    }

    private Instant moment(String option, String text) {
        try {
            return text == null ? null : Position.moment(text, Instant.now());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
        }
    }

    private static <T> Set<String> names(List<T> values, Function<T, String> name) {
        return values.stream().map(name).collect(Collectors.toCollection(HashSet::new));
    }
}
