package io.streamforge.bench;

import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.validate.EventParser;
import io.streamforge.validate.ParseResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One part of the job beside what one would use in its place: on the same valid events, so many
 * that no branch is learned by heart, and checked once to give the same. The figures are for one
 * event, on one thread, with the job's garbage collector.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-XX:+UseSerialGC")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public abstract class EventBenchmark {

    static final long PROCESSED_AT_MICROS = 1_772_323_200_000_000L;

    private static final int PARTITIONS = 4;

    final List<RawEvent> messages = new ArrayList<>();
    final List<Event> events = new ArrayList<>();

    EventBenchmark(int count) {
        BenchEvents source = new BenchEvents(new BenchEvents.Shape(0, 0, 0, 0, 1));
        EventParser parser = new EventParser(InputTopic.MAX_EVENT_BYTES);
        for (int i = 0; i < count; i++) {
            byte[] value = source.next();
            RawEvent message =
                    new RawEvent(
                            source.key(),
                            value,
                            List.of(),
                            "events",
                            i % PARTITIONS,
                            i / PARTITIONS,
                            0);
            messages.add(message);
            events.add(event(parser.parse(message, PROCESSED_AT_MICROS)));
        }
    }

    static Event event(ParseResult result) {
        if (result instanceof ParseResult.Accepted accepted) {
            return accepted.event();
        }
        throw new IllegalStateException("a valid event was rejected: " + result);
    }

    /** Ends the benchmark where the two sides differ: their times would say nothing. */
    static void requireSame(Object ours, Object theirs) {
        if (!ours.equals(theirs)) {
            throw new IllegalStateException("not the same: " + ours + " and " + theirs);
        }
    }
}
