package io.streamforge.bench;

import io.streamforge.bench.peer.PlainParser;
import io.streamforge.validate.BareFields;
import java.util.Locale;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * From the text of an {@code event_id} to its normal form: the job's parser beside {@code
 * UUID.fromString(text).toString()}. The one takes characters, the other a String; neither is
 * charged for having it.
 */
@OperationsPerInvocation(UuidBenchmark.EVENTS)
public class UuidBenchmark extends EventBenchmark {

    static final int EVENTS = 5_000;

    private final BareFields fields = new BareFields();
    private final String[] texts = new String[EVENTS];
    private final char[][] characters = new char[EVENTS][];

    public UuidBenchmark() {
        super(EVENTS);
    }

    @Setup
    public void check() {
        for (int i = 0; i < EVENTS; i++) {
            texts[i] = events.get(i).eventId();
            characters[i] = texts[i].toCharArray();
            requireSame(fields.uuid(characters[i]), PlainParser.uuid(texts[i]));
            String upperCase = texts[i].toUpperCase(Locale.ROOT);
            requireSame(fields.uuid(upperCase.toCharArray()), PlainParser.uuid(upperCase));
        }
    }

    @Benchmark
    public void streamForge(Blackhole sink) {
        for (char[] text : characters) {
            sink.consume(fields.uuid(text));
        }
    }

    @Benchmark
    public void javaUtilUuid(Blackhole sink) {
        for (String text : texts) {
            sink.consume(PlainParser.uuid(text));
        }
    }
}
