package io.streamforge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretTest {

    @TempDir private Path directory;

    @Test
    void readsAVariableWhereItIsUsed() {
        Secret secret = Secret.ofVariable("PASSWORD");
        assertThat(secret.resolve(Map.of("PASSWORD", "a"))).isEqualTo("a");
        assertThat(secret.resolve(Map.of("PASSWORD", "b"))).isEqualTo("b");
        assertThat(secret).hasToString("**** (variable PASSWORD)");
        assertThatThrownBy(() -> secret.resolve(Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "The environment variable PASSWORD is not set in this process; set it on"
                                + " every task manager");
    }

    @Test
    void readsAFileEachTimeWithoutOneTrailingLineBreak() throws Exception {
        Path file = directory.resolve("password");
        Secret secret = Secret.ofFile(file.toString());

        Files.writeString(file, "pä ss\n\n");
        assertThat(secret.resolve(Map.of())).isEqualTo("pä ss\n");
        Files.writeString(file, "rotated\r\n");
        assertThat(secret.resolve(Map.of())).isEqualTo("rotated");
        assertThat(secret).hasToString("**** (file " + file + ")");
    }

    @Test
    void saysWhyAFileCannotBeUsed() throws Exception {
        assertUnreadable(directory, "does not exist or is not a regular file");
        assertUnreadable(directory.resolve("none"), "does not exist or is not a regular file");
        assertUnreadable(Files.writeString(directory.resolve("empty"), "\n"), "is empty");
        assertUnreadable(
                Files.write(directory.resolve("bytes"), new byte[] {(byte) 0xC3, 0x28}),
                "is not UTF-8 text");
        assertUnreadable(
                Files.write(directory.resolve("large"), new byte[65_537]),
                "has more than 65536 bytes");
    }

    @Test
    void takesThePasswordOutOfAUrl() throws Exception {
        Secret variable = Secret.ofUrlInVariable("URL");
        assertThat(variable.resolve(Map.of("URL", "postgresql://u:p%40@h/db"))).isEqualTo("p@");
        assertThat(variable).hasToString("**** (URL in variable URL)");
        assertThatThrownBy(() -> variable.resolve(Map.of("URL", "canary")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("The URL in URL is malformed")
                .message()
                .doesNotContain("canary");

        Path file = Files.writeString(directory.resolve("url"), "postgresql://u:p@h/db\n");
        Secret inFile = Secret.ofUrlInFile(file.toString());
        assertThat(inFile.resolve(Map.of())).isEqualTo("p");
        assertThat(inFile).hasToString("**** (URL in file " + file + ")");
    }

    @Test
    void isNothingWhereNoneIsNeeded() {
        assertThat(Secret.none().resolve()).isNull();
        assertThat(Secret.none()).hasToString("none");
    }

    private static void assertUnreadable(Path file, String reason) {
        assertThatThrownBy(() -> Secret.ofFile(file.toString()).resolve(Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The file " + file + " " + reason + "; mount it on every task manager");
    }
}
