package io.streamforge.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the documents to the code. */
class SettingDocumentationTest {

    /** Tests run in the module's folder. */
    private static final Path ROOT = Path.of("..");

    @Test
    void theTableListsEverySettingAsDeclared() throws Exception {
        List<String> expected = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            expected.add(
                    "| `%s` | %s | %s | %s | %s |"
                            .formatted(
                                    setting.name(),
                                    setting.type(),
                                    setting.unit(),
                                    setting.defaultValue() == null
                                            ? ""
                                            : "`" + setting.defaultValue() + "`",
                                    setting.description())
                            .replaceAll(" {2,}", " "));
        }
        List<String> rows =
                Files.readAllLines(ROOT.resolve("docs/configuration.md")).stream()
                        .filter(line -> line.matches("\\| `[A-Z_]+` \\|.*"))
                        .toList();

        assertThat(rows).containsExactlyElementsOf(expected);
    }

    @Test
    void theExampleListsEverySettingWithItsDefault() throws Exception {
        List<String> expected = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            String kind = setting.type().equals(setting.unit()) ? "" : setting.unit();
            expected.add(
                    "# "
                            + setting.description()
                            + " ("
                            + setting.type()
                            + (kind.isEmpty() ? "" : ", " + kind)
                            + ")");
            expected.add(
                    "#"
                            + setting.name()
                            + "="
                            + (setting.defaultValue() == null ? "" : setting.defaultValue()));
        }
        List<String> lines = Files.readAllLines(ROOT.resolve(".env.example"));
        List<String> entries = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i).matches("#?[A-Z_]+=.*")) {
                entries.add(lines.get(i - 1));
                entries.add(lines.get(i));
            }
        }

        assertThat(entries).containsExactlyElementsOf(expected);
    }

    @Test
    void everyDescriptionIsOneSentence() {
        assertThat(Arrays.stream(Setting.values()).map(Setting::description))
                .allMatch(text -> text.matches("[A-Z].*[^.]\\.") && !text.contains("  "));
    }
}
