package io.streamforge.config;

import java.io.Serializable;

/**
 * The archive of validated events.
 *
 * @param root directory or URI under which partitions are written
 * @param partition what shares a directory
 * @param maxRows rows after which a file is rolled
 * @param maxBytes bytes after which a file is rolled
 * @param compression codec of the column chunks
 */
public record ParquetConfig(
        String root, Partition partition, long maxRows, long maxBytes, Compression compression)
        implements Serializable {

    /** What shares a directory, by the event's time in UTC. */
    public enum Partition {
        /** {@code dt=2024-01-15}. */
        DATE,
        /** {@code dt=2024-01-15/hour=07}. */
        HOUR
    }

    /** Codecs that common readers know. */
    public enum Compression {
        ZSTD,
        SNAPPY,
        GZIP,
        UNCOMPRESSED
    }
}
