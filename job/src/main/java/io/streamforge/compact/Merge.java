package io.streamforge.compact;

import io.streamforge.account.ParquetRows;
import io.streamforge.config.ParquetConfig;
import io.streamforge.event.Event;
import io.streamforge.sink.EventParquetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.parquet.ParquetRuntimeException;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;

/**
 * Writes the rows of several files into one, reads that one back, and exchanges them once the proof
 * is there: the same number of rows and the same {@link RowChecksum}. Memory: the columns of one
 * row group read and of one written.
 */
final class Merge {

    /** Sorts before {@code part-…}: who opens files by name opens the new one first. */
    private static final String PREFIX = "compacted-";

    private final ParquetConfig parquet;
    private final String version;
    private final Runnable afterStep;

    Merge(ParquetConfig parquet, String version, Runnable afterStep) {
        this.parquet = parquet;
        this.version = version;
        this.afterStep = afterStep;
    }

    /**
     * Replaces the group's files by one.
     *
     * @return the new file's size in bytes
     * @throws IOException if a file can't be read, or the new one has not the same rows; then
     *     nothing is changed
     */
    long run(CompactionPlan.Group group) throws IOException {
        String name = PREFIX + UUID.randomUUID() + ".parquet";
        Replacement replacement = new Replacement(group.directory(), afterStep);
        try {
            Path merged = replacement.begin(name);
            RowChecksum read = write(group, merged);
            RowChecksum written = new RowChecksum();
            new ParquetRows(merged).events(written::add);
            if (!written.matches(read) || written.rows() != group.rows()) {
                throw new IOException(
                        "%s: read back %s in place of %s; the files stay as they are"
                                .formatted(group.directory(), written, read));
            }
            // Restoring an older savepoint begins with setting aside what is newer than it.
            Files.setLastModifiedTime(merged, group.newest());
            long bytes = Files.size(merged);
            replacement.replace(group.files(), name);
            return bytes;
        } catch (IOException e) {
            try {
                replacement.recover();
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private RowChecksum write(CompactionPlan.Group group, Path merged) throws IOException {
        RowChecksum read = new RowChecksum();
        try (ParquetWriter<Event> writer =
                EventParquetWriter.open(new LocalOutputFile(merged), parquet, version)) {
            for (Path file : group.files()) {
                new ParquetRows(file)
                        .<IOException>events(
                                event -> {
                                    read.add(event);
                                    writer.write(event);
                                });
            }
        } catch (ParquetRuntimeException e) {
            throw new IOException("cannot write " + merged + ": " + e.getMessage(), e);
        }
        afterStep.run();
        return read;
    }
}
