package io.streamforge.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.event.DeadLetter;
import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RawHeader;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Uuid;
import io.streamforge.event.Violation;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionGraphTestUtils;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The function in Flink's operator: what comes out where, and what is counted. */
class ValidateFunctionTest {

    private static final Instant NOW = Instant.parse("2024-01-15T10:30:01.234567891Z");
    private static final int MAX_BYTES = 1024;

    /** By name and labels, for example {@code stream_dlq_total{reason=X,stage=y}}. */
    private final Map<String, Counter> counters = new TreeMap<>();

    private MockEnvironment environment;
    private OneInputStreamOperatorTestHarness<RawEvent, Event> operator;

    @BeforeEach
    void openTheOperator() throws Exception {
        environment = new MockEnvironmentBuilder().setMetricGroup(taskMetrics()).build();
        operator =
                new OneInputStreamOperatorTestHarness<>(
                        new ProcessOperator<>(
                                new ValidateFunction(MAX_BYTES, Clock.fixed(NOW, ZoneOffset.UTC))),
                        environment);
        operator.open();
    }

    @AfterEach
    void closeTheOperator() throws Exception {
        operator.close();
        environment.close();
    }

    @Test
    void aValidMessageGoesOnAsAnEventWithTheTimeOfItsValidation() throws Exception {
        RawEvent raw = Message.valid().raw();

        operator.processElement(raw, 5);

        // The harness copies what comes out.
        assertThat(operator.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(
                        new Event(
                                Uuid.parse(Message.EVENT_ID),
                                EventType.PURCHASE,
                                1_705_314_600_123_456L,
                                Uuid.parse(Message.USER_ID),
                                1999L,
                                "/cart",
                                "https://example.com/",
                                1_705_314_601_234_567L,
                                raw));
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void anInvalidMessageLeavesThroughTheSideOutputByteForByteWithAllItsViolations()
            throws Exception {
        RawEvent raw =
                new RawEvent(
                        new byte[] {1, -1},
                        "{\"event_type\":\"CLICK\",\"path\":\"\\u0000\"}"
                                .getBytes(StandardCharsets.UTF_8),
                        List.of(new RawHeader("trace", new byte[] {2}), new RawHeader("x", null)),
                        "events.input.v1",
                        7,
                        99,
                        1_700_000_000_000L);

        operator.processElement(raw, 5);

        assertThat(operator.extractOutputValues()).isEmpty();
        assertThat(deadLetters())
                .singleElement()
                .satisfies(
                        deadLetter -> {
                            assertThat(deadLetter.raw()).usingRecursiveComparison().isEqualTo(raw);
                            assertThat(deadLetter.reason())
                                    .isEqualTo(RejectionReason.MISSING_FIELD);
                            assertThat(deadLetter.violations())
                                    .extracting(Violation::field)
                                    .containsExactly("event_id", "occurred_at", "user_id", "path");
                            assertThat(deadLetter.sqlState()).isNull();
                            assertThat(deadLetter.constraint()).isNull();
                            assertThat(deadLetter.failedAtMillis()).isEqualTo(1_705_314_601_234L);
                        });
    }

    /** F2: neither skipped nor a failure. */
    @Test
    void aTombstoneIsADeadLetter() throws Exception {
        operator.processElement(Message.raw((byte[]) null), 0);

        assertThat(deadLetters())
                .extracting(DeadLetter::reason)
                .containsExactly(RejectionReason.EMPTY_PAYLOAD);
    }

    @Test
    void theLimitOnTheSizeIsTheOneGiven() throws Exception {
        String json = Message.valid().json();

        operator.processElement(Message.raw(json + " ".repeat(MAX_BYTES - json.length())), 0);
        operator.processElement(Message.raw(json + " ".repeat(MAX_BYTES + 1 - json.length())), 0);

        assertThat(operator.extractOutputValues()).hasSize(1);
        assertThat(deadLetters())
                .extracting(DeadLetter::reason)
                .containsExactly(RejectionReason.TOO_LARGE);
    }

    @Test
    void theCountersOfEveryReasonExistFromTheStartAtZero() {
        assertThat(counts())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.ofEntries(
                                Map.entry("stream_events_ingested_total{}", 0L),
                                Map.entry(
                                        "stream_events_processed_total{status=dead_lettered}", 0L),
                                dlq("EMPTY_PAYLOAD", "decode"),
                                dlq("TOO_LARGE", "decode"),
                                dlq("INVALID_ENCODING", "decode"),
                                dlq("MALFORMED_JSON", "decode"),
                                dlq("NOT_AN_OBJECT", "decode"),
                                dlq("DUPLICATE_FIELD", "decode"),
                                dlq("MISSING_FIELD", "validate"),
                                dlq("WRONG_TYPE", "validate"),
                                dlq("INVALID_UUID", "validate"),
                                dlq("UNKNOWN_EVENT_TYPE", "validate"),
                                dlq("INVALID_TIMESTAMP", "validate"),
                                dlq("AMOUNT_OUT_OF_RANGE", "validate"),
                                dlq("INVALID_TEXT", "validate")));
    }

    private static Map.Entry<String, Long> dlq(String reason, String stage) {
        return Map.entry("stream_dlq_total{reason=" + reason + ",stage=" + stage + "}", 0L);
    }

    @Test
    void everyMessageIsCountedOnceAndADeadLetterByItsFirstReasonAlone() throws Exception {
        Map<String, Long> expected = new HashMap<>(counts());
        expected.put("stream_events_ingested_total{}", 6L);
        expected.put("stream_events_processed_total{status=dead_lettered}", 4L);
        expected.put("stream_dlq_total{reason=MALFORMED_JSON,stage=decode}", 2L);
        expected.put("stream_dlq_total{reason=WRONG_TYPE,stage=validate}", 1L);
        expected.put("stream_dlq_total{reason=MISSING_FIELD,stage=validate}", 1L);

        operator.processElement(Message.valid().raw(), 0);
        operator.processElement(Message.valid().raw(), 0);
        operator.processElement(Message.raw("{"), 0);
        operator.processElement(Message.raw("]"), 0);
        operator.processElement(Message.valid().with("event_id", "1").without("user_id").raw(), 0);
        operator.processElement(Message.valid().without("event_id").with("path", "1").raw(), 0);

        assertThat(counts()).containsExactlyInAnyOrderEntriesOf(expected);
    }

    private List<DeadLetter> deadLetters() {
        if (operator.getSideOutput(ValidateFunction.DEAD_LETTERS) == null) {
            return List.of();
        }
        return operator.getSideOutput(ValidateFunction.DEAD_LETTERS).stream()
                .map(element -> element.getValue())
                .toList();
    }

    private Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        counters.forEach((name, counter) -> counts.put(name, counter.getCount()));
        return counts;
    }

    private TaskMetricGroup taskMetrics() {
        TestingMetricRegistry registry =
                TestingMetricRegistry.builder().setRegisterConsumer(this::register).build();
        return TaskManagerMetricGroup.createTaskManagerMetricGroup(
                        registry, "localhost", ResourceID.generate())
                .addJob(new JobID(), "job")
                .addTask(ExecutionGraphTestUtils.createExecutionAttemptId(), "task");
    }

    private void register(Metric metric, String name, AbstractMetricGroup<?> group) {
        if (metric instanceof Counter counter && name.startsWith("stream_")) {
            Map<String, String> labels = new TreeMap<>();
            group.getAllVariables()
                    .forEach(
                            (label, value) -> {
                                String plain = label.substring(1, label.length() - 1);
                                if (List.of("reason", "stage", "status").contains(plain)) {
                                    labels.put(plain, value);
                                }
                            });
            String series = name + labels.toString().replace(", ", ",");
            assertThat(counters.put(series, counter)).as(series).isNull();
        }
    }
}
