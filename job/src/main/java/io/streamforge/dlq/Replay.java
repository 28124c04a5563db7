package io.streamforge.dlq;

import io.streamforge.account.DeadLetterCoordinates;
import io.streamforge.account.Messages;
import io.streamforge.account.OffsetSet;
import io.streamforge.account.Position;
import io.streamforge.account.TopicReader;
import io.streamforge.account.Window;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.RawEvent;
import io.streamforge.event.Violation;
import io.streamforge.validate.EventParser;
import io.streamforge.validate.ParseResult;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Sends dead letters to the input topic again, corrected where asked for. Each of them is sent at
 * most once, however often and by however many this is run, killed and run again: the message and
 * the note of it in the {@link AuditTopic} are written in one Kafka transaction, and a second
 * replay that begins fences the first.
 *
 * <p>What the job would refuse again is not sent. A dead letter that is cut is replaced by its
 * original as long as the input topic has it.
 */
public final class Replay {

    /** What became of one dead letter. */
    public enum Outcome {
        /** Sent, or in a dry run: would be. */
        REPLAYED,
        /** An earlier replay has sent it, or an equal dead letter came before in this one. */
        ALREADY_REPLAYED,
        /** The job would refuse it again. */
        INVALID,
        /** The correction cannot be applied. */
        NOT_FIXABLE,
        /** It was cut, and the original is gone. */
        ORIGINAL_GONE,
        /** It is another topic's, or nobody's. */
        NOT_OURS;

        /** The user has to do something about it. */
        public boolean isFailure() {
            return this != REPLAYED && this != ALREADY_REPLAYED;
        }
    }

    /**
     * One dead letter and what became of it.
     *
     * @param detail why, where it was not replayed; empty otherwise
     * @param value what is sent, or null
     */
    public record Result(StoredDeadLetter letter, Outcome outcome, String detail, byte[] value) {}

    private final StreamForgeConfig config;
    private final DeadLetterFilter filter;
    private final Fix fix;
    private final EventParser parser;
    private final Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
    private TopicReader originals;

    /**
     * @param fix the correction, or null for none
     */
    public Replay(StreamForgeConfig config, DeadLetterFilter filter, Fix fix) {
        this.config = config;
        this.filter = filter;
        this.fix = fix;
        this.parser = new EventParser(config.maxEventBytes());
    }

    /**
     * Reads the topic of dead letters, or of parked ones, and hands on what it has of them.
     *
     * @param sender takes what is to be sent, or null for a dry run
     * @param max how many to send at most
     * @param results gets every dead letter that the filter takes; those that are sent, once they
     *     are
     */
    public Map<Outcome, Long> run(
            String topic, ReplaySender sender, long max, Consumer<Result> results)
            throws InterruptedException {
        try (TopicReader reader = reader();
                TopicReader second = reader()) {
            originals = second;
            // After the sender has fenced all others, so that nothing is added any more.
            OffsetSet done =
                    new AuditTopic(config.kafka().auditTopic())
                            .replayed(reader, config.kafka().inputTopic());
            Position from =
                    filter.since() == null
                            ? Position.BEGINNING
                            : new Position(0, filter.since().toEpochMilli());
            Window window = reader.window(topic, from, Position.END);
            Run run = new Run(done, sender, max, results);
            reader.readWhile(topic, window, run::take);
            if (sender != null) {
                sender.flush();
            }
            run.report();
            return counts;
        }
    }

    private TopicReader reader() {
        return new TopicReader(config.kafka().clientProperties(), config.kafka().groupId());
    }

    private final class Run {

        private final OffsetSet done;
        private final ReplaySender sender;
        private final long max;
        private final Consumer<Result> results;

        /** Queued, but not sent yet. */
        private final List<Result> pending = new ArrayList<>();

        Run(OffsetSet done, ReplaySender sender, long max, Consumer<Result> results) {
            this.done = done;
            this.sender = sender;
            this.max = max;
            this.results = results;
        }

        boolean take(ConsumerRecord<ByteBuffer, ByteBuffer> record) {
            StoredDeadLetter letter = new StoredDeadLetter(record);
            if (!filter.test(letter)) {
                return true;
            }
            Result result = judge(letter);
            counts.merge(result.outcome(), 1L, Long::sum);
            pending.add(result);
            if (sender == null || sender.isFlushed()) {
                report();
            }
            return counts.getOrDefault(Outcome.REPLAYED, 0L) < max;
        }

        void report() {
            pending.forEach(results);
            pending.clear();
        }

        private Result judge(StoredDeadLetter letter) {
            Optional<DeadLetterCoordinates> source = letter.source();
            if (source.isEmpty()) {
                return result(letter, Outcome.NOT_OURS, "has no source coordinates");
            }
            if (!source.get().topic().equals(config.kafka().inputTopic())) {
                return result(
                        letter, Outcome.NOT_OURS, "comes from the topic " + source.get().topic());
            }
            if (done.contains(source.get().partition(), source.get().offset())) {
                return result(letter, Outcome.ALREADY_REPLAYED, "");
            }
            RawEvent original = original(letter, source.get());
            if (original == null) {
                return result(
                        letter,
                        Outcome.ORIGINAL_GONE,
                        "was cut to fit the topic, and the input topic no longer has the original");
            }
            return correct(letter, source.get(), original);
        }

        private Result correct(
                StoredDeadLetter letter, DeadLetterCoordinates source, RawEvent original) {
            byte[] value = original.value();
            try {
                value = fix == null ? value : fix.apply(value, letter);
            } catch (Fix.NotApplicableException e) {
                return result(letter, Outcome.NOT_FIXABLE, e.getMessage());
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
            RawEvent corrected =
                    new RawEvent(
                            original.key(),
                            value,
                            StoredDeadLetter.replayed(original.headers(), letter),
                            source.topic(),
                            source.partition(),
                            source.offset(),
                            original.timestamp());
            if (parser.parse(corrected, 0) instanceof ParseResult.Rejected rejected) {
                return result(
                        letter,
                        Outcome.INVALID,
                        rejected.violations().stream()
                                .map(Violation::toString)
                                .collect(Collectors.joining("; ")));
            }
            if (sender != null) {
                String refusal = sender.refusal(corrected);
                if (refusal != null) {
                    return result(letter, Outcome.NOT_FIXABLE, refusal);
                }
                sender.send(corrected, letter);
            }
            done.add(source.partition(), source.offset());
            return new Result(letter, Outcome.REPLAYED, "", value);
        }

        private Result result(StoredDeadLetter letter, Outcome outcome, String detail) {
            return new Result(letter, outcome, detail, null);
        }
    }

    /** The message as it was, or null where the dead letter is cut and the original is gone. */
    private RawEvent original(StoredDeadLetter letter, DeadLetterCoordinates source) {
        if (!letter.isTruncated()) {
            return letter.raw();
        }
        return originals
                .find(source.topic(), source.partition(), source.offset())
                .map(Messages::raw)
                .filter(raw -> isOriginalOf(raw, letter))
                .orElse(null);
    }

    /** A topic that was created anew has other messages at the same places. */
    public static boolean isOriginalOf(RawEvent raw, StoredDeadLetter letter) {
        byte[] value = raw.value() == null ? new byte[0] : raw.value();
        return letter.header(DeadLetterHeaders.ORIGINAL_SHA256)
                .filter(hash -> hash.equals(sha256(value)))
                .isPresent();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
