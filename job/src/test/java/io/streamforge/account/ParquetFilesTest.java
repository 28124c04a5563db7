package io.streamforge.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only committed files count, wherever they are below the root. */
class ParquetFilesTest {

    @TempDir private Path directory;

    @Test
    void listsVisibleParquetFilesAtAnyDepth() throws IOException {
        create("dt=2024-01-15/part-0.parquet");
        create("dt=2024-01-16/hour=1/part-1.parquet");
        create("part-2.parquet");
        create("dt=2024-01-15/.part-3.parquet.inprogress.1");
        create("dt=2024-01-15/.part-4.parquet");
        create("dt=2024-01-15/_part-5.parquet");
        create("_temporary/part-6.parquet");
        create(".staging/part-7.parquet");
        create("dt=2024-01-15/part-8.csv");

        assertThat(names(ParquetFiles.below(directory.toString())))
                .containsExactly(
                        "dt=2024-01-15/part-0.parquet",
                        "dt=2024-01-16/hour=1/part-1.parquet",
                        "part-2.parquet");
    }

    @Test
    void takesFileUrisHiddenRootsAndLinks() throws IOException {
        create(".data/a.parquet");
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve(".data"));

        assertThat(ParquetFiles.below(directory.resolve(".data").toUri().toString()).list())
                .hasSize(1);
        assertThat(ParquetFiles.below("file:" + directory.resolve(".data")).list()).hasSize(1);
        assertThat(ParquetFiles.below(directory.resolve("link").toString()).list()).hasSize(1);
    }

    @Test
    void aRootThatIsNotThereYetHasNoFiles() throws IOException {
        assertThat(ParquetFiles.below(directory.resolve("none").toString()).list()).isEmpty();
    }

    @Test
    void refusesRemoteRoots() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.below("s3://key:secret@bucket/events"))
                .withMessageContaining("s3:")
                .withMessageContaining("local path")
                .withMessageNotContaining("secret");
    }

    private void create(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.createFile(file);
    }

    private List<String> names(ParquetFiles files) throws IOException {
        Path root = directory.toRealPath();
        return files.list().stream().map(file -> root.relativize(file).toString()).toList();
    }
}
