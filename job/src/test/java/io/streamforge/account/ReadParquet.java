package io.streamforge.account;

import java.nio.file.Path;

/** Counts the distinct offsets in Parquet files, in a Java process of its own. */
public final class ReadParquet {

    private ReadParquet() {}

    /** Prints one number for each file that is named. */
    public static void main(String[] args) throws Exception {
        for (String file : args) {
            OffsetSet offsets = new OffsetSet();
            new ParquetRows(Path.of(file)).coordinates(offsets::add);
            System.out.println(offsets.size());
        }
    }
}
