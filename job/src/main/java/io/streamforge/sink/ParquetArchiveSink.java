package io.streamforge.sink;

import io.streamforge.config.ParquetConfig;
import io.streamforge.event.Event;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;

/**
 * Valid events to Parquet files under {@code dt=} partitions. Exactly once: a file becomes visible
 * when the checkpoint that covers it completes, so a file holds at most one checkpoint interval.
 */
public final class ParquetArchiveSink {

    private ParquetArchiveSink() {}

    /**
     * @param version of StreamForge, for the files' footers
     */
    public static Sink<Event> create(ParquetConfig parquet, String version) {
        TimeBucketAssigner buckets =
                new TimeBucketAssigner(parquet.partition(), parquet.partitionTime());
        ParquetParts parts =
                new ParquetParts(buckets, parquet, version, ParquetParts.memoryBytes(parquet));
        FileSink<Event> files =
                FileSink.forBulkFormat(new Path(parquet.root()), parts)
                        .withBucketAssigner(buckets)
                        .withRollingPolicy(parts.rollingPolicy())
                        .withOutputFileConfig(new OutputFileConfig("part", ".parquet"))
                        .build();
        return new CountedFileSink(files, parts);
    }
}
