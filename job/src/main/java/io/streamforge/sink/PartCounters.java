package io.streamforge.sink;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Files of the archive as they are finished: {@code stream_parquet_files_total}, {@code
 * stream_parquet_rows_total} and {@code stream_parquet_flush_bytes_total}. They become visible with
 * the checkpoint that follows.
 */
final class PartCounters {

    private final Counter files;
    private final Counter rows;
    private final Counter bytes;

    PartCounters(MetricGroup metrics) {
        files = metrics.counter("stream_parquet_files_total");
        rows = metrics.counter("stream_parquet_rows_total");
        bytes = metrics.counter("stream_parquet_flush_bytes_total");
    }

    void finished(long rowsInIt, long bytesInIt) {
        files.inc();
        rows.inc(rowsInIt);
        bytes.inc(bytesInIt);
    }
}
