package io.streamforge.sink;

import io.streamforge.config.ParquetConfig;
import io.streamforge.event.Event;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;

/**
 * Parquet's writer as the archive's files are written: columns, codec, encodings and row groups.
 * Refers to no class of Flink's and loads none of Hadoop's.
 */
public final class EventParquetWriter {

    /** Most that a row group's Bloom filter takes; Parquet halves it for fewer ids. */
    private static final int BLOOM_FILTER_BYTES = 512 << 10;

    /** What a Bloom filter holds in memory: candidates of every halved size at once. */
    static final int BLOOM_FILTER_MEMORY_BYTES = 2 * BLOOM_FILTER_BYTES;

    private static final String EVENT_ID = "event_id";

    private EventParquetWriter() {}

    /**
     * Opens a file.
     *
     * @param version of StreamForge, for the footer
     */
    public static ParquetWriter<Event> open(OutputFile file, ParquetConfig config, String version)
            throws IOException {
        return new Builder(file, version)
                .withConf(new PlainParquetConfiguration())
                .withCodecFactory(new ParquetCodecs(config.zstdLevel()))
                .withCompressionCodec(CompressionCodecName.valueOf(config.compression().name()))
                .withRowGroupSize((long) config.rowGroupBytes())
                .withBloomFilterEnabled(EVENT_ID, config.bloomFilter())
                .withAdaptiveBloomFilterEnabled(config.bloomFilter())
                .withMaxBloomFilterBytes(BLOOM_FILTER_BYTES)
                // Values that hardly repeat: a dictionary of them costs time and saves nothing.
                .withDictionaryEncoding(EVENT_ID, false)
                .withDictionaryEncoding("occurred_at", false)
                .withDictionaryEncoding("processed_at", false)
                .withDictionaryEncoding("src_offset", false)
                .build();
    }

    private static final class Builder extends ParquetWriter.Builder<Event, Builder> {

        private final String version;

        Builder(OutputFile file, String version) {
            super(file);
            this.version = version;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        protected WriteSupport<Event> getWriteSupport(ParquetConfiguration configuration) {
            return new EventWriteSupport(version);
        }

        /**
         * Parquet's older entry point, never called: the writer is given no Hadoop configuration.
         */
        @Override
        @SuppressWarnings("deprecation")
        protected WriteSupport<Event> getWriteSupport(Configuration configuration) {
            throw new UnsupportedOperationException("Parquet files are written without Hadoop");
        }
    }
}
