package io.streamforge.ops;

import io.streamforge.config.LocalPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The newest Parquet files that readers see, where the archive is on this machine. */
final class NewestFiles extends OnDemandMonitor {

    private static final int KEPT = 6;

    /** A directory is touched when a file appears in it, so the newest files are in few of them. */
    private static final int DIRECTORIES = 12;

    private static final int DEPTH = 4;

    /** A file by its path below the root. */
    record Line(String path, long bytes, Instant modified) {}

    private final Path root;
    private volatile List<Line> newest = List.of();

    /**
     * @param root a path or URI; only {@code file:} is listed
     */
    NewestFiles(String root) {
        super("files");
        this.root = LocalPath.of(root).orElse(null);
    }

    /** Whether files can be listed here at all. */
    boolean listed() {
        return root != null;
    }

    /** The newest first. */
    List<Line> newest() {
        want();
        return newest;
    }

    @Override
    void read() {
        if (root == null || !Files.isDirectory(root)) {
            return;
        }
        try {
            List<Line> lines = new ArrayList<>();
            for (Path directory : newestDirectories()) {
                try (Stream<Path> files = Files.list(directory)) {
                    files.filter(NewestFiles::isVisible).forEach(file -> add(file, lines));
                }
            }
            lines.sort(Comparator.comparing(Line::modified).reversed());
            newest = List.copyOf(lines.subList(0, Math.min(KEPT, lines.size())));
        } catch (IOException | UncheckedIOException e) {
            // Something was removed meanwhile; the next look sees what is left.
        }
    }

    private List<Path> newestDirectories() throws IOException {
        try (Stream<Path> walk =
                Files.find(root.toRealPath(), DEPTH, (path, is) -> is.isDirectory())) {
            return walk.sorted(Comparator.comparing(NewestFiles::modified).reversed())
                    .limit(DIRECTORIES)
                    .toList();
        }
    }

    private static Instant modified(Path path) {
        try {
            return Files.getLastModifiedTime(path).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH; // removed meanwhile
        }
    }

    private static boolean isVisible(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".parquet") && !name.startsWith(".") && !name.startsWith("_");
    }

    private void add(Path file, List<Line> lines) {
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            String path = root.toRealPath().relativize(file).toString();
            lines.add(new Line(path, is.size(), is.lastModifiedTime().toInstant()));
        } catch (IOException e) {
            // Removed meanwhile.
        }
    }

    @Override
    void release() {
        newest = List.of();
    }
}
