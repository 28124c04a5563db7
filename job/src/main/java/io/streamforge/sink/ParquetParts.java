package io.streamforge.sink;

import io.streamforge.config.ParquetConfig;
import io.streamforge.event.Event;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.formats.parquet.ParquetWriterFactory;
import org.apache.flink.streaming.api.functions.sink.filesystem.PartFileInfo;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.CheckpointRollingPolicy;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.OutputFile;

/**
 * Opens part files, knows how full each is, and keeps the memory of all of them together bounded.
 *
 * <p><b>Full.</b> The rolling policy's {@link PartFileInfo} has only the stream's position, which
 * stays near zero until Parquet writes a row group. So one object makes the writers and counts for
 * the policy, by bucket. Writers and policy meet in one object in one subtask, since they are
 * serialised together with the sink.
 *
 * <p><b>Bounded.</b> FileSink opens a file for every date that occurs between two checkpoints, and
 * none can be closed before its own next event. So a part first holds its events as they are, since
 * Parquet's columns cost far more than a few events do; and when all parts of the subtask together
 * reach their bound, the largest is finished early: its content is written and its memory given
 * back, and its bucket's next event begins a new file.
 */
final class ParquetParts implements BulkWriter.Factory<Event> {

    private static final long serialVersionUID = 1L;

    private static final long LEAST_MEMORY_BYTES = 64L << 20;

    /** The columns' buffers grow by doubling, and one other part is to fit beside a full one. */
    private static final long ROW_GROUPS_IN_MEMORY = 4;

    /** A part opens Parquet's columns at this many events. */
    private static final int HELD_EVENTS = 1_000;

    /** Parquet's columns before their first value, and its buffers, measured. */
    private static final long COLUMNS_BYTES = 256 << 10;

    /** An event's objects, without the bytes of its texts. */
    private static final long EVENT_BYTES = 500;

    /** Asking Parquet for its size walks all columns, so it is asked now and then. */
    private static final int ROWS_BETWEEN_SIZE_CHECKS = 100;

    private final TimeBucketAssigner buckets;
    private final ParquetConfig config;
    private final String version;
    private final long memoryBytes;
    private transient Map<String, Part> open;
    private transient long memory;
    private transient PartCounters counters;

    /**
     * @param memoryBytes what the open parts of one subtask may hold, see {@link #memoryBytes}
     */
    ParquetParts(
            TimeBucketAssigner buckets, ParquetConfig config, String version, long memoryBytes) {
        this.buckets = buckets;
        this.config = config;
        this.version = version;
        this.memoryBytes = memoryBytes;
    }

    /** What the open parts of one subtask may hold in memory, as estimated. */
    static long memoryBytes(ParquetConfig config) {
        return Math.max(LEAST_MEMORY_BYTES, ROW_GROUPS_IN_MEMORY * config.rowGroupBytes());
    }

    @Override
    public BulkWriter<Event> create(FSDataOutputStream out) {
        return new Part(out);
    }

    /** Counts the files that are finished from now on. */
    void count(PartCounters finished) {
        counters = finished;
    }

    private Map<String, Part> open() {
        if (open == null) {
            open = new HashMap<>();
        }
        return open;
    }

    /** Bytes that the open parts hold, as estimated. */
    long memory() {
        return memory;
    }

    private void finishLargest() throws IOException {
        open().values().stream().max(Comparator.comparingLong(part -> part.memory)).get().seal();
    }

    /** Rolls a part when it is full, and every part at a checkpoint. */
    CheckpointRollingPolicy<Event, String> rollingPolicy() {
        return new Policy(this);
    }

    private static final class Policy extends CheckpointRollingPolicy<Event, String> {

        private static final long serialVersionUID = 1L;

        private final ParquetParts parts;

        Policy(ParquetParts parts) {
            this.parts = parts;
        }

        @Override
        public boolean shouldRollOnEvent(PartFileInfo<String> info, Event next) {
            Part part = parts.open().get(info.getBucketId());
            return part != null && part.full;
        }

        @Override
        public boolean shouldRollOnProcessingTime(PartFileInfo<String> info, long now) {
            return false;
        }
    }

    /** One file from its first event to its footer. */
    private final class Part implements BulkWriter<Event> {

        private FSDataOutputStream out;
        private List<Event> held = new ArrayList<>();
        private BulkWriter<Event> columns;
        private ParquetWriter<Event> parquet;
        private String bucket;
        private long rows;
        private long memory;
        private boolean sealed;
        private boolean full;

        Part(FSDataOutputStream out) {
            this.out = out;
        }

        @Override
        public void addElement(Event event) throws IOException {
            if (bucket == null) {
                bucket = buckets.getBucketId(event, null);
                open().put(bucket, this);
            }
            rows++;
            if (columns == null) {
                held.add(event);
                holds(memory + EVENT_BYTES + textBytes(event));
                if (held.size() == HELD_EVENTS) {
                    openColumns();
                }
            } else {
                columns.addElement(event);
                holds(memory + textBytes(event));
                if (rows % ROWS_BETWEEN_SIZE_CHECKS == 0) {
                    measure();
                }
            }
            full |= rows >= config.maxRows();
            if (ParquetParts.this.memory > memoryBytes) {
                finishLargest();
            }
        }

        private static long textBytes(Event event) {
            long bytes = event.raw().value().length;
            bytes += event.raw().key() == null ? 0 : event.raw().key().length;
            bytes += event.path() == null ? 0 : event.path().length();
            return bytes + (event.referrer() == null ? 0 : event.referrer().length());
        }

        private void openColumns() throws IOException {
            out = new BufferedPartStream(out);
            columns = new ParquetWriterFactory<Event>(this::parquetWriter).create(out);
            for (Event event : held) {
                columns.addElement(event);
            }
            held = List.of();
            measure();
        }

        private ParquetWriter<Event> parquetWriter(OutputFile file) throws IOException {
            parquet = EventParquetWriter.open(file, config, version);
            return parquet;
        }

        private void measure() throws IOException {
            long written = parquet.getDataSize();
            full |= written >= config.maxBytes();
            // Twice: the columns' buffers grow by doubling.
            holds(columnsBytes() + 2 * Math.max(0, written - out.getPos()));
        }

        private long columnsBytes() {
            return config.bloomFilter()
                    ? COLUMNS_BYTES + EventParquetWriter.BLOOM_FILTER_MEMORY_BYTES
                    : COLUMNS_BYTES;
        }

        private void holds(long bytes) {
            ParquetParts.this.memory += bytes - memory;
            memory = bytes;
        }

        /** Writes all that it holds and the footer; what comes next to its bucket is a new file. */
        void seal() throws IOException {
            if (columns == null) {
                openColumns();
            }
            columns.finish();
            out.flush();
            if (counters != null) {
                counters.finished(rows, out.getPos());
            }
            out = null;
            columns = null;
            parquet = null;
            holds(0);
            sealed = true;
            full = true;
        }

        @Override
        public void flush() {
            // Parquet has nothing to flush before its footer.
        }

        @Override
        public void finish() throws IOException {
            if (!sealed) {
                seal();
            }
            open().remove(bucket, this);
        }
    }
}
