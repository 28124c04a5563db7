package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.ParquetConfig.Compression;
import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.config.ParquetConfig.PartitionTime;
import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.Uuid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.streaming.api.functions.sink.filesystem.PartFileInfo;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of all open parts together. What FileSink makes of them has its own test. */
class ParquetPartsTest {

    private static final long MEMORY_BYTES = 1 << 20;
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    @TempDir private Path directory;

    private final TimeBucketAssigner buckets =
            new TimeBucketAssigner(Partition.DATE, PartitionTime.EVENT);
    private final ParquetParts parts =
            new ParquetParts(
                    buckets,
                    SampleEvents.config(
                            "unused", Partition.DATE, 1_000_000, 128 << 20, Compression.ZSTD),
                    "test",
                    MEMORY_BYTES);
    private final Map<String, BulkWriter<Event>> open = new HashMap<>();
    private final Map<String, FSDataOutputStream> streams = new HashMap<>();
    private int files;

    @Test
    void staysBoundedWithManyDatesBetweenTwoCheckpoints() throws IOException {
        long peak = 0;
        int events = 0;
        for (int round = 0; round < 5; round++) {
            for (int day = 0; day < 500; day++) {
                add(event(day, events++));
                peak = Math.max(peak, parts.memory());
            }
        }
        checkpoint();

        assertThat(peak).isGreaterThan(MEMORY_BYTES / 2);
        assertThat(peak).isLessThan(MEMORY_BYTES + 100_000);
        assertThat(parts.memory()).isZero();
        assertThat(rowsInFiles()).isEqualTo(events);
    }

    @Test
    void finishesTheLargestPartFirst() throws IOException {
        int events = 0;
        for (int day = 0; day < 50; day++) {
            add(event(day, events++));
        }
        while (parts.memory() < MEMORY_BYTES - 100_000) {
            add(largeEvent(99, events++));
        }
        int before = files;
        for (int i = 0; i < 10; i++) {
            add(largeEvent(99, events++));
        }
        assertThat(files).as("the large date went on in a new file").isEqualTo(before + 1);
        for (int day = 0; day < 50; day++) {
            add(event(day, events++));
        }
        assertThat(files).as("the small dates did not").isEqualTo(before + 1);
        checkpoint();
        assertThat(rowsInFiles()).isEqualTo(events);
    }

    /** As FileSink does: asks the policy, finishes the part, opens the next. */
    private void add(Event event) throws IOException {
        String bucket = buckets.getBucketId(event, null);
        BulkWriter<Event> part = open.get(bucket);
        if (part != null && parts.rollingPolicy().shouldRollOnEvent(new Info(bucket), event)) {
            finish(bucket);
            part = null;
        }
        if (part == null) {
            org.apache.flink.core.fs.Path file =
                    new org.apache.flink.core.fs.Path(
                            directory.resolve("part-" + files++ + ".parquet").toUri());
            FSDataOutputStream stream =
                    FileSystem.getLocalFileSystem().create(file, WriteMode.NO_OVERWRITE);
            streams.put(bucket, stream);
            part = parts.create(stream);
            open.put(bucket, part);
        }
        part.addElement(event);
    }

    private void finish(String bucket) throws IOException {
        open.remove(bucket).finish();
        streams.remove(bucket).close();
    }

    private void checkpoint() throws IOException {
        for (String bucket : List.copyOf(open.keySet())) {
            finish(bucket);
        }
    }

    private long rowsInFiles() throws IOException {
        long rows = 0;
        for (int i = 0; i < files; i++) {
            Path file = directory.resolve("part-" + i + ".parquet");
            try (ParquetFileReader reader =
                    ParquetFileReader.open(
                            new LocalInputFile(file),
                            new ParquetReadOptions.Builder(new PlainParquetConfiguration())
                                    .withCodecFactory(new ParquetCodecs())
                                    .build())) {
                rows += reader.getRecordCount();
            }
        }
        return rows;
    }

    private static Event event(int day, int offset) {
        return event(day, offset, "/");
    }

    private static Event largeEvent(int day, int offset) {
        return event(day, offset, "/" + offset + "x".repeat(20_000));
    }

    private static Event event(int day, int offset, String path) {
        return new Event(
                new Uuid(0, offset),
                EventType.VIEW,
                day * MICROS_PER_DAY,
                new Uuid(0, 1),
                null,
                path,
                null,
                0,
                new RawEvent(null, new byte[200], List.of(), "in", 0, offset, 0));
    }

    /** What FileSink tells a policy of a part; only the bucket is looked at. */
    private record Info(String bucket) implements PartFileInfo<String> {
        @Override
        public String getBucketId() {
            return bucket;
        }

        @Override
        public long getCreationTime() {
            return 0;
        }

        @Override
        public long getSize() {
            return 4;
        }

        @Override
        public long getLastUpdateTime() {
            return 0;
        }
    }
}
