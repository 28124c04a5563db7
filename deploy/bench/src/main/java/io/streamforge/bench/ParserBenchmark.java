package io.streamforge.bench;

import io.streamforge.bench.peer.PlainEvent;
import io.streamforge.bench.peer.PlainParser;
import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.validate.EventParser;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * From a message's bytes to the event in normal form: {@link EventParser}, which checks the whole
 * contract, beside the peer's Jackson, {@code java.time} and {@code UUID}, which check what these
 * check; and Jackson's databind alone, which checks no field and leaves each as it is spelled.
 */
@OperationsPerInvocation(ParserBenchmark.EVENTS)
public class ParserBenchmark extends EventBenchmark {

    static final int EVENTS = 5_000;

    private final EventParser parser = new EventParser(InputTopic.MAX_EVENT_BYTES);
    private final PlainParser plain = new PlainParser();

    public ParserBenchmark() {
        super(EVENTS);
    }

    @Setup
    public void check() throws IOException {
        for (RawEvent message : messages) {
            requireSame(
                    fields(event(parser.parse(message, PROCESSED_AT_MICROS))),
                    fields(plain.parse(message.value())));
        }
    }

    private static List<Object> fields(Event event) {
        return Arrays.asList(
                event.eventId().toString(),
                event.eventType().name(),
                event.occurredAtMicros(),
                event.userId().toString(),
                event.amountCents(),
                event.path(),
                event.referrer());
    }

    private static List<Object> fields(PlainEvent event) {
        return Arrays.asList(
                event.event_id,
                event.event_type,
                event.occurredAt,
                event.user_id,
                event.amount_cents,
                event.path,
                event.referrer);
    }

    @Benchmark
    public void streamForge(Blackhole sink) {
        for (RawEvent message : messages) {
            sink.consume(parser.parse(message, PROCESSED_AT_MICROS));
        }
    }

    @Benchmark
    public void jacksonAndChecks(Blackhole sink) throws IOException {
        for (RawEvent message : messages) {
            sink.consume(plain.parse(message.value()));
        }
    }

    @Benchmark
    public void jacksonAlone(Blackhole sink) throws IOException {
        for (RawEvent message : messages) {
            sink.consume(plain.bind(message.value()));
        }
    }
}
