package io.streamforge.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.streamforge.event.DeadLetter;
import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RawHeader;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Violation;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The dead letter's contract: the original untouched, the reason beside it, and never too large.
 */
class DeadLetterSerializationSchemaTest {

    private static final int LIMIT = 100_000;
    private static final int PARKING_LIMIT = 50_000;
    private static final String DLQ = "dlq";
    private static final String PARKING = "parking";
    private static final byte[] KEY = {0, (byte) 0xFF, 'k'};
    private static final byte[] VALUE = {'{', (byte) 0xC3, 0, (byte) 0xED, (byte) 0xA0};
    private static final Violation NO_TYPE =
            new Violation(RejectionReason.MISSING_FIELD, "event_type", "is missing");

    private final DeadLetterSerializationSchema schema = schema("1.2.3");

    @Test
    void keepsKeyValueAndHeadersByteForByteAndInOrder() {
        List<RawHeader> headers =
                List.of(
                        new RawHeader("b", new byte[] {(byte) 0xFF, 0}),
                        new RawHeader("a", null),
                        new RawHeader("b", new byte[] {1}),
                        new RawHeader("", new byte[0]),
                        new RawHeader("Streamforge.reason", new byte[] {2}));

        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(KEY, VALUE, headers)));

        assertThat(record.key()).isEqualTo(KEY);
        assertThat(record.value()).isEqualTo(VALUE);
        assertThat(
                        Arrays.stream(record.headers().toArray())
                                .limit(headers.size())
                                .map(header -> new RawHeader(header.key(), header.value())))
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(headers);
        assertThat(added(record)).doesNotContainKey(DeadLetterHeaders.TRUNCATED);
    }

    @Test
    void keepsNullKeysAndTombstones() {
        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(null, null, List.of())));

        assertThat(record.key()).isNull();
        assertThat(record.value()).isNull();
    }

    @Test
    void addsEveryHeaderOfARefusedMessage() {
        DeadLetter letter =
                DeadLetter.invalid(
                        new RawEvent(KEY, VALUE, List.of(), "in", 7, 1L << 40, 1_705_314_600_123L),
                        List.of(
                                NO_TYPE,
                                new Violation(RejectionReason.INVALID_UUID, "user_id", "no UUID")),
                        1_705_314_601_234L);

        assertThat(added(serialize(letter)))
                .containsExactlyEntriesOf(
                        ordered(
                                "streamforge.reason", "MISSING_FIELD",
                                "streamforge.stage", "validate",
                                "streamforge.field", "event_type",
                                "streamforge.detail",
                                        "MISSING_FIELD event_type: is missing\n"
                                                + "INVALID_UUID user_id: no UUID",
                                "streamforge.source.topic", "in",
                                "streamforge.source.partition", "7",
                                "streamforge.source.offset", "1099511627776",
                                "streamforge.source.timestamp", "1705314600123",
                                "streamforge.failed.at", "2024-01-15T10:30:01.234Z",
                                "streamforge.attempt", "1",
                                "streamforge.version", "1.2.3"));
    }

    @Test
    void leavesOutTheFieldWhereTheWholeMessageIsMeant() {
        Violation violation = new Violation(RejectionReason.EMPTY_PAYLOAD, null, "no bytes");

        assertThat(added(serialize(letter(raw(null, null, List.of()), violation))))
                .containsEntry("streamforge.reason", "EMPTY_PAYLOAD")
                .containsEntry("streamforge.stage", "decode")
                .containsEntry("streamforge.detail", "EMPTY_PAYLOAD: no bytes")
                .doesNotContainKey("streamforge.field");
    }

    @Test
    void addsTheDatabasesReasonOfARefusedRow() {
        DeadLetter letter =
                new DeadLetter(
                        raw(KEY, VALUE, List.of()),
                        List.of(
                                new Violation(
                                        RejectionReason.REJECTED_BY_DATABASE, "path", "too odd")),
                        "23514",
                        "path_absolute",
                        5);

        assertThat(added(serialize(letter)))
                .containsEntry("streamforge.reason", "REJECTED_BY_DATABASE")
                .containsEntry("streamforge.stage", "store")
                .containsEntry("streamforge.sqlstate", "23514")
                .containsEntry("streamforge.constraint", "path_absolute");
    }

    @Test
    void replacesItsOwnHeadersOnTheInput() {
        List<RawHeader> headers =
                List.of(
                        header("streamforge.reason", "old"),
                        header("x", "kept"),
                        header("streamforge.sqlstate", "old"),
                        header("streamforge.truncated", "true"),
                        header("streamforge.attempt", "2"),
                        header("streamforge.of.a.later.version", "old"));

        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(KEY, VALUE, headers)));

        assertThat(record.headers().toArray()[0].key()).isEqualTo("x");
        assertThat(added(record))
                .containsEntry("streamforge.reason", "MISSING_FIELD")
                .containsEntry("streamforge.attempt", "3")
                .doesNotContainKeys(
                        "streamforge.sqlstate",
                        "streamforge.truncated",
                        "streamforge.of.a.later.version");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "1, 2",
        "3, 4",
        "007, 8",
        "999999999, 1000000000",
        "1000000000, 1",
        "-1, 1",
        "x, 1",
        "'', 1",
        "' 3', 1",
        "3.0, 1",
        "\u0663, 1"
    })
    void countsAttemptsAndTakesGarbageForNone(String previous, String attempt) {
        RawEvent raw = raw(KEY, VALUE, List.of(header("streamforge.attempt", previous)));

        assertThat(added(serialize(letter(raw)))).containsEntry("streamforge.attempt", attempt);
    }

    @Test
    void takesTheLastAttemptOfSeveralAndANullForNone() {
        List<RawHeader> two =
                List.of(header("streamforge.attempt", "1"), header("streamforge.attempt", "2"));
        List<RawHeader> none = List.of(new RawHeader("streamforge.attempt", null));

        assertThat(added(serialize(letter(raw(KEY, VALUE, two)))))
                .containsEntry("streamforge.attempt", "3");
        assertThat(added(serialize(letter(raw(KEY, VALUE, none)))))
                .containsEntry("streamforge.attempt", "1");
    }

    @ParameterizedTest
    @CsvSource({"0, dlq", "3, dlq", "4, parking", "5, parking", "999999999, parking"})
    void parksAMessageAtItsLastAttempt(String previous, String topic) {
        RawEvent raw = raw(KEY, VALUE, List.of(header("streamforge.attempt", previous)));

        assertThat(serialize(letter(raw)).topic()).isEqualTo(topic);
    }

    @Test
    void leavesPartitionAndTimestampToKafka() {
        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(KEY, VALUE, List.of())));

        assertThat(record.partition()).isNull();
        assertThat(record.timestamp()).isNull();
    }

    /** One to four bytes a character: the border lies within a character for three of them. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "ä", "€", "😀"})
    void boundsTheDetailAtACharactersBorder(String character) {
        String prefix = "MISSING_FIELD event_type: ";
        Violation violation =
                new Violation(RejectionReason.MISSING_FIELD, "event_type", character.repeat(5_000));

        byte[] detail =
                header(
                        serialize(letter(raw(KEY, VALUE, List.of()), violation)),
                        DeadLetterHeaders.DETAIL);

        int size = character.getBytes(UTF_8).length;
        int fitting = (4096 - prefix.length()) / size;
        assertThat(new String(detail, UTF_8)).isEqualTo(prefix + character.repeat(fitting));
        assertThat(detail.length).isBetween(4096 - size + 1, 4096);
    }

    @Test
    void addsAtMostEightKibibytesInTheWorstCase() {
        String endless = "😀".repeat(3_000);
        DeadLetter letter =
                new DeadLetter(
                        new RawEvent(
                                KEY,
                                new byte[3 * LIMIT],
                                List.of(header("streamforge.attempt", "999999999")),
                                endless,
                                Integer.MIN_VALUE,
                                Long.MIN_VALUE,
                                Long.MIN_VALUE),
                        List.of(
                                new Violation(
                                        RejectionReason.REJECTED_BY_DATABASE, endless, endless)),
                        endless,
                        endless,
                        Long.MAX_VALUE);

        ProducerRecord<byte[], byte[]> record = schema(endless).serialize(letter, null, null);

        assertThat(added(record)).hasSize(16);
        int bytes =
                Arrays.stream(record.headers().toArray())
                        .mapToInt(h -> h.key().getBytes(UTF_8).length + h.value().length)
                        .sum();
        assertThat(bytes).isBetween(4096, 8192);
        assertThat(record.topic()).isEqualTo(PARKING);
        assertThat(size(record)).isBetween(PARKING_LIMIT - 5, PARKING_LIMIT);
    }

    @Test
    void cutsNothingThatFitsExactlyAndTheFirstByteThatDoesNot() {
        int overhead = size(serialize(letter(raw(KEY, new byte[90_000], List.of())))) - 90_000;
        byte[] fitting = noise(LIMIT - overhead);
        byte[] larger = noise(LIMIT - overhead + 1);

        ProducerRecord<byte[], byte[]> whole = serialize(letter(raw(KEY, fitting, List.of())));
        ProducerRecord<byte[], byte[]> cut = serialize(letter(raw(KEY, larger, List.of())));

        assertThat(size(whole)).isEqualTo(LIMIT);
        assertThat(whole.value()).isEqualTo(fitting);
        assertThat(added(whole)).doesNotContainKey("streamforge.truncated");
        assertThat(added(cut)).containsEntry("streamforge.truncated", "true");
    }

    @Test
    void cutsTheValueToTheLimitAndSaysWhatItWas() throws Exception {
        byte[] value = noise(3 * LIMIT);
        List<RawHeader> headers = List.of(header("x", "kept"));

        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(KEY, value, headers)));

        assertThat(size(record)).isBetween(LIMIT - 5, LIMIT);
        assertThat(record.key()).isEqualTo(KEY);
        assertThat(record.value()).isEqualTo(Arrays.copyOf(value, record.value().length));
        assertThat(header(record, "x")).isEqualTo("kept".getBytes(UTF_8));
        assertThat(added(record))
                .containsEntry("streamforge.truncated", "true")
                .containsEntry("streamforge.original.size", "300000")
                .containsEntry(
                        "streamforge.original.sha256",
                        HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(value)));
    }

    @Test
    void theParkingTopicsOwnLimitCounts() {
        List<RawHeader> headers = List.of(header("streamforge.attempt", "4"));

        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(KEY, noise(60_000), headers)));

        assertThat(record.topic()).isEqualTo(PARKING);
        assertThat(size(record)).isBetween(PARKING_LIMIT - 5, PARKING_LIMIT);
        assertThat(added(record)).containsEntry("streamforge.original.size", "60000");
    }

    @Test
    void cutsAnOversizedKeyToo() {
        byte[] key = noise(2 * LIMIT);
        byte[] value = noise(2 * LIMIT);

        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(key, value, List.of())));

        assertThat(size(record)).isBetween(LIMIT - 10, LIMIT);
        assertThat(record.key()).isNotEmpty().isEqualTo(Arrays.copyOf(key, record.key().length));
        assertThat(record.value())
                .isNotEmpty()
                .isEqualTo(Arrays.copyOf(value, record.value().length));
        assertThat(added(record))
                .containsEntry("streamforge.truncated", "true")
                .containsEntry("streamforge.source.offset", "3");
    }

    @Test
    void anOversizedKeyMakesNoEmptyValueOfATombstone() {
        ProducerRecord<byte[], byte[]> record =
                serialize(letter(raw(noise(2 * LIMIT), null, List.of())));

        assertThat(record.value()).isNull();
        assertThat(size(record)).isLessThanOrEqualTo(LIMIT);
        assertThat(added(record)).containsEntry("streamforge.truncated", "true");
    }

    @Test
    void givesUpOversizedHeadersForTheCoordinates() {
        List<RawHeader> headers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            headers.add(new RawHeader("x" + i, noise(LIMIT / 40)));
        }

        ProducerRecord<byte[], byte[]> record = serialize(letter(raw(KEY, VALUE, headers)));

        assertThat(record.key()).isEqualTo(KEY);
        assertThat(record.value()).isEqualTo(VALUE);
        assertThat(record.headers().toArray())
                .allSatisfy(h -> assertThat(h.key()).startsWith(DeadLetterHeaders.PREFIX));
        assertThat(added(record))
                .containsEntry("streamforge.truncated", "true")
                .containsEntry("streamforge.original.size", "5")
                .containsEntry("streamforge.source.offset", "3");
    }

    /** Lengths are varints, so the estimate jumps where one of them grows by a byte. */
    @Test
    void noSizeOfKeyAndValueComesOutOverTheLimit() {
        for (int around : new int[] {1 << 7, 1 << 14, LIMIT / 2, LIMIT, 1 << 20, 1 << 21}) {
            for (int off = -2; off <= 2; off++) {
                for (byte[] key : new byte[][] {null, KEY, new byte[around + off]}) {
                    ProducerRecord<byte[], byte[]> record =
                            serialize(letter(raw(key, new byte[around + off], List.of())));
                    assertThat(size(record)).isLessThanOrEqualTo(LIMIT);
                }
            }
        }
    }

    @Test
    void theWorstCaseFitsTheSmallestLimitThatIsTaken() {
        assertThatIllegalStateException()
                .isThrownBy(() -> new TopicLimits(Map.of(DLQ, 16_384, PARKING, 16_383)))
                .withMessage(
                        "topic parking takes messages of at most 16383 bytes, too few for a dead"
                                + " letter: set max.message.bytes to at least 16384");
        DeadLetterSerializationSchema smallest =
                new DeadLetterSerializationSchema(
                        DLQ,
                        PARKING,
                        5,
                        new TopicLimits(Map.of(DLQ, 16_384, PARKING, 16_384)),
                        "v".repeat(1_000));
        Violation endless =
                new Violation(
                        RejectionReason.REJECTED_BY_DATABASE, "f".repeat(1_000), "d".repeat(9_000));

        ProducerRecord<byte[], byte[]> record =
                smallest.serialize(
                        letter(raw(noise(LIMIT), noise(LIMIT), List.of()), endless), null, null);

        assertThat(size(record)).isLessThanOrEqualTo(16_384);
        assertThat(record.key()).isNotEmpty();
        assertThat(record.value()).isNotEmpty();
    }

    private ProducerRecord<byte[], byte[]> serialize(DeadLetter letter) {
        return schema.serialize(letter, null, 42L);
    }

    private static DeadLetterSerializationSchema schema(String version) {
        return new DeadLetterSerializationSchema(
                DLQ,
                PARKING,
                5,
                new TopicLimits(Map.of(DLQ, LIMIT, PARKING, PARKING_LIMIT)),
                version);
    }

    private static DeadLetter letter(RawEvent raw) {
        return letter(raw, NO_TYPE);
    }

    private static DeadLetter letter(RawEvent raw, Violation violation) {
        return DeadLetter.invalid(raw, List.of(violation), 5);
    }

    private static RawEvent raw(byte[] key, byte[] value, List<RawHeader> headers) {
        return new RawEvent(key, value, headers, "in", 2, 3, 4);
    }

    private static RawHeader header(String name, String value) {
        return new RawHeader(name, value.getBytes(UTF_8));
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        return noise;
    }

    private static byte[] header(ProducerRecord<byte[], byte[]> record, String name) {
        return record.headers().lastHeader(name).value();
    }

    /** The added headers in their order; a repeated one is an error. */
    private static Map<String, String> added(ProducerRecord<byte[], byte[]> record) {
        Map<String, String> added = new LinkedHashMap<>();
        Stream.of(record.headers().toArray())
                .filter(header -> header.key().startsWith(DeadLetterHeaders.PREFIX))
                .forEach(
                        header ->
                                assertThat(
                                                added.put(
                                                        header.key(),
                                                        new String(header.value(), UTF_8)))
                                        .as(header.key())
                                        .isNull());
        return added;
    }

    private static Map<String, String> ordered(String... namesAndValues) {
        Map<String, String> ordered = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            ordered.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return ordered;
    }

    /** What the producer compares with {@code max.request.size}. */
    private static int size(ProducerRecord<byte[], byte[]> record) {
        return AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE,
                CompressionType.NONE,
                record.key(),
                record.value(),
                record.headers().toArray());
    }
}
