package io.streamforge.account;

/**
 * What the stores hold of one partition of the input topic, by number only.
 *
 * @param partition its number
 * @param consumed messages that a {@code read_committed} consumer returns
 * @param parquetRows rows in Parquet, repeats included
 * @param rejected distinct messages dead-lettered by decode or validate
 * @param refused distinct messages dead-lettered by the store
 * @param tableRows rows of the table
 */
public record PartitionCounts(
        int partition,
        long consumed,
        long parquetRows,
        long rejected,
        long refused,
        long tableRows) {

    /** Consumed, but neither in Parquet nor dead-lettered; negative where something is twice. */
    public long missing() {
        return consumed - parquetRows - rejected;
    }

    /** Nothing is missing, and the table has no more rows than Parquet. */
    public boolean balanced() {
        return missing() == 0 && tableRows <= parquetRows;
    }
}
