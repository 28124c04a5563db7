package io.streamforge.bench;

import io.streamforge.bench.peer.PlainParser;
import io.streamforge.event.RawEvent;
import io.streamforge.validate.BareFields;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * From the text of {@code occurred_at} to microseconds: the job's RFC 3339 parser beside {@code
 * OffsetDateTime.parse}. The one takes characters, the other a String; neither is charged for
 * having it.
 */
@OperationsPerInvocation(TimestampBenchmark.EVENTS)
public class TimestampBenchmark extends EventBenchmark {

    static final int EVENTS = 5_000;

    private final BareFields fields = new BareFields();
    private final String[] texts = new String[EVENTS];
    private final char[][] characters = new char[EVENTS][];

    public TimestampBenchmark() {
        super(EVENTS);
    }

    @Setup
    public void check() throws IOException {
        PlainParser plain = new PlainParser();
        int i = 0;
        for (RawEvent message : messages) {
            texts[i] = plain.bind(message.value()).occurred_at;
            characters[i] = texts[i].toCharArray();
            requireSame(fields.micros(characters[i]), PlainParser.micros(texts[i]));
            i++;
        }
    }

    @Benchmark
    public void streamForge(Blackhole sink) {
        for (char[] text : characters) {
            sink.consume(fields.micros(text));
        }
    }

    @Benchmark
    public void offsetDateTime(Blackhole sink) {
        for (String text : texts) {
            sink.consume(PlainParser.micros(text));
        }
    }
}
