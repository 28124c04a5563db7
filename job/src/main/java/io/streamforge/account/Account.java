package io.streamforge.account;

import java.util.List;

/**
 * Where every consumed message ended, counted by distinct (partition, offset).
 *
 * @param consumed messages that a {@code read_committed} consumer returns between the beginning and
 *     the committed offsets
 * @param stored the table has a row with exactly these coordinates
 * @param superseded valid, and another message won its {@code event_id}; only those for which the
 *     stores prove it
 * @param deadLettered in the dead-letter or the parking topic, and not in the table
 * @param overlap dead-lettered and in the table as well; counted as stored
 * @param parquetRows rows in Parquet between the beginning and the committed offsets, repeats
 *     included
 * @param parquetFiles visible Parquet files with at least one such row
 * @param discrepancies every broken rule with the messages that break it
 * @param partitions the same by partition, in order
 */
public record Account(
        long consumed,
        long stored,
        long superseded,
        long deadLettered,
        long overlap,
        long parquetRows,
        int parquetFiles,
        List<Discrepancy> discrepancies,
        List<PartitionAccount> partitions) {

    public Account {
        discrepancies = List.copyOf(discrepancies);
        partitions = List.copyOf(partitions);
    }

    /** Every broken rule in words, each with the first few {@code partition@offset}. */
    public List<String> findings() {
        return discrepancies.stream().map(Discrepancy::toString).toList();
    }

    /** No finding, and every consumed message is in exactly one class. */
    public boolean balanced() {
        return discrepancies.isEmpty() && consumed == stored + superseded + deadLettered;
    }

    /** The numbers in one line, for people and for scripts. */
    public String line() {
        return "consumed="
                + consumed
                + " stored="
                + stored
                + " superseded="
                + superseded
                + " dead_lettered="
                + deadLettered
                + " parquet_rows="
                + parquetRows
                + " parquet_files="
                + parquetFiles;
    }
}
