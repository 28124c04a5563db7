package io.streamforge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamForgeTest {

    private static final Map<String, String> URL =
            Map.of("POSTGRES_URL", "postgresql://u:canary@127.0.0.1:1/db");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "check ",
                "dlq ",
                "dlq stats ",
                "dlq ls ",
                "dlq show ",
                "dlq replay ",
                "reconcile ",
                "doctor ",
                "migrate ",
                "config ",
                "config print ",
                "completion ",
                "version "
            })
    void showsHelpWithExamples(String command) {
        assertThat(run(Map.of(), (command + "--help").split(" "))).isEqualTo(StreamForge.OK);
        assertThat(out.toString()).contains("Usage: streamforge", "Example");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void asksForACommand() {
        assertThat(run(Map.of())).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString()).startsWith("Missing command").contains("migrate");
    }

    @Test
    void refusesAnUnknownCommand() {
        assertThat(run(Map.of(), "migrat")).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString()).contains("migrat");
    }

    @Test
    void saysWhatItIs() {
        assertThat(run(Map.of(), "version")).isEqualTo(StreamForge.OK);
        assertThat(out.toString().lines())
                .hasSize(5)
                .satisfiesExactly(
                        line -> assertThat(line).matches("StreamForge \\d+\\.\\d+\\.\\d+.*"),
                        line -> assertThat(line).matches("commit [\\w-]+"),
                        line -> assertThat(line).matches("built  \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z"),
                        line ->
                                assertThat(line)
                                        .isEqualTo("java   " + System.getProperty("java.version")),
                        line -> assertThat(line).matches("flink  2\\.\\d+\\.\\d+"));
    }

    @Test
    void printsSettingsWithTheirOriginAndWarnsOfUnknownOnes() {
        Map<String, String> environment =
                Map.of(
                        "POSTGRES_URL",
                        "postgresql://u:canary@h/db",
                        "KAFKA_PORT",
                        "tcp://1.2.3.4:9092");

        assertThat(run(environment, "config", "--PORT=81", "--BATCH_SIZE", "5"))
                .isEqualTo(StreamForge.OK);

        assertThat(out.toString().lines())
                .contains(
                        "environment POSTGRES_URL=postgresql://u:****@h/db",
                        "argument    PORT=81",
                        "argument    BATCH_SIZE=5",
                        "default     HOST=0.0.0.0",
                        "unset       POSTGRES_PASSWORD");
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "The environment variable KAFKA_PORT is ignored: there is no such setting;"
                                + " the nearest is KAFKA_BROKERS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config", "migrate"})
    void refusesABadConfigurationWithAllProblemsAndNoStackTrace(String command) {
        assertThat(run(Map.of("PORT", "x"), command, "--nonsense")).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("Invalid configuration:"),
                        line -> assertThat(line).startsWith("  --nonsense is '****'"),
                        line -> assertThat(line).startsWith("  POSTGRES_URL is not set"),
                        line -> assertThat(line).startsWith("  PORT is 'x'"));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void completesItsCommandsInBash() {
        assertThat(run(Map.of(), "completion")).isEqualTo(StreamForge.OK);
        assertThat(out.toString()).contains("complete ", "reconcile", "UNKNOWN_EVENT_TYPE");
    }

    @Test
    void printsSettingsAndVersionAsJson() throws Exception {
        assertThat(run(URL, "config", "print", "--output=json")).isEqualTo(StreamForge.OK);
        assertThat(run(URL, "version", "--output", "json")).isEqualTo(StreamForge.OK);
        JsonMapper json = new JsonMapper();
        for (String line : out.toString().lines().toList()) {
            assertThat(json.readTree(line).has("name")).as(line).isTrue();
        }
        assertThat(out.toString())
                .contains("{\"name\":\"PORT\",\"value\":\"8080\",\"origin\":\"default\"}")
                .doesNotContain("canary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check --topic", "dlq stats", "dlq replay", "reconcile"})
    void everyToolTakesSettingsAmongItsArguments(String command) {
        List<String> args = new ArrayList<>(List.of(command.split(" ")));
        args.addAll(List.of("--KAFKA_GROUP_ID", "@a", "--PORT=x", "--START_TIMEOUT=1s"));

        assertThat(run(URL, args.toArray(new String[0]))).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString()).startsWith("Invalid configuration:\n  PORT is 'x'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "check",
                "check a --topic",
                "check a --from=1",
                "check --topic --from=yesterday",
                "dlq",
                "dlq ls --limit=0",
                "dlq ls --reason=NO_SUCH",
                "dlq ls --nonsense",
                "dlq show",
                "dlq show 1",
                "dlq show 1:2 --dlq-offset 1:2",
                "dlq replay --yes --dry-run",
                "dlq replay --rate=-1",
                "dlq stats --since=yesterday",
                "dlq replay --set=event_type",
                "dlq replay --patch=absent",
                "reconcile --from=yesterday",
                "reconcile --limit=0"
            })
    void saysWhatIsWrongWithTheArguments(String command) {
        assertThat(run(URL, command.split(" "))).isEqualTo(StreamForge.USAGE);
        assertThat(err.toString()).isNotBlank();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void leavesAnArgumentThatBeginsWithAnAtSignAlone() throws Exception {
        Path file = Files.writeString(directory.resolve("args"), "--PORT=82");
        assertThat(run(URL, "config", "--KAFKA_GROUP_ID", "@" + file)).isEqualTo(StreamForge.OK);
        assertThat(out.toString()).contains("KAFKA_GROUP_ID=@" + file);
    }

    @Test
    void givesUpOnAnUnreachableDatabaseInTime() {
        long start = System.nanoTime();

        int exitCode = run(URL, "migrate", "--START_TIMEOUT=1s");

        assertThat(exitCode).isEqualTo(StreamForge.UNREACHABLE);
        assertThat(System.nanoTime() - start).isBetween(500_000_000L, 5_000_000_000L);
        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .startsWith(
                                                "Waiting for Postgres at"
                                                        + " jdbc:postgresql://127.0.0.1:1/db: "),
                        line ->
                                assertThat(line)
                                        .startsWith(
                                                "Postgres at jdbc:postgresql://127.0.0.1:1/db could"
                                                        + " not be reached within 1s: "));
        assertThat(out.toString() + err).doesNotContain("canary");
    }

    @Test
    void runsOnABareJdk() throws Exception {
        assertThat(BareJdk.run(directory, Map.of(), "version"))
                .satisfies(outcome -> assertThat(outcome.exitCode()).isEqualTo(StreamForge.OK))
                .satisfies(outcome -> assertThat(outcome.err()).isEmpty());
        assertThat(BareJdk.run(directory, URL, "config"))
                .satisfies(outcome -> assertThat(outcome.exitCode()).isEqualTo(StreamForge.OK))
                .satisfies(outcome -> assertThat(outcome.err()).isEmpty());
        assertThat(BareJdk.run(directory, URL, "migrate", "--START_TIMEOUT=1ms"))
                .satisfies(outcome -> assertThat(outcome.exitCode()).isEqualTo(3))
                .satisfies(outcome -> assertThat(outcome.err().lines()).hasSize(1));
    }

    @Test
    void refersToNoClassOfFlink() throws IOException {
        Path classes = Path.of("target", "classes", "io", "streamforge");
        for (String name : List.of("cli", "config")) {
            try (Stream<Path> files = Files.walk(classes.resolve(name))) {
                List<Path> compiled = files.filter(Files::isRegularFile).toList();
                assertThat(compiled).isNotEmpty();
                for (Path file : compiled) {
                    String constants =
                            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                    assertThat(constants)
                            .as(file.toString())
                            .doesNotContain("org/apache/flink", "org.apache.flink");
                }
            }
        }
    }

    private int run(Map<String, String> environment, String... args) {
        return StreamForge.run(
                args, environment, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}
