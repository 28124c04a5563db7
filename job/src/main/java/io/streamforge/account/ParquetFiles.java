package io.streamforge.account;

import io.streamforge.config.LocalPath;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The visible Parquet files below a local root: {@code *.parquet} at any depth, without whatever
 * begins with {@code .} or {@code _}, the mark of files that are not committed.
 */
public final class ParquetFiles {

    private final Path root;

    private ParquetFiles(Path root) {
        this.root = root;
    }

    /**
     * The files below {@code root}, a path or a {@code file:} URI. It need not exist yet.
     *
     * @throws IllegalArgumentException for any other URI
     */
    public static ParquetFiles below(String root) {
        return LocalPath.of(root)
                .map(ParquetFiles::new)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "Parquet files are read here from a local path or a file:"
                                                + " URI, not from "
                                                + root.substring(0, root.indexOf(':') + 1)
                                                + "; mount or copy the files first"));
    }

    /** The local directory that they are below. */
    public Path root() {
        return root;
    }

    /**
     * All files in the order of their paths; none if the root doesn't exist. A link counts as the
     * file that it leads to, and not at all where it leads nowhere.
     */
    public List<Path> list() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.exists(root)) {
            // The real path, because a root that is a link would be taken for a file.
            Path start = root.toRealPath();
            Files.walkFileTree(start, new Collector(start, files));
        }
        Collections.sort(files);
        return files;
    }

    /** Every visible directory below the root, and the root. */
    public List<Path> directories() throws IOException {
        List<Path> directories = new ArrayList<>();
        Path start = root.toRealPath();
        Files.walkFileTree(
                start,
                new Collector(start, new ArrayList<>()) {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) {
                        FileVisitResult result = super.preVisitDirectory(directory, attributes);
                        if (result == FileVisitResult.CONTINUE) {
                            directories.add(directory);
                        }
                        return result;
                    }
                });
        return directories;
    }

    private static class Collector extends SimpleFileVisitor<Path> {

        private final Path start;
        private final List<Path> files;

        Collector(Path start, List<Path> files) {
            this.start = start;
            this.files = files;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return directory.equals(start) || isVisible(directory)
                    ? FileVisitResult.CONTINUE
                    : FileVisitResult.SKIP_SUBTREE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (isVisible(file)
                    && file.getFileName().toString().endsWith(".parquet")
                    && Files.exists(file)) {
                files.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        /** What is not committed may be committed, and so renamed, while it is looked at. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException && !isVisible(file)) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }

        private static boolean isVisible(Path path) {
            String name = path.getFileName().toString();
            return !name.startsWith(".") && !name.startsWith("_");
        }
    }
}
