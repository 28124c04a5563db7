package io.streamforge.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The command line runs the account on a bare JDK, so its classes name none of Flink's. */
class NoFlinkTest {

    @Test
    void noClassOfTheAccountNamesAFlinkClass() throws IOException, URISyntaxException {
        Path classes = Path.of(Account.class.getResource("Account.class").toURI()).getParent();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(classes)) {
            files = walk.filter(file -> file.toString().endsWith(".class")).toList();
        }

        assertThat(files).hasSizeGreaterThan(10);
        for (Path file : files) {
            assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                    .as(file.toString())
                    .doesNotContain("org/apache/flink");
        }
    }
}
