package io.streamforge.bench;

import io.streamforge.validate.BareFields;
import java.util.Locale;
import java.util.UUID;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * From the text of an {@code event_id} to its 128 bits: the job's parser beside {@code
 * UUID.fromString}, which takes more than the canonical form. The one takes characters, the other a
 * String; neither is charged for having it.
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
            texts[i] = events.get(i).eventId().toString();
            characters[i] = texts[i].toCharArray();
            requireSame(fields.uuid(characters[i]).toString(), texts[i]);
            String upperCase = texts[i].toUpperCase(Locale.ROOT);
            requireSame(fields.uuid(upperCase.toCharArray()).toString(), texts[i]);
            requireSame(UUID.fromString(upperCase).toString(), texts[i]);
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
            sink.consume(UUID.fromString(text));
        }
    }
}
