package io.streamforge.compact;

import io.streamforge.account.ParquetFiles;
import io.streamforge.account.ParquetRows;
import io.streamforge.config.ParquetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files become one.
 *
 * @param groups each of two files or more of one directory, which together stay within the limits
 *     of a file
 * @param openPartitions directories with small files whose day or hour is not over long enough
 * @param newFiles small files that a retained checkpoint or savepoint may still be older than
 */
record CompactionPlan(List<Group> groups, int openPartitions, int newFiles) {

    /**
     * Files that become one.
     *
     * @param directory where all of them are
     * @param newest the time of the newest of them
     */
    record Group(Path directory, List<Path> files, long bytes, long rows, FileTime newest) {}

    /** How long a day or an hour has to be over, so that most late events are there. */
    static final Duration CLOSED_FOR = Duration.ofHours(1);

    private static final Pattern PARTITION =
            Pattern.compile("dt=(\\d{4}-\\d{2}-\\d{2})(?:/hour=(\\d{2}))?");

    CompactionPlan {
        groups = List.copyOf(groups);
    }

    private record Small(Path file, long bytes, FileTime time) {}

    /**
     * Looks at all files, and into the footers of the small ones: those of less than half of what a
     * file may have, so that a file that is large enough is not written again for every late event.
     *
     * @param named partitions such as {@code dt=2024-01-15}, whether they are closed or not; all
     *     closed ones where it is empty
     * @param before only files that are older than this
     */
    static CompactionPlan of(
            ParquetFiles archive,
            ParquetConfig limits,
            Set<String> named,
            FileTime before,
            Instant now)
            throws IOException {
        Map<Path, List<Small>> byDirectory = new TreeMap<>();
        for (Path file : archive.list()) {
            long bytes = Files.size(file);
            if (bytes < limits.maxBytes() / 2) {
                byDirectory
                        .computeIfAbsent(file.getParent(), directory -> new ArrayList<>())
                        .add(new Small(file, bytes, Files.getLastModifiedTime(file)));
            }
        }
        Path root = byDirectory.isEmpty() ? archive.root() : archive.root().toRealPath();
        List<Group> groups = new ArrayList<>();
        int openPartitions = 0;
        int newFiles = 0;
        for (Map.Entry<Path, List<Small>> entry : byDirectory.entrySet()) {
            List<Small> small = entry.getValue();
            String partition = root.relativize(entry.getKey()).toString().replace('\\', '/');
            if (named.isEmpty() ? isClosed(partition, now) : named.contains(partition)) {
                List<Small> old =
                        small.stream().filter(f -> f.time().compareTo(before) < 0).toList();
                newFiles += small.size() - old.size();
                groups.addAll(groups(entry.getKey(), old, limits));
            } else if (named.isEmpty() && small.size() > 1) {
                openPartitions++;
            }
        }
        return new CompactionPlan(groups, openPartitions, newFiles);
    }

    /** Names that are no date of ours are somebody else's directories. */
    private static boolean isClosed(String partition, Instant now) {
        Matcher matcher = PARTITION.matcher(partition);
        if (!matcher.matches()) {
            return false;
        }
        try {
            Instant start =
                    LocalDate.parse(matcher.group(1)).atStartOfDay().toInstant(ZoneOffset.UTC);
            Instant end =
                    matcher.group(2) == null
                            ? start.plus(1, ChronoUnit.DAYS)
                            : start.plus(Integer.parseInt(matcher.group(2)) + 1L, ChronoUnit.HOURS);
            return end.plus(CLOSED_FOR).isBefore(now);
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** Files of neighbouring times together, so that a late file does not mix with the first. */
    private static List<Group> groups(Path directory, List<Small> files, ParquetConfig limits)
            throws IOException {
        List<Group> groups = new ArrayList<>();
        List<Small> group = new ArrayList<>();
        long bytes = 0;
        long rows = 0;
        Comparator<Small> oldestFirst = Comparator.comparing(Small::time);
        for (Small next : files.stream().sorted(oldestFirst.thenComparing(Small::file)).toList()) {
            long nextRows = new ParquetRows(next.file()).count();
            if (bytes + next.bytes() > limits.maxBytes() || rows + nextRows > limits.maxRows()) {
                add(groups, directory, group, bytes, rows);
                group = new ArrayList<>();
                bytes = 0;
                rows = 0;
            }
            group.add(next);
            bytes += next.bytes();
            rows += nextRows;
        }
        add(groups, directory, group, bytes, rows);
        return groups;
    }

    private static void add(
            List<Group> groups, Path directory, List<Small> files, long bytes, long rows) {
        if (files.size() > 1) {
            groups.add(
                    new Group(
                            directory,
                            files.stream().map(Small::file).toList(),
                            bytes,
                            rows,
                            files.get(files.size() - 1).time()));
        }
    }
}
