package io.streamforge.config;

import java.io.Serializable;

/**
 * The archive of validated events.
 *
 * @param root directory or URI under which partitions are written
 * @param partition what shares a directory
 * @param partitionTime which of an event's times that goes by
 * @param maxRows rows after which a file is rolled
 * @param maxBytes bytes after which a file is rolled
 * @param compression codec of the column chunks
 * @param zstdLevel of the codec zstd
 * @param rowGroupBytes encoded columns that an open file gathers before it writes them
 * @param bloomFilter whether each row group has a Bloom filter of its event ids
 */
public record ParquetConfig(
        String root,
        Partition partition,
        PartitionTime partitionTime,
        long maxRows,
        long maxBytes,
        Compression compression,
        int zstdLevel,
        int rowGroupBytes,
        boolean bloomFilter)
        implements Serializable {

    /** What shares a directory, in UTC. */
    public enum Partition {
        /** {@code dt=2024-01-15}. */
        DATE,
        /** {@code dt=2024-01-15/hour=07}. */
        HOUR
    }

    /** Which time of an event decides on its directory. */
    public enum PartitionTime {
        /** {@code occurred_at}. */
        EVENT,
        /** {@code processed_at}. */
        PROCESSING
    }

    /** Codecs that common readers know. */
    public enum Compression {
        ZSTD,
        SNAPPY,
        GZIP,
        UNCOMPRESSED
    }
}
