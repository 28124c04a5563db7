package io.streamforge.sink;

import io.streamforge.config.ParquetConfig;
import io.streamforge.config.ParquetConfig.Compression;
import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.config.ParquetConfig.PartitionTime;
import io.streamforge.event.Event;
import java.nio.file.Path;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.local.LocalDataOutputStream;

/** Writes a file in every codec, with the sink's own writers, in a Java process of its own. */
public final class WriteParquet {

    /** Rows in each file. */
    public static final int ROWS = 1_000;

    private WriteParquet() {}

    /**
     * @param args the directory to write to
     */
    public static void main(String[] args) throws Exception {
        for (Compression compression : Compression.values()) {
            ParquetConfig config =
                    SampleEvents.config(args[0], Partition.DATE, ROWS, 1 << 20, compression);
            ParquetParts parts =
                    new ParquetParts(
                            new TimeBucketAssigner(Partition.DATE, PartitionTime.EVENT),
                            config,
                            "1.2.3",
                            ParquetParts.memoryBytes(config));
            Path file = Path.of(args[0], compression + ".parquet");
            try (FSDataOutputStream out = new LocalDataOutputStream(file.toFile())) {
                BulkWriter<Event> writer = parts.create(out);
                for (int offset = 0; offset < ROWS; offset++) {
                    writer.addElement(SampleEvents.event(offset));
                }
                writer.finish();
            }
        }
    }
}
