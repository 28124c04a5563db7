package io.streamforge.config;

import java.io.Serializable;

/**
 * The archive of validated events.
 *
 * @param root directory or URI under which partitions are written
 * @param maxRows rows after which a file is rolled
 * @param maxBytes bytes after which a file is rolled
 * @param compression codec of the column chunks
 */
public record ParquetConfig(String root, long maxRows, long maxBytes, Compression compression)
        implements Serializable {

    /** Codecs that common readers know. */
    public enum Compression {
        ZSTD,
        SNAPPY,
        GZIP,
        UNCOMPRESSED
    }
}
