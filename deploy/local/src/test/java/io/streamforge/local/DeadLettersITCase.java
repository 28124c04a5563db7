package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters counted, listed and shown; and all tools as they are shipped. */
class DeadLettersITCase {

    private static final String ID = "0192d3a4-7c1e-7b1a-9c55-3f1d2a4b6c81";

    @TempDir Path data;

    @Test
    void countsListsAndShowsThemAsTheyWere() throws Exception {
        try (Pipeline pipeline = deadLetters("letters")) {
            Map<String, String> environment = pipeline.environment();

            JsonNode stats = ToolRun.of(environment, "dlq", "stats", "--output=json").json().get(0);
            assertThat(stats.get("messages").asInt()).isEqualTo(4);
            assertThat(stats.at("/reason/UNKNOWN_EVENT_TYPE/messages").asInt()).isEqualTo(1);
            assertThat(stats.at("/stage/decode/messages").asInt()).isEqualTo(3);
            assertThat(stats.at("/field/event_type/messages").asInt()).isEqualTo(1);
            assertThat(stats.get("hour").size()).isBetween(1, 2);
            assertThat(ToolRun.of(environment, "dlq", "stats").out())
                    .startsWith("4 dead letters of 4 messages in letters.dlq\n");

            List<JsonNode> listed =
                    ToolRun.of(environment, "dlq", "ls", "--stage=decode", "--output=json").json();
            assertThat(listed)
                    .extracting(letter -> letter.get("source").asText())
                    .containsExactlyInAnyOrder("0:1", "0:2", "0:3");
            assertThat(ToolRun.of(environment, "dlq", "ls", "--limit=1"))
                    .satisfies(run -> assertThat(run.out().lines()).hasSize(2))
                    .satisfies(run -> assertThat(run.err()).contains("3 older ones"));
            assertThat(ToolRun.of(environment, "dlq", "ls", "--since=2099-01-01").out())
                    .isEqualTo("no dead letters match in letters.dlq\n");

            ToolRun unknown = ToolRun.of(environment, "dlq", "show", "0:0");
            assertThat(unknown.exitCode()).isZero();
            assertThat(unknown.out())
                    .contains("streamforge.reason", "key: 0x00ff", "trace")
                    .containsPattern(
                            "UNKNOWN_EVENT_TYPE event_type: expected .*\n  .*HOVER.*\n *\\^")
                    .containsPattern("MISSING_FIELD user_id: ");
            assertCaretUnder(unknown.out(), "\"HOVER\"");
            assertThat(ToolRun.of(environment, "dlq", "show", "0:1").out())
                    .contains("value: 5 bytes, no text")
                    .contains("00000000  7b 22 ff 22 7d")
                    .containsPattern("INVALID_ENCODING: .*at byte 2\n  00000000 .*\n *\\^\\^");
            assertThat(ToolRun.of(environment, "dlq", "show", "0:2").out())
                    .contains("EMPTY_PAYLOAD", "value: null");
            JsonNode exact =
                    ToolRun.of(environment, "dlq", "show", "0:1", "--output=json").json().get(0);
            assertThat(exact.get("value").isNull()).isTrue();
            assertThat(exact.get("value_base64").binaryValue())
                    .containsExactly('{', '"', 0xFF, '"', '}');

            ToolRun none = ToolRun.of(environment, "dlq", "show", "3:99");
            assertThat(none.exitCode()).isEqualTo(1);
            assertThat(none.err()).contains("no dead letter comes from 3@99", "check --topic");
            assertThat(ToolRun.of(environment, "dlq", "show", "0").exitCode()).isEqualTo(2);
            ToolRun nowhere = ToolRun.of(environment, "dlq", "ls", "--KAFKA_DLQ_TOPIC=nowhere");
            assertThat(nowhere.exitCode()).isEqualTo(2);
            assertThat(nowhere.err()).contains("there is no topic nowhere");
        }
    }

    @Test
    void allToolsRunAsTheyAreShipped() throws Exception {
        try (Pipeline pipeline = deadLetters("shipped")) {
            pipeline.finish();
            Map<String, String> environment = pipeline.environment();
            for (List<String> command :
                    List.of(
                            List.of("check", "--topic", "--summary"),
                            List.of("dlq", "stats"),
                            List.of("dlq", "ls"),
                            List.of("dlq", "show", "0:1"),
                            List.of("dlq", "replay", "--set=event_type=CLICK"),
                            List.of("reconcile"),
                            List.of("reconcile", "--exact"),
                            List.of("doctor"))) {
                ToolRun run = ToolRun.ofScript(data, environment, command.toArray(new String[0]));
                assertThat(run.exitCode()).as(command + run.err()).isBetween(0, 1);
                assertThat(run.err()).as(command.toString()).doesNotContain("Exception", "SLF4J");
                assertThat(run.out()).as(command.toString()).isNotBlank();
            }
            ToolRun.start(data, environment, "dlq", "show", "0:1", "--raw").waitFor();
            assertThat(Files.readAllBytes(data.resolve("out")))
                    .containsExactly('{', '"', 0xFF, '"', '}');
        }
    }

    /** A message of an unknown type, one with a byte that is no UTF-8, a tombstone, an escape. */
    private Pipeline deadLetters(String name) throws Exception {
        Pipeline pipeline = Pipeline.create(name, data);
        String unknown =
                "{\"event_id\":\""
                        + ID
                        + "\",\"path\":\"/日本/😀\",\"event_type\":\"HOVER\","
                        + "\"occurred_at\":\"2024-01-15T10:30:00Z\"}";
        pipeline.send(
                new ProducerRecord<>(
                        pipeline.input(),
                        0,
                        new byte[] {0, -1},
                        unknown.getBytes(UTF_8),
                        List.of(new RecordHeader("trace", new byte[] {27, '[', '2', 'J'}))));
        pipeline.send(0, null, new byte[] {'{', '"', (byte) 0xFF, '"', '}'});
        pipeline.send(0, "k".getBytes(UTF_8), null);
        pipeline.send(0, null, "{\"a\":\u202e\u001b[2J".getBytes(UTF_8));
        pipeline.flush();
        pipeline.start(1);
        pipeline.awaitDrained();
        return pipeline;
    }

    /** In columns of a terminal: 日, 本 and 😀 take two each. */
    private static void assertCaretUnder(String out, String text) {
        List<String> lines = out.lines().toList();
        int caret = 0;
        while (!lines.get(caret).strip().equals("^")) {
            caret++;
        }
        String excerpt = lines.get(caret - 1);
        assertThat(excerpt).contains("/日本/😀");
        int wide = 3; // and 😀 is two chars in Java, so only 日 and 本 take one more than they have
        assertThat(lines.get(caret).indexOf('^')).isEqualTo(excerpt.indexOf(text) + wide - 1);
    }
}
