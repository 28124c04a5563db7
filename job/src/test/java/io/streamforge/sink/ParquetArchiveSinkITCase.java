package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.ParquetConfig.Compression;
import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The files as a Flink job with checkpoints leaves them, read back with Parquet's own reader. */
class ParquetArchiveSinkITCase {

    private static final int PARALLELISM = 2;
    private static final long MIB = 1 << 20;

    private static final MessageType SCHEMA =
            MessageTypeParser.parseMessageType(
                    """
                    message io.streamforge.Event {
                      required binary event_id (STRING);
                      required binary event_type (STRING);
                      required int64 occurred_at (TIMESTAMP(MICROS,true));
                      required binary user_id (STRING);
                      optional int64 amount_cents;
                      optional binary path (STRING);
                      optional binary referrer (STRING);
                      required int64 processed_at (TIMESTAMP(MICROS,true));
                      required int32 src_partition;
                      required int64 src_offset;
                    }
                    """);

    @RegisterExtension
    private static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(PARALLELISM)
                            .build());

    @TempDir private Path directory;

    private Partition partition = Partition.DATE;

    @Test
    void aFileHoldsAtMostTheLimitOfRows() throws Exception {
        StreamExecutionEnvironment env = environment();
        env.setParallelism(1);
        Archive archive =
                write(env, 25_000, SampleEvents::event, 10_000, 128 * MIB, Compression.ZSTD);

        assertHasEachOffsetOnce(archive, 25_000);
        assertThat(archive.files.values().stream().map(List::size).sorted())
                .containsExactly(5_000, 10_000, 10_000);
    }

    @Test
    void aFileIsRolledWhenItsBytesAreUp() throws Exception {
        Archive archive =
                write(
                        20_000,
                        ParquetArchiveSinkITCase::incompressible,
                        1_000_000,
                        MIB,
                        Compression.UNCOMPRESSED);

        assertHasEachOffsetOnce(archive, 20_000);
        List<Long> sizes = new ArrayList<>();
        for (Path file : archive.files.keySet()) {
            sizes.add(Files.size(file));
        }
        assertThat(sizes).hasSizeBetween(5, 20);
        assertThat(sizes).allSatisfy(size -> assertThat(size).isLessThan(MIB * 5 / 4));
        // All but each subtask's last are full.
        assertThat(sizes.stream().filter(size -> size > MIB * 3 / 4))
                .hasSizeGreaterThanOrEqualTo(sizes.size() - PARALLELISM);
    }

    @Test
    void aCheckpointMakesFilesVisibleWithEachRowOnce() throws Exception {
        StreamExecutionEnvironment env = environment();
        env.enableCheckpointing(100);
        env.fromSource(
                        new DataGeneratorSource<>(
                                SampleEvents::event,
                                4_000,
                                RateLimiterStrategy.perSecond(2_000),
                                TypeInformation.of(Event.class)),
                        WatermarkStrategy.noWatermarks(),
                        "events")
                .sinkTo(sink(1_000_000, 128 * MIB, Compression.ZSTD));
        env.execute();

        Archive archive = read();

        assertHasEachOffsetOnce(archive, 4_000);
        assertThat(archive.files).hasSizeGreaterThan(2 * PARALLELISM);
    }

    @Test
    void partitionsAreTheEventsDatesInUtc() throws Exception {
        long day = 86_400_000_000L;
        List<Long> times =
                List.of(
                        -62_135_596_800_000_000L, // 0001-01-01T00:00:00Z
                        -62_135_596_800_000_000L + day - 1,
                        -1L, // 1969-12-31T23:59:59.999999Z
                        0L,
                        day - 1,
                        day,
                        1_709_164_800_000_000L, // 2024-02-29T00:00:00Z
                        253_402_300_799_999_999L); // 9999-12-31T23:59:59.999999Z
        List<Long> sent = new ArrayList<>(times);

        Archive archive =
                write(
                        times.size(),
                        offset -> SampleEvents.event(offset, sent.get(offset.intValue())),
                        10,
                        MIB,
                        Compression.ZSTD);

        Map<String, Set<Long>> timesByPartition = new TreeMap<>();
        archive.files.forEach(
                (file, rows) ->
                        rows.forEach(
                                row ->
                                        timesByPartition
                                                .computeIfAbsent(
                                                        file.getParent().getFileName().toString(),
                                                        partition -> new HashSet<>())
                                                .add(row.getLong("occurred_at", 0))));
        assertThat(timesByPartition)
                .isEqualTo(
                        Map.of(
                                "dt=0001-01-01", Set.of(times.get(0), times.get(1)),
                                "dt=1969-12-31", Set.of(times.get(2)),
                                "dt=1970-01-01", Set.of(times.get(3), times.get(4)),
                                "dt=1970-01-02", Set.of(times.get(5)),
                                "dt=2024-02-29", Set.of(times.get(6)),
                                "dt=9999-12-31", Set.of(times.get(7))));
    }

    @Test
    void hoursMayBeDirectories() throws Exception {
        partition = Partition.HOUR;
        long hour = 3_600_000_000L;

        Archive archive =
                write(
                        30,
                        offset -> SampleEvents.event(offset, offset * hour),
                        1_000,
                        MIB,
                        Compression.ZSTD);

        assertHasEachOffsetOnce(archive, 30);
        assertThat(archive.files.keySet())
                .extracting(file -> directory.relativize(file.getParent()).toString())
                .hasSize(30)
                .contains(
                        "dt=1970-01-01/hour=00", "dt=1970-01-01/hour=23", "dt=1970-01-02/hour=05");
    }

    /** Every event of this job opens a partition of its own. */
    @Test
    void manyPartitionsMayBeOpenAtOnce() throws Exception {
        long day = 86_400_000_000L;

        Archive archive =
                write(
                        200,
                        offset -> SampleEvents.event(offset, offset * day),
                        1_000,
                        128 * MIB,
                        Compression.ZSTD);

        assertHasEachOffsetOnce(archive, 200);
        assertThat(archive.files).hasSize(200);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void everyCodecGivesTheSameRowsBack(Compression compression) throws Exception {
        Archive archive = write(3, ParquetArchiveSinkITCase::extreme, 1_000, MIB, compression);

        Map<Long, String> rows = new TreeMap<>();
        archive.rows().forEach(row -> rows.put(row.getLong("src_offset", 0), text(row)));
        assertThat(rows.values())
                .containsExactly(
                        SampleEvents.eventId(0)
                                + "|PURCHASE|-1|"
                                + SampleEvents.eventId(9)
                                + "|9223372036854775807|/päth/😀|https://example.org/|1|2147483647|0",
                        SampleEvents.eventId(1)
                                + "|VIEW|-1|"
                                + SampleEvents.eventId(9)
                                + "|null|null|null|2|0|1",
                        SampleEvents.eventId(2)
                                + "|CLICK|-1|"
                                + SampleEvents.eventId(9)
                                + "|0|/|r|3|1|2");
        assertThat(archive.codecs)
                .containsExactly(CompressionCodecName.valueOf(compression.name()));
    }

    @Test
    void theFooterTellsSchemaVersionAndOffsets() throws Exception {
        StreamExecutionEnvironment env = environment();
        env.setParallelism(1);
        Archive archive =
                write(
                        env,
                        300,
                        offset -> inPartition((int) (offset % 3), offset),
                        1_000,
                        MIB,
                        Compression.ZSTD);

        assertThat(archive.footers).hasSize(1);
        assertThat(archive.footers.get(0).getFileMetaData().getSchema()).isEqualTo(SCHEMA);
        assertThat(archive.footers.get(0).getFileMetaData().getKeyValueMetaData())
                .containsEntry("streamforge.version", "1.2.3")
                .containsEntry("streamforge.offsets", "0:0-297,1:1-298,2:2-299")
                .containsKey("parquet.avro.schema");
    }

    private static void assertHasEachOffsetOnce(Archive archive, int rows) {
        assertThat(archive.rows().map(row -> row.getLong("src_offset", 0)).sorted())
                .isEqualTo(LongStream.range(0, rows).boxed().toList());
    }

    private static Event incompressible(long offset) {
        Event event = SampleEvents.event(offset);
        String noise =
                UUID.nameUUIDFromBytes(event.raw().value()).toString().repeat(14).substring(0, 500);
        return new Event(
                event.eventId(),
                event.eventType(),
                event.occurredAtMicros(),
                event.userId(),
                null,
                "/" + noise,
                null,
                event.processedAtMicros(),
                event.raw());
    }

    private static Event extreme(long offset) {
        RawEvent raw =
                new RawEvent(
                        null,
                        new byte[0],
                        List.of(),
                        "events",
                        List.of(Integer.MAX_VALUE, 0, 1).get((int) offset),
                        offset,
                        0);
        return new Event(
                SampleEvents.eventId(offset),
                List.of(EventType.PURCHASE, EventType.VIEW, EventType.CLICK).get((int) offset),
                -1,
                SampleEvents.eventId(9),
                Arrays.asList(Long.MAX_VALUE, null, 0L).get((int) offset),
                Arrays.asList("/päth/😀", null, "/").get((int) offset),
                Arrays.asList("https://example.org/", null, "r").get((int) offset),
                offset + 1,
                raw);
    }

    private static Event inPartition(int partition, long offset) {
        Event event = SampleEvents.event(offset);
        return new Event(
                event.eventId(),
                event.eventType(),
                event.occurredAtMicros(),
                event.userId(),
                null,
                null,
                null,
                event.processedAtMicros(),
                new RawEvent(null, new byte[0], List.of(), "events", partition, offset, 0));
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(PARALLELISM);
        return env;
    }

    private Archive write(
            int rows,
            GeneratorFunction<Long, Event> events,
            long maxRows,
            long maxBytes,
            Compression compression)
            throws Exception {
        return write(environment(), rows, events, maxRows, maxBytes, compression);
    }

    /** Runs to the end; the only checkpoint is the last one, so files roll by size alone. */
    private Archive write(
            StreamExecutionEnvironment env,
            int rows,
            GeneratorFunction<Long, Event> events,
            long maxRows,
            long maxBytes,
            Compression compression)
            throws Exception {
        env.enableCheckpointing(600_000);
        env.fromSource(
                        new DataGeneratorSource<>(events, rows, TypeInformation.of(Event.class)),
                        WatermarkStrategy.noWatermarks(),
                        "events")
                .sinkTo(sink(maxRows, maxBytes, compression));
        env.execute();
        return read();
    }

    private Sink<Event> sink(long maxRows, long maxBytes, Compression compression) {
        return ParquetArchiveSink.create(
                SampleEvents.config(
                        directory.toString(), partition, maxRows, maxBytes, compression),
                "1.2.3");
    }

    /** All that is below the root, which is all readable Parquet. */
    private Archive read() throws IOException {
        Archive archive = new Archive();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            assertThat(directory.relativize(file).toString())
                    .matches(
                            "dt=\\d{4}-\\d{2}-\\d{2}(/hour=\\d{2})?/part-[0-9a-f-]+-\\d+\\.parquet");
            archive.add(file);
        }
        return archive;
    }

    private static String text(Group row) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < SCHEMA.getFieldCount(); i++) {
            columns.add(row.getFieldRepetitionCount(i) == 0 ? "null" : row.getValueToString(i, 0));
        }
        return String.join("|", columns);
    }

    /** What was found: rows by file, footers, codecs. */
    private static final class Archive {

        private final Map<Path, List<Group>> files = new TreeMap<>();
        private final List<ParquetMetadata> footers = new ArrayList<>();
        private final Set<CompressionCodecName> codecs = new HashSet<>();

        void add(Path file) throws IOException {
            ParquetReadOptions options =
                    new ParquetReadOptions.Builder(new PlainParquetConfiguration())
                            .withCodecFactory(new ParquetCodecs())
                            .build();
            List<Group> rows = new ArrayList<>();
            try (ParquetFileReader reader =
                    ParquetFileReader.open(new LocalInputFile(file), options)) {
                footers.add(reader.getFooter());
                reader.getRowGroups()
                        .forEach(
                                group ->
                                        group.getColumns()
                                                .forEach(column -> codecs.add(column.getCodec())));
                PageReadStore pages;
                while ((pages = reader.readNextRowGroup()) != null) {
                    RecordReader<Group> records =
                            new ColumnIOFactory()
                                    .getColumnIO(SCHEMA)
                                    .getRecordReader(pages, new GroupRecordConverter(SCHEMA));
                    for (long row = 0; row < pages.getRowCount(); row++) {
                        rows.add(records.read());
                    }
                }
            }
            files.put(file, rows);
        }

        Stream<Group> rows() {
            return files.values().stream().flatMap(List::stream);
        }
    }
}
