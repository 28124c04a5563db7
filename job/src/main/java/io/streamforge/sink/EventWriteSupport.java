package io.streamforge.sink;

import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.Uuid;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroSchemaConverter;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * Writes an event's fields straight into Parquet's columns: no generic record between, no
 * reflection. The columns come from the Avro schema {@code event.avsc}, which also goes into the
 * file's footer, together with the version and the range of offsets that the file holds.
 */
final class EventWriteSupport extends WriteSupport<Event> {

    /** Footer key: the version of StreamForge that wrote the file. */
    static final String VERSION_KEY = "streamforge.version";

    /** Footer key: {@code partition:first-last} for each partition, comma-separated. */
    static final String OFFSETS_KEY = "streamforge.offsets";

    private static final Schema AVRO = avroSchema();
    private static final MessageType PARQUET =
            new AvroSchemaConverter(new PlainParquetConfiguration()).convert(AVRO);

    private static final int USUAL_TEXT_BYTES = 256;

    private static final Binary[] TYPES =
            Arrays.stream(EventType.values())
                    .map(type -> binary(type.name()))
                    .toArray(Binary[]::new);

    private final String version;
    private final Map<Integer, long[]> offsets = new TreeMap<>();
    private RecordConsumer columns;
    private byte[] buffer = new byte[USUAL_TEXT_BYTES];

    EventWriteSupport(String version) {
        this.version = version;
    }

    private static Schema avroSchema() {
        try (InputStream source = EventWriteSupport.class.getResourceAsStream("event.avsc")) {
            return new Schema.Parser().parse(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
        return new WriteContext(
                PARQUET, Map.of("parquet.avro.schema", AVRO.toString(), VERSION_KEY, version));
    }

    /** Parquet's older entry point; the writer here is never given a Hadoop configuration. */
    @Override
    @SuppressWarnings("deprecation")
    public WriteContext init(Configuration configuration) {
        throw new UnsupportedOperationException("Parquet files are written without Hadoop");
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
        columns = recordConsumer;
    }

    @Override
    public void write(Event event) {
        columns.startMessage();
        uuid("event_id", 0, event.eventId());
        binary("event_type", 1, TYPES[event.eventType().ordinal()]);
        number("occurred_at", 2, event.occurredAtMicros());
        uuid("user_id", 3, event.userId());
        if (event.amountCents() != null) {
            number("amount_cents", 4, event.amountCents());
        }
        text("path", 5, event.path());
        text("referrer", 6, event.referrer());
        number("processed_at", 7, event.processedAtMicros());
        int partition = event.raw().partition();
        columns.startField("src_partition", 8);
        columns.addInteger(partition);
        columns.endField("src_partition", 8);
        long offset = event.raw().offset();
        number("src_offset", 9, offset);
        columns.endMessage();

        long[] range = offsets.get(partition);
        if (range == null) {
            range = new long[] {offset, offset};
            offsets.put(partition, range);
        }
        range[0] = Math.min(range[0], offset);
        range[1] = Math.max(range[1], offset);
    }

    private void uuid(String name, int index, Uuid value) {
        value.writeTo(buffer);
        binary(name, index, Binary.fromReusedByteArray(buffer, 0, Uuid.TEXT_LENGTH));
    }

    private void text(String name, int index, String value) {
        if (value != null) {
            binary(name, index, encoded(value));
        }
    }

    /** In a buffer that serves every text: Parquet copies what it keeps. */
    private Binary encoded(String value) {
        int length = value.length();
        if (buffer.length < length) {
            buffer = new byte[Math.max(length, 2 * buffer.length)];
        }
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                return binary(value);
            }
            buffer[i] = (byte) c;
        }
        return Binary.fromReusedByteArray(buffer, 0, length);
    }

    /** Not {@link Binary#fromString}, which wraps each value into a buffer more. */
    private static Binary binary(String value) {
        return Binary.fromConstantByteArray(value.getBytes(StandardCharsets.UTF_8));
    }

    private void binary(String name, int index, Binary value) {
        columns.startField(name, index);
        columns.addBinary(value);
        columns.endField(name, index);
    }

    private void number(String name, int index, long value) {
        columns.startField(name, index);
        columns.addLong(value);
        columns.endField(name, index);
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
        String ranges =
                offsets.entrySet().stream()
                        .map(e -> e.getKey() + ":" + e.getValue()[0] + "-" + e.getValue()[1])
                        .collect(Collectors.joining(","));
        return new FinalizedWriteContext(Map.of(OFFSETS_KEY, ranges));
    }
}
