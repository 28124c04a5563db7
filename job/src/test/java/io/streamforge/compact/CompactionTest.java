package io.streamforge.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.streamforge.account.ParquetRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many files become few, and whoever reads meanwhile sees each row once. */
@Timeout(120)
class CompactionTest {

    private static final FileTime NOW = FileTime.from(Instant.now());

    @TempDir private Path directory;

    /** In place of a killed process: nothing catches it, so nothing is cleaned up. */
    private static final class Killed extends Error {

        private static final long serialVersionUID = 1L;
    }

    @Test
    void filesBecomeOneWithTheSameRows() throws Exception {
        try (SampleArchive archive = new SampleArchive(directory)) {
            for (int i = 0; i < 5; i++) {
                archive.file(SampleArchive.PARTITION, 100 + i);
            }
            archive.file("dt=2024-01-16/hour=07", 10);
            archive.file("dt=2024-01-16/hour=07", 20);
            String content = archive.content();

            Compaction.Result result = compact(archive);

            assertThat(result.filesBefore()).isEqualTo(7);
            assertThat(result.filesAfter()).isEqualTo(2);
            assertThat(result.rows()).isEqualTo(archive.rows());
            assertThat(archive.content()).isEqualTo(content);
            assertThat(archive.files())
                    .hasSize(2)
                    .allMatch(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .allMatch(file -> file.getFileName().toString().startsWith("compacted-"));
            // The procedure for an older savepoint goes by the files' times.
            for (Path file : archive.files()) {
                assertThat(Files.getLastModifiedTime(file)).isEqualTo(SampleArchive.OLD);
            }
            assertNothingLeft(archive);
            assertThat(compact(archive).filesBefore()).as("once more").isZero();
        }
    }

    @Test
    void aFileHoldsAtMostTheLimits() throws Exception {
        try (SampleArchive archive = new SampleArchive(directory)) {
            for (int i = 0; i < 10; i++) {
                archive.file(SampleArchive.PARTITION, 1_000);
            }

            new Compaction(archive.config(3_500, 128 << 20), "1.2.3")
                    .run(Set.of(), NOW, false, line -> {});

            List<Long> rows = new ArrayList<>();
            for (Path file : archive.files()) {
                rows.add(new ParquetRows(file).count());
            }
            assertThat(rows.stream().sorted()).containsExactly(1_000L, 3_000L, 3_000L, 3_000L);

            long one = Files.size(archive.files().get(0));
            new Compaction(archive.config(1_000_000, one * 5 / 2), "1.2.3")
                    .run(Set.of(), NOW, false, line -> {});
            assertThat(archive.files()).hasSize(2);
            assertThat(archive.seenByDuckDb()).isEqualTo(archive.allOnce());
        }
    }

    @Test
    void leavesOpenPartitionsAndNewFilesAlone() throws Exception {
        FileTime state = FileTime.from(Instant.parse("2024-03-01T00:00:00Z"));
        FileTime later = FileTime.from(Instant.parse("2024-03-01T00:00:01Z"));
        try (SampleArchive archive = new SampleArchive(directory)) {
            archive.file("dt=2024-01-15", 1);
            archive.file("dt=2024-01-15", 1);
            Path late = archive.file("dt=2024-01-15", 1, later);
            Path atOnce = archive.file("dt=2024-01-15", 1, state);
            String future = "dt=9999-12-31";
            archive.file(future, 1);
            archive.file(future, 1);
            archive.file("no-date", 1);
            archive.file("no-date", 1);
            Path open = Files.createFile(directory.resolve("dt=2024-01-15/.part-x.inprogress.y"));

            Compaction.Result result =
                    new Compaction(archive.config(), "1.2.3")
                            .run(Set.of(), state, false, line -> {});

            assertThat(result.filesBefore()).isEqualTo(2);
            assertThat(result.newFiles()).isEqualTo(2);
            assertThat(result.openPartitions()).isEqualTo(2);
            assertThat(archive.files()).hasSize(7).contains(late, atOnce);
            assertThat(open).exists();

            assertThat(
                            new Compaction(archive.config(), "1.2.3")
                                    .run(Set.of(future), state, false, line -> {})
                                    .filesBefore())
                    .as("named, though not closed")
                    .isEqualTo(2);
            assertEachOnce(archive, "in all directories");
        }
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        try (SampleArchive archive = new SampleArchive(directory)) {
            archive.file(SampleArchive.PARTITION, 10);
            archive.file(SampleArchive.PARTITION, 10);
            List<String> before = everything();
            List<String> lines = new ArrayList<>();

            Compaction.Result result =
                    new Compaction(archive.config(), "1.2.3").run(Set.of(), NOW, true, lines::add);

            assertThat(result.filesBefore()).isEqualTo(2);
            assertThat(result.filesAfter()).isEqualTo(1);
            assertThat(lines)
                    .singleElement()
                    .asString()
                    .startsWith("1/1 dt=2024-01-15: 2 files, 20 rows, ");
            assertThat(everything()).isEqualTo(before);
        }
    }

    /** At every step, and then once more at every step of putting it right. */
    @Test
    void killedAtAnyStepItLosesAndDoublesNothing() throws Exception {
        int steps = stepsOf(fresh("count"), 0);
        assertThat(steps).isGreaterThan(20);
        int interrupted = 0;
        for (int step = 1; step <= steps; step++) {
            try (SampleArchive archive = fresh("kill-" + step)) {
                killAt(archive, step);
                assertThat(archive.seenByDuckDb())
                        .as("killed at step %d", step)
                        .isEqualTo(archive.allOnce());
                assertEachOnce(archive, "killed at step " + step);
                for (int again = 1; killAt(archive, again); again++) {
                    interrupted++;
                    assertEachOnce(archive, "killed at step " + step + ", then " + again);
                }
                assertThat(archive.files()).as("step %d", step).hasSize(1);
                assertThat(archive.seenByDuckDb()).isEqualTo(archive.allOnce());
                assertNothingLeft(archive);
            }
        }
        assertThat(interrupted).as("interrupted again").isGreaterThan(steps);
    }

    /** The job commits a late event's file after every step of the compaction. */
    @Test
    void theJobMayCommitFilesMeanwhile() throws Exception {
        try (SampleArchive archive = fresh("late")) {
            Path partition = archive.root().resolve(SampleArchive.PARTITION);
            List<Path> late = new ArrayList<>();
            List<Path> open = new ArrayList<>();
            Runnable commit =
                    () -> {
                        try {
                            Path file = archive.file(SampleArchive.PARTITION, 1);
                            Path inProgress =
                                    partition.resolve("." + file.getFileName() + ".inprogress.x");
                            Files.move(file, inProgress, StandardCopyOption.ATOMIC_MOVE);
                            open.add(
                                    Files.createFile(
                                            partition.resolve(".open-" + late.size() + ".x")));
                            Files.move(inProgress, file, StandardCopyOption.ATOMIC_MOVE);
                            late.add(file);
                            assertEachOnce(archive, "late file " + late.size());
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    };

            new Compaction(archive.config(), "1.2.3", commit).run(Set.of(), NOW, false, line -> {});

            assertThat(late).hasSizeGreaterThan(20).allMatch(Files::isRegularFile);
            assertThat(open).allMatch(Files::exists);
            assertThat(archive.files()).hasSize(late.size() + 1).containsAll(late);
            assertThat(archive.seenByDuckDb()).isEqualTo(archive.allOnce());
        }
    }

    /** Readers may be told that a file is gone, but never get wrong numbers. */
    @Test
    void whoReadsMeanwhileGetsAllRowsOrAnError() throws Exception {
        try (SampleArchive archive = new SampleArchive(directory.resolve("read"))) {
            for (int day = 1; day <= 28; day++) {
                for (int i = 0; i < 4; i++) {
                    archive.file("dt=2024-01-%02d".formatted(day), 20);
                }
            }
            String expected = archive.allOnce().replaceAll(" \\|.*", "");
            AtomicBoolean done = new AtomicBoolean();
            AtomicInteger whole = new AtomicInteger();
            List<String> wrong = new ArrayList<>();
            Thread reader =
                    new Thread(
                            () -> {
                                while (!done.get()) {
                                    try {
                                        String seen = archive.seen("/**/*.parquet");
                                        if (!seen.equals(expected)) {
                                            wrong.add(seen);
                                        }
                                        whole.incrementAndGet();
                                    } catch (SQLException e) {
                                        if (!e.getMessage().contains("No such file")
                                                && !e.getMessage().contains("No files found")) {
                                            wrong.add(e.getMessage());
                                        }
                                    }
                                }
                            });
            reader.start();
            compact(archive);
            done.set(true);
            reader.join();

            assertThat(archive.files()).hasSize(28);
            assertThat(wrong).isEmpty();
            assertThat(whole.get()).isPositive();
        }
    }

    @Test
    void aFileThatIsNotWhatWasReadChangesNothing() throws Exception {
        try (SampleArchive archive = fresh("damaged")) {
            List<Path> files = archive.files();
            AtomicBoolean once = new AtomicBoolean();
            Runnable damage =
                    () -> {
                        for (Path merged : merged(archive)) {
                            if (once.compareAndSet(false, true)) {
                                cutInHalf(merged);
                            }
                        }
                    };

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(
                            () ->
                                    new Compaction(archive.config(), "1.2.3", damage)
                                            .run(Set.of(), NOW, false, line -> {}))
                    .withMessageContaining("cannot read");

            assertThat(once).isTrue();
            assertThat(archive.files()).isEqualTo(files);
            assertThat(archive.seenByDuckDb()).isEqualTo(archive.allOnce());
            assertNothingLeft(archive);
        }
    }

    @Test
    void aDamagedSourceIsNamedAndStays() throws Exception {
        try (SampleArchive archive = new SampleArchive(directory)) {
            for (int i = 0; i < 3; i++) {
                // So many that the damage hits values and no page's statistics.
                archive.file(SampleArchive.PARTITION, 5_000);
            }
            Path damaged = archive.files().get(1);
            byte[] bytes = Files.readAllBytes(damaged);
            bytes[bytes.length / 4] ^= 0x55;
            bytes[bytes.length / 4 + 1] ^= 0x55;
            Files.write(damaged, bytes);
            Files.setLastModifiedTime(damaged, SampleArchive.OLD);

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> compact(archive))
                    .withMessageContaining(damaged.toRealPath().toString());

            assertThat(archive.files()).hasSize(3);
            assertNothingLeft(archive);
        }
    }

    private static List<Path> merged(SampleArchive archive) {
        Path after = archive.root().resolve(SampleArchive.PARTITION).resolve(".compaction/after");
        if (!Files.isDirectory(after)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(after)) {
            return files.filter(file -> sizeOf(file) > 0).toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void cutInHalf(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            Files.write(
                    file,
                    java.util.Arrays.copyOf(bytes, bytes.length / 2),
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private SampleArchive fresh(String name) throws IOException, SQLException {
        SampleArchive archive = new SampleArchive(directory.resolve(name));
        for (int i = 0; i < 3; i++) {
            archive.file(SampleArchive.PARTITION, 10);
        }
        return archive;
    }

    private static Compaction.Result compact(SampleArchive archive) throws IOException {
        return new Compaction(archive.config(), "1.2.3").run(Set.of(), NOW, false, line -> {});
    }

    /** The steps of a whole compaction, or up to the one at which it is killed. */
    private static int stepsOf(SampleArchive archive, int kill) throws IOException, SQLException {
        AtomicInteger steps = new AtomicInteger();
        try (archive) {
            new Compaction(
                            archive.config(),
                            "1.2.3",
                            () -> {
                                if (steps.incrementAndGet() == kill) {
                                    throw new Killed();
                                }
                            })
                    .run(Set.of(), NOW, false, line -> {});
        }
        return steps.get();
    }

    /** Whether there were so many steps. */
    private static boolean killAt(SampleArchive archive, int step) throws IOException {
        AtomicInteger steps = new AtomicInteger();
        try {
            new Compaction(
                            archive.config(),
                            "1.2.3",
                            () -> {
                                if (steps.incrementAndGet() == step) {
                                    throw new Killed();
                                }
                            })
                    .run(Set.of(), NOW, false, line -> {});
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    private static void assertEachOnce(SampleArchive archive, String when) throws IOException {
        assertThat(archive.seenByAccount())
                .as(when)
                .isEqualTo(LongStream.range(0, archive.rows()).boxed().toList());
    }

    private static void assertNothingLeft(SampleArchive archive) throws IOException {
        try (Stream<Path> all = Files.walk(archive.root())) {
            assertThat(all.filter(path -> path.getFileName().toString().startsWith(".")))
                    .allMatch(path -> path.getFileName().toString().equals(".compaction.lock"));
        }
    }

    private List<String> everything() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.map(Path::toString).sorted().toList();
        }
    }
}
