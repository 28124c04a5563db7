package io.streamforge.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageLinesTest {

    @Test
    void givesTheBytesBetweenLineEnds() throws IOException {
        assertThat(read("a\nb\r\n\n\u00ff\rc\r", false)).containsExactly("a", "b", "", "\u00ff\rc");
        assertThat(read("", false)).isEmpty();
        assertThat(read("a\n", false)).containsExactly("a");
    }

    @Test
    void givesTheWholeAsOne() throws IOException {
        assertThat(read("{\n}\n", true)).containsExactly("{\n}\n");
        assertThat(read("", true)).containsExactly("");
    }

    private static List<String> read(String text, boolean whole) throws IOException {
        MessageLines lines =
                new MessageLines(new ByteArrayInputStream(text.getBytes(ISO_8859_1)), whole);
        List<String> messages = new ArrayList<>();
        for (byte[] next = lines.next(); next != null; next = lines.next()) {
            messages.add(new String(next, ISO_8859_1));
        }
        return messages;
    }
}
