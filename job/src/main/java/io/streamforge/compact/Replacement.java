package io.streamforge.compact;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Puts one file in the place of several in a directory, in one atomic step, and leaves everything
 * else in the directory alone: the job may commit files to it at any time.
 *
 * <p>Each old file becomes, by an atomic rename, a link to itself that leads through the link
 * {@code .compaction/now}; the new file's link leads through it as well. As long as {@code now} is
 * the directory {@code before}, the old files are there and the new one's link leads nowhere, which
 * is no file. Renaming another link over {@code now} makes it the directory {@code after}: all old
 * files are gone and the new one is there. What is left is to take the links away.
 *
 * <pre>
 * dt=2024-01-15/
 *   compacted-….parquet ─► .compaction/now/compacted-…
 *   part-….parquet      ─► .compaction/now/part-…
 *   .compaction/
 *     now ─► before      then, by one rename, now ─► after
 *     before/part-…
 *     after/compacted-…
 * </pre>
 *
 * <p>Whatever step it is stopped at, each row is visible once; {@link #recover} finishes it where
 * {@code now} has been renamed and takes it back where not. Names in {@code .compaction} don't end
 * in {@code .parquet}, since some readers look into directories that begin with a dot.
 */
final class Replacement {

    private static final String WORK = ".compaction";
    private static final String SUFFIX = ".parquet";

    private final Path directory;
    private final Path work;
    private final Path now;
    private final Path before;
    private final Path after;
    private final Runnable afterStep;

    /**
     * @param afterStep called after everything that it does to the file system
     */
    Replacement(Path directory, Runnable afterStep) {
        this.directory = directory;
        this.work = directory.resolve(WORK);
        this.now = work.resolve("now");
        this.before = work.resolve("before");
        this.after = work.resolve("after");
        this.afterStep = afterStep;
    }

    /** Whether one was begun here and not finished. */
    boolean isUnfinished() {
        return Files.exists(work);
    }

    /**
     * Begins.
     *
     * @param name of the new file
     * @return where to write it
     */
    Path begin(String name) throws IOException {
        Files.createDirectory(work);
        afterStep.run();
        Files.createDirectory(before);
        afterStep.run();
        Files.createDirectory(after);
        afterStep.run();
        Files.createSymbolicLink(now, before.getFileName());
        afterStep.run();
        return after.resolve(bare(name));
    }

    /**
     * Exchanges the files.
     *
     * @param old files of the directory
     * @param name of the new one, which is written
     * @throws IOException where a step fails, for example since the file system has no links;
     *     {@link #recover} then takes it back
     */
    void replace(List<Path> old, String name) throws IOException {
        sync(after.resolve(bare(name)));
        for (Path file : old) {
            Files.createLink(before.resolve(bare(file.getFileName().toString())), file);
            afterStep.run();
        }
        sync(before);
        sync(after);
        Files.createSymbolicLink(directory.resolve(name), target(name));
        afterStep.run();
        Path link = work.resolve("link");
        for (Path file : old) {
            Files.createSymbolicLink(link, target(file.getFileName().toString()));
            afterStep.run();
            Files.move(link, file, StandardCopyOption.ATOMIC_MOVE);
            afterStep.run();
        }
        sync(directory);
        Files.createSymbolicLink(link, after.getFileName());
        afterStep.run();
        // The step: from here on readers see the new file and none of the old ones.
        Files.move(link, now, StandardCopyOption.ATOMIC_MOVE);
        afterStep.run();
        sync(work);
        finish();
    }

    /** Finishes or takes back what was begun and not finished; nothing where nothing was. */
    void recover() throws IOException {
        if (!isUnfinished()) {
            return;
        }
        if (Files.isSymbolicLink(now) && Files.readSymbolicLink(now).equals(after.getFileName())) {
            finish();
        } else {
            takeBack();
        }
    }

    private void finish() throws IOException {
        for (Path file : list(after)) {
            Files.move(file, visible(file), StandardCopyOption.ATOMIC_MOVE);
            afterStep.run();
        }
        for (Path file : list(before)) {
            removeLink(visible(file));
            Files.delete(file);
            afterStep.run();
        }
        removeWork();
    }

    private void takeBack() throws IOException {
        for (Path file : list(before)) {
            Files.move(file, visible(file), StandardCopyOption.ATOMIC_MOVE);
            afterStep.run();
            // Renaming one name of a file to another one of the same file leaves both.
            Files.deleteIfExists(file);
            afterStep.run();
        }
        for (Path file : list(after)) {
            removeLink(visible(file));
            Files.delete(file);
            afterStep.run();
        }
        removeWork();
    }

    private void removeLink(Path link) throws IOException {
        if (Files.isSymbolicLink(link)) {
            Files.delete(link);
            afterStep.run();
        }
    }

    private void removeWork() throws IOException {
        sync(directory);
        for (Path rest : List.of(work.resolve("link"), before, after, now, work)) {
            Files.deleteIfExists(rest);
            afterStep.run();
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private Path visible(Path file) {
        return directory.resolve(file.getFileName() + SUFFIX);
    }

    /** Relative, so that the archive may be moved as a whole. */
    private Path target(String name) {
        return Path.of(WORK, now.getFileName().toString(), bare(name));
    }

    private static String bare(String name) {
        return name.substring(0, name.length() - SUFFIX.length());
    }

    /** So that a power failure finds the steps in their order. */
    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
