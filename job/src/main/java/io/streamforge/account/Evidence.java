package io.streamforge.account;

/**
 * What the stores hold of the window, each as a set of coordinates, and the set algebra that makes
 * an account of it.
 *
 * @param consumed returned by a {@code read_committed} consumer
 * @param parquet with a row in Parquet: the valid ones
 * @param parquetRepeats with more than one row in Parquet
 * @param rejected dead-lettered by decode or validate
 * @param refused dead-lettered by the store: valid, but the database refused the row
 * @param table with a row in the table
 * @param tableRepeats with more than one row in the table
 */
record Evidence(
        OffsetSet consumed,
        OffsetSet parquet,
        OffsetSet parquetRepeats,
        OffsetSet rejected,
        OffsetSet refused,
        OffsetSet table,
        OffsetSet tableRepeats) {

    OffsetSet stored() {
        return table.and(consumed);
    }

    OffsetSet deadLettered() {
        return deadLetters().and(consumed).andNot(table);
    }

    /** Dead-lettered and stored: a constraint that came and went. */
    OffsetSet overlap() {
        return deadLetters().and(consumed).and(table);
    }

    /** Valid, in no other class: superseded if another message proves to have won. */
    OffsetSet supersededCandidates() {
        return parquet.and(consumed).andNot(table).andNot(deadLetters());
    }

    /** Consumed, but neither in Parquet nor dead-lettered by decode or validate. */
    OffsetSet neither() {
        return consumed.andNot(parquet).andNot(rejected);
    }

    /** What the sets alone show; {@link #neither} is left to the caller. */
    void check(Findings findings) {
        findings.add(Store.PARQUET, "in Parquet, but not consumed", parquet.andNot(consumed));
        findings.add(
                Store.DEAD_LETTERS,
                "dead-lettered, but not consumed",
                deadLetters().andNot(consumed));
        findings.add(
                Store.PARQUET,
                "in Parquet and dead-lettered by decode or validate as well",
                parquet.and(rejected));
        findings.add(Store.PARQUET, "more than once in Parquet", parquetRepeats);
        findings.add(Store.PARQUET, "in the table, but not in Parquet", table.andNot(parquet));
        findings.add(Store.POSTGRES, "in more than one row of the table", tableRepeats);
    }

    private OffsetSet deadLetters() {
        return rejected.or(refused);
    }
}
