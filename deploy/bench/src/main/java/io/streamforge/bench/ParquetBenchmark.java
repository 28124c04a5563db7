package io.streamforge.bench;

import io.streamforge.config.ParquetConfig;
import io.streamforge.config.Settings;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.event.Event;
import io.streamforge.sink.EventParquetWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.codec.ZstandardCodec;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;

/**
 * From events to a whole Parquet file in memory: the archive's writer beside Avro's, with the same
 * schema, zstd level, row groups and dictionaries. Avro's takes generic records, and making one of
 * an event is part of its work; its zstd is the one that Parquet brings along for Hadoop.
 */
@OperationsPerInvocation(ParquetBenchmark.EVENTS)
public class ParquetBenchmark extends EventBenchmark {

    static final int EVENTS = 50_000;

    private static final int ROOM = 16 << 20;

    private final ParquetConfig config =
            StreamForgeConfig.withoutPostgres(Settings.read(new String[0], Map.of())).parquet();
    private final Schema schema;
    private final MemoryFile file = new MemoryFile(ROOM);
    private final String[] eventIds = new String[EVENTS];
    private final String[] userIds = new String[EVENTS];

    public ParquetBenchmark() {
        super(EVENTS);
        // Avro's record has texts, which are not charged to it.
        Arrays.setAll(eventIds, i -> events.get(i).eventId().toString());
        Arrays.setAll(userIds, i -> events.get(i).userId().toString());
        try (InputStream source = EventParquetWriter.class.getResourceAsStream("event.avsc")) {
            schema = new Schema.Parser().parse(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Setup
    public void check() throws IOException {
        streamForge();
        List<GenericRecord> ours = read();
        avro();
        requireSame(ours, read());
        requireSame(ours.size(), EVENTS);
    }

    private List<GenericRecord> read() throws IOException {
        Path copy = Files.createTempFile("streamforge-bench", ".parquet");
        try {
            Files.write(copy, file.bytes());
            List<GenericRecord> records = new ArrayList<>();
            try (ParquetReader<GenericRecord> reader =
                    AvroParquetReader.<GenericRecord>builder(
                                    new LocalInputFile(copy), new PlainParquetConfiguration())
                            .build()) {
                for (GenericRecord record = reader.read(); record != null; record = reader.read()) {
                    records.add(record);
                }
            }
            return records;
        } finally {
            Files.delete(copy);
        }
    }

    @Benchmark
    public MemoryFile streamForge() throws IOException {
        try (ParquetWriter<Event> writer = EventParquetWriter.open(file, config, "bench")) {
            for (Event event : events) {
                writer.write(event);
            }
        }
        return file;
    }

    @Benchmark
    public MemoryFile avro() throws IOException {
        try (ParquetWriter<GenericRecord> writer = avroWriter()) {
            for (int i = 0; i < EVENTS; i++) {
                writer.write(record(i));
            }
        }
        return file;
    }

    private ParquetWriter<GenericRecord> avroWriter() throws IOException {
        ParquetConfiguration settings = new PlainParquetConfiguration();
        settings.setInt(ZstandardCodec.PARQUET_COMPRESS_ZSTD_LEVEL, config.zstdLevel());
        return AvroParquetWriter.<GenericRecord>builder(file)
                .withConf(settings)
                .withSchema(schema)
                .withDataModel(GenericData.get())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withRowGroupSize((long) config.rowGroupBytes())
                .withDictionaryEncoding("event_id", false)
                .withDictionaryEncoding("occurred_at", false)
                .withDictionaryEncoding("processed_at", false)
                .withDictionaryEncoding("src_offset", false)
                .build();
    }

    private GenericRecord record(int number) {
        Event event = events.get(number);
        GenericRecord record = new GenericData.Record(schema);
        record.put(0, eventIds[number]);
        record.put(1, event.eventType().name());
        record.put(2, event.occurredAtMicros());
        record.put(3, userIds[number]);
        record.put(4, event.amountCents());
        record.put(5, event.path());
        record.put(6, event.referrer());
        record.put(7, event.processedAtMicros());
        record.put(8, event.raw().partition());
        record.put(9, event.raw().offset());
        return record;
    }
}
