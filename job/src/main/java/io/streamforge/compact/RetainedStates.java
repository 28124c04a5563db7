package io.streamforge.compact;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The completed checkpoints and savepoints below a local directory. */
final class RetainedStates {

    /** The file that Flink writes last: a directory that has it is complete. */
    private static final String METADATA = "_metadata";

    /** {@code <dir>/until-…/<job id>/chk-<n>/_metadata} at most. */
    private static final int DEPTH = 4;

    private RetainedStates() {}

    /** When the oldest of them was completed; empty where there is none. */
    static Optional<FileTime> oldest(Path directory) throws IOException {
        List<FileTime> times = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            Files.walkFileTree(directory, Set.of(), DEPTH, new Collector(times));
        }
        return times.stream().min(Comparator.naturalOrder());
    }

    private static final class Collector extends SimpleFileVisitor<Path> {

        private final List<FileTime> times;

        Collector(List<FileTime> times) {
            this.times = times;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.getFileName().toString().equals(METADATA) && attributes.size() > 0) {
                times.add(attributes.lastModifiedTime());
            }
            return FileVisitResult.CONTINUE;
        }

        /** The job deletes the oldest ones while they are looked at. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }
    }
}
