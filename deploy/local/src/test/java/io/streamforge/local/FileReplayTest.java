package io.streamforge.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReplayTest {

    @TempDir Path dir;

    @Test
    void givesEachLineWithoutItsEnd() throws IOException {
        assertThat(lines("{\"a\":1}\n{\"b\":2}\r\nlast", 100))
                .containsExactly("{\"a\":1}", "{\"b\":2}", "last");
    }

    @Test
    void skipsEmptyLinesOnly() throws IOException {
        assertThat(lines("\n\r\na\n\n \nb\n\n", 100)).containsExactly("a", " ", "b");
        assertThat(lines("", 100)).isEmpty();
    }

    @Test
    void leavesBytesAsTheyAre() throws IOException {
        assertThat(lines("\u00c3\u0028\u0000\u00ff\rx\n", 100))
                .containsExactly("\u00c3\u0028\u0000\u00ff\rx");
        assertThat(lines("ends with CR\r", 100)).containsExactly("ends with CR\r");
    }

    @Test
    void refusesALineThatTheTopicDoesNotTake() throws IOException {
        assertThat(lines("12345\r\n12345\n", 5)).containsExactly("12345", "12345");
        for (String tooLong : List.of("ok\n123456\n", "ok\n123456", "ok\n1234567890")) {
            assertThatThrownBy(() -> lines(tooLong, 5))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("Line 2 of ")
                    .hasMessageContaining("more than the 5 bytes");
        }
    }

    @Test
    void saysWhenTheFileIsMissing() {
        assertThatThrownBy(() -> new FileReplay(dir.resolve("absent"), 5))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void endsWithTheFile() throws IOException {
        try (FileReplay replay = new FileReplay(file("a"), 5)) {
            replay.next();
            assertThat(replay.hasNext()).isFalse();
            assertThatThrownBy(replay::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    private List<String> lines(String content, int maxLineBytes) throws IOException {
        List<String> lines = new ArrayList<>();
        try (FileReplay replay = new FileReplay(file(content), maxLineBytes)) {
            replay.forEachRemaining(line -> lines.add(new String(line, ISO_8859_1)));
        }
        return lines;
    }

    private Path file(String content) throws IOException {
        return Files.write(dir.resolve("input"), content.getBytes(ISO_8859_1));
    }
}
