package io.streamforge.compact;

import io.streamforge.account.ParquetFiles;
import io.streamforge.config.ParquetConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes few large files of many small ones, in a local archive. It may run beside the job, and may
 * be killed at any moment: no row is lost or doubled by it, and the next run finishes or takes back
 * what was begun.
 */
public final class Compaction {

    private static final String LOCK = ".compaction.lock";

    /**
     * What was done, or would be.
     *
     * @param filesBefore files that were replaced
     * @param filesAfter files that are in their place
     * @param bytesAfter 0 where nothing was written
     * @param openPartitions left alone, since their day or hour is not over long enough
     * @param newFiles left alone, since a retained state may be older
     */
    public record Result(
            int filesBefore,
            int filesAfter,
            long rows,
            long bytesBefore,
            long bytesAfter,
            int openPartitions,
            int newFiles) {}

    private final ParquetFiles archive;
    private final ParquetConfig parquet;
    private final String version;
    private final Runnable afterStep;

    /**
     * @param parquet the limits and the form of files, as the job has them
     * @param version of StreamForge, for footers
     * @throws IllegalArgumentException where the archive is not on a local file system
     */
    public Compaction(ParquetConfig parquet, String version) {
        this(parquet, version, () -> {});
    }

    /**
     * @param afterStep called after each thing that is done to the file system
     */
    Compaction(ParquetConfig parquet, String version, Runnable afterStep) {
        this.archive = ParquetFiles.below(parquet.root());
        this.parquet = parquet;
        this.version = version;
        this.afterStep = afterStep;
    }

    /** The local directory of the archive. */
    public Path root() {
        return archive.root();
    }

    /** When the oldest retained checkpoint or savepoint was completed, if there is any. */
    public static Optional<FileTime> oldestState(Path checkpoints) throws IOException {
        return RetainedStates.oldest(checkpoints);
    }

    /**
     * Compacts.
     *
     * @param named partitions such as {@code dt=2024-01-15} to compact though they may not be
     *     closed; all closed ones where it is empty
     * @param before only files older than this
     * @param dryRun whether to change nothing
     * @param progress takes a line for each new file
     * @throws IOException if a file can't be read or written; what was done before it stays done
     * @throws IllegalStateException if another compaction runs
     */
    public Result run(Set<String> named, FileTime before, boolean dryRun, Consumer<String> progress)
            throws IOException {
        if (dryRun) {
            return run(plan(named, before), group -> 0, progress);
        }
        try (FileChannel channel =
                        FileChannel.open(
                                root().resolve(LOCK),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new IllegalStateException("another compaction of " + root() + " runs");
            }
            recover(progress);
            Merge merge = new Merge(parquet, version, afterStep);
            return run(plan(named, before), merge::run, progress);
        }
    }

    private CompactionPlan plan(Set<String> named, FileTime before) throws IOException {
        return CompactionPlan.of(archive, parquet, named, before, Instant.now());
    }

    @FunctionalInterface
    private interface Step {
        long run(CompactionPlan.Group group) throws IOException;
    }

    private Result run(CompactionPlan plan, Step step, Consumer<String> progress)
            throws IOException {
        int files = 0;
        int done = 0;
        long rows = 0;
        long bytesBefore = 0;
        long bytesAfter = 0;
        for (CompactionPlan.Group group : plan.groups()) {
            progress.accept(
                    "%d/%d %s: %d files, %d rows, %d bytes"
                            .formatted(
                                    ++done,
                                    plan.groups().size(),
                                    root().toRealPath().relativize(group.directory()),
                                    group.files().size(),
                                    group.rows(),
                                    group.bytes()));
            bytesAfter += step.run(group);
            files += group.files().size();
            rows += group.rows();
            bytesBefore += group.bytes();
        }
        return new Result(
                files, done, rows, bytesBefore, bytesAfter, plan.openPartitions(), plan.newFiles());
    }

    private void recover(Consumer<String> progress) throws IOException {
        for (Path directory : archive.directories()) {
            Replacement replacement = new Replacement(directory, afterStep);
            if (replacement.isUnfinished()) {
                progress.accept(
                        directory + ": a compaction was interrupted here, putting it right");
                replacement.recover();
            }
        }
    }
}
