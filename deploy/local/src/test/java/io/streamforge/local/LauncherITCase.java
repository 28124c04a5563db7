package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as a person or a script uses it: options in, exit code and last line out. */
class LauncherITCase {

    private static final Pattern ACCOUNT =
            Pattern.compile(
                    "consumed=\\d+ stored=\\d+ superseded=\\d+ dead_lettered=\\d+ parquet_rows=\\d+"
                            + " parquet_files=\\d+");

    @TempDir Path data;

    @Test
    void everyRunGoesOnWhereTheLastOneStopped() throws Exception {
        Path file = data.resolve("events.ndjson");
        Files.write(
                file,
                List.of(
                        "{\"event_id\":\"6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b\",\"event_type\":"
                                + "\"view\",\"occurred_at\":\"2024-01-15T10:30:00Z\",\"user_id\":"
                                + "\"0d6b1a90-3c1f-4a52-9c56-1d8f0a7b2c3d\"}",
                        "not JSON"));
        try (LocalRun run = new LocalRun(data.resolve("data"))) {
            String first = run(run, "--events", "5000", "--rate", "5000");
            assertThat(first).startsWith("consumed=5000 ");

            String second = run(run, "--events=1000", "--invalid-percent=0", "--parallelism=1");
            assertThat(second).startsWith("consumed=6000 ").contains(deadLettered(first));

            String third = run(run, "--input", file.toString());
            assertThat(third).startsWith("consumed=6002 ");

            assertThat(run.assertInvariant().line()).isEqualTo(third);
        }
    }

    private static String run(LocalRun run, String... options) throws Exception {
        try (LauncherProcess launcher = run.start(options)) {
            assertThat(launcher.exitCode()).as(launcher.err()).isZero();
            assertThat(launcher.err()).doesNotContain("\tat ");
            assertThat(launcher.lastLine()).matches(ACCOUNT);
            return launcher.lastLine();
        }
    }

    private static String deadLettered(String line) {
        return line.replaceFirst(".*( dead_lettered=\\d+ ).*", "$1");
    }
}
