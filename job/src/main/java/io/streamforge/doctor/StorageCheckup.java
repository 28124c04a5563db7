package io.streamforge.doctor;

import io.streamforge.config.LocalPath;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** The archive and the checkpoints, where they are on a local path. */
final class StorageCheckup {

    /** FileSink names a file that is not committed {@code .part-….inprogress.…}. */
    private static final String IN_PROGRESS = ".inprogress";

    /** A file that a running job still needs is younger than a few checkpoints. */
    private static final Duration ORPHAN_AGE = Duration.ofHours(1);

    private static final Duration OLD_CHECKPOINT = Duration.ofHours(1);
    private static final long LITTLE_SPACE = 1L << 30;

    private final StreamForgeConfig config;
    private final Clock clock;
    private final Consumer<Finding> findings;

    StorageCheckup(StreamForgeConfig config, Clock clock, Consumer<Finding> findings) {
        this.config = config;
        this.clock = clock;
        this.findings = findings;
    }

    /** What a walk over a directory finds. */
    private static final class Walk extends SimpleFileVisitor<Path> {

        private final Instant orphanedBefore;
        private long files;
        private long orphans;
        private long orphanBytes;
        private Instant oldestOrphan;
        private Path anOrphan;
        private Instant newestMetadata;

        Walk(Instant orphanedBefore) {
            this.orphanedBefore = orphanedBefore;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            Instant time = attributes.lastModifiedTime().toInstant();
            if (name.endsWith(".parquet") && !name.startsWith(".")) {
                files++;
            }
            if (name.startsWith(".")
                    && name.contains(IN_PROGRESS)
                    && time.isBefore(orphanedBefore)) {
                orphans++;
                orphanBytes += attributes.size();
                if (oldestOrphan == null || time.isBefore(oldestOrphan)) {
                    oldestOrphan = time;
                    anOrphan = file;
                }
            }
            if (name.equals("_metadata")
                    && attributes.size() > 0
                    && (newestMetadata == null || time.isAfter(newestMetadata))) {
                newestMetadata = time;
            }
            return FileVisitResult.CONTINUE;
        }

        /** A running job renames and removes files while they are visited. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }
    }

    /** When the newest checkpoint was completed, or null where nobody knows. */
    Instant newestCheckpoint() {
        String dir = config.checkpoints().dir();
        if (dir == null) {
            findings.accept(
                    Finding.note(
                            "checkpoints",
                            "CHECKPOINT_DIR is not set here, so their age is not known",
                            "set it as the job has it"));
            return null;
        }
        Path path = local(dir, "checkpoints");
        if (path == null) {
            return null;
        }
        Instant newest = walk(path).newestMetadata;
        if (newest == null) {
            findings.accept(Finding.note("checkpoints", "there is none below " + dir + " yet", ""));
            return null;
        }
        Duration age = Duration.between(newest, clock.instant());
        String what = "the newest below " + dir + " is " + Spans.text(age) + " old";
        findings.accept(
                age.compareTo(OLD_CHECKPOINT) > 0
                        ? Finding.note(
                                "checkpoints",
                                what,
                                "if the job should be running, look at its log")
                        : Finding.ok("checkpoints", what));
        return newest;
    }

    void archive(Instant newestCheckpoint) {
        String root = config.parquet().root();
        Path path = local(root, "parquet");
        if (path == null) {
            return;
        }
        if (!Files.exists(path)) {
            findings.accept(
                    Finding.note("parquet", root + " does not exist yet; the job creates it", ""));
            return;
        }
        if (!Files.isWritable(path)) {
            findings.accept(
                    Finding.warning(
                            "parquet",
                            "this user may not write below " + root,
                            "give the job's user the directory"));
        }
        Walk walk = walk(path);
        findings.accept(Finding.ok("parquet", walk.files + " files below " + root));
        if (walk.orphans > 0) {
            boolean behind =
                    newestCheckpoint != null && walk.oldestOrphan.isBefore(newestCheckpoint);
            findings.accept(
                    Finding.warning(
                            "parquet",
                            walk.orphans
                                    + " files that no checkpoint will commit take "
                                    + (walk.orphanBytes >> 10)
                                    + " KiB; the oldest, "
                                    + walk.anOrphan
                                    + ", is "
                                    + Spans.text(
                                            Duration.between(walk.oldestOrphan, clock.instant()))
                                    + " old",
                            behind
                                    ? "remove those older than the oldest checkpoint or savepoint"
                                            + " that you may start from"
                                    : "remove them only once a newer checkpoint is complete"));
        }
        try {
            long free = Files.getFileStore(path).getUsableSpace();
            if (free < LITTLE_SPACE) {
                findings.accept(
                        Finding.warning(
                                "parquet",
                                "only " + (free >> 20) + " MiB are free below " + root,
                                "make room: without it no checkpoint completes"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path local(String place, String area) {
        Optional<Path> path = LocalPath.of(place);
        if (path.isEmpty()) {
            findings.accept(
                    Finding.note(
                            area, place + " is not on a local path, and was not looked at", ""));
        }
        return path.orElse(null);
    }

    private Walk walk(Path path) {
        Walk walk = new Walk(clock.instant().minus(ORPHAN_AGE));
        try {
            if (Files.exists(path)) {
                Files.walkFileTree(path.toRealPath(), walk);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return walk;
    }
}
