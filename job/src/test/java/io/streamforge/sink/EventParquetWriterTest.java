package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.ParquetConfig;
import io.streamforge.config.ParquetConfig.Compression;
import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.config.ParquetConfig.PartitionTime;
import io.streamforge.event.Event;
import io.streamforge.event.Uuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the footer and the indices of a file offer to a reader that wants a part of it. */
class EventParquetWriterTest {

    private static final int ROWS = 60_000;

    @TempDir private Path directory;

    @Test
    void everyRowGroupHasStatisticsOfEveryColumn() throws IOException {
        try (ParquetFileReader file = open(write(3, 1 << 20, false))) {
            assertThat(file.getRowGroups()).hasSizeGreaterThan(3);
            long first = 0;
            for (BlockMetaData group : file.getRowGroups()) {
                long last = first + group.getRowCount() - 1;
                assertThat(group.getColumns()).hasSize(10);
                for (ColumnChunkMetaData column : group.getColumns()) {
                    assertThat(column.getStatistics().isNumNullsSet())
                            .as(column.toString())
                            .isTrue();
                    assertThat(
                                    column.getStatistics().hasNonNullValue()
                                            || column.getStatistics().getNumNulls()
                                                    == group.getRowCount())
                            .as(column.toString())
                            .isTrue();
                }
                ColumnChunkMetaData offsets = group.getColumns().get(9);
                assertThat((Object) offsets.getStatistics().genericGetMin()).isEqualTo(first);
                assertThat((Object) offsets.getStatistics().genericGetMax()).isEqualTo(last);
                first = last + 1;
            }
            assertThat(first).isEqualTo(ROWS);
        }
    }

    @Test
    void everyColumnHasAPageIndex() throws IOException {
        try (ParquetFileReader file = open(write(3, 16 << 20, false))) {
            for (BlockMetaData group : file.getRowGroups()) {
                for (ColumnChunkMetaData column : group.getColumns()) {
                    ColumnIndex values = file.readColumnIndex(column);
                    OffsetIndex pages = file.readOffsetIndex(column);
                    assertThat(values).as(column.toString()).isNotNull();
                    assertThat(pages.getPageCount()).isEqualTo(values.getNullPages().size());
                }
                // Pages of a range of offsets can be told from the others.
                OffsetIndex offsets = file.readOffsetIndex(group.getColumns().get(9));
                assertThat(offsets.getPageCount()).isGreaterThan(1);
                assertThat(offsets.getFirstRowIndex(1)).isPositive();
            }
        }
    }

    @Test
    void aHigherLevelIsSmaller() throws IOException {
        long fast = Files.size(write(1, 16 << 20, false));
        long small = Files.size(write(19, 16 << 20, false));

        assertThat(small).isLessThan(fast);
    }

    @Test
    void aBloomFilterKnowsTheIdsOfItsRowGroupAndHardlyAnyOther() throws IOException {
        try (ParquetFileReader file = open(write(3, 16 << 20, true))) {
            assertThat(file.getRowGroups()).hasSize(1);
            ColumnChunkMetaData ids = file.getRowGroups().get(0).getColumns().get(0);
            BloomFilter filter = file.readBloomFilter(ids);
            int wrong = 0;
            Random random = new Random(2);
            for (int i = 0; i < ROWS; i++) {
                assertThat(contains(filter, id(i))).isTrue();
                wrong += contains(filter, new UUID(random.nextLong(), i).toString()) ? 1 : 0;
            }
            assertThat(wrong).isLessThan(ROWS / 50);
        }
        try (ParquetFileReader file = open(write(3, 16 << 20, false))) {
            assertThat(file.readBloomFilter(file.getRowGroups().get(0).getColumns().get(0)))
                    .isNull();
        }
    }

    private static boolean contains(BloomFilter filter, String id) {
        return filter.findHash(filter.hash(Binary.fromString(id)));
    }

    private static String id(long offset) {
        return new UUID(offset * 0x9E3779B97F4A7C15L, offset).toString();
    }

    private Path write(int level, int rowGroupBytes, boolean bloomFilter) throws IOException {
        Path path = directory.resolve(level + "-" + rowGroupBytes + "-" + bloomFilter + ".parquet");
        ParquetConfig config =
                new ParquetConfig(
                        "unused",
                        Partition.DATE,
                        PartitionTime.EVENT,
                        ROWS,
                        128 << 20,
                        Compression.ZSTD,
                        level,
                        rowGroupBytes,
                        bloomFilter);
        try (ParquetWriter<Event> writer =
                EventParquetWriter.open(new LocalOutputFile(path), config, "1.2.3")) {
            for (long offset = 0; offset < ROWS; offset++) {
                Event event = SampleEvents.event(offset);
                writer.write(
                        new Event(
                                Uuid.parse(id(offset)),
                                event.eventType(),
                                event.occurredAtMicros(),
                                event.userId(),
                                null,
                                event.path(),
                                null,
                                event.processedAtMicros(),
                                event.raw()));
            }
        }
        return path;
    }

    private static ParquetFileReader open(Path path) throws IOException {
        return ParquetFileReader.open(
                new LocalInputFile(path),
                new ParquetReadOptions.Builder(new PlainParquetConfiguration())
                        .withCodecFactory(new ParquetCodecs())
                        .build());
    }
}
