package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The oracle itself is held to the contract by examples, and its assertions must be able to fail.
 */
class OracleTest {

    private static final String ID = "0A1B2c3d-0000-4000-8000-00000000000f";
    private static final String USER = "00000000-0000-4000-8000-0000000000AA";
    private static final String VALID =
            """
            {"event_id":"%s","event_type":"view","occurred_at":"2024-01-15T10:00:00.1234567+02:00",\
            "user_id":"%s","path":" a b ","referrer":"\\u00a0x\\u3000","other":[1,{"a":null}]}"""
                    .formatted(ID, USER);

    @TempDir private Path root;

    @Test
    void aValidMessageIsNormalised() {
        assertThat(oracle(VALID).valid())
                .containsExactly(
                        new OracleEvent(
                                "0a1b2c3d-0000-4000-8000-00000000000f",
                                "VIEW",
                                1_705_305_600_123_456L,
                                "00000000-0000-4000-8000-0000000000aa",
                                null,
                                "/a b",
                                "x",
                                0,
                                0));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "MALFORMED_JSON, ` `",
                "MALFORMED_JSON, `{`",
                "MALFORMED_JSON, `{} {}`",
                "MALFORMED_JSON, `{\"a\":01}`",
                "MALFORMED_JSON, `{\"a\":1,\"a\":1,}`",
                "NOT_AN_OBJECT, `null`",
                "NOT_AN_OBJECT, `[{\"a\":1,\"a\":2}]`",
                "DUPLICATE_FIELD, `{\"x\":{\"a\":1,\"\\u0061\":2}}`",
                "MISSING_FIELD, `{}`",
                "MISSING_FIELD, `{\"event_id\":null}`",
                "WRONG_TYPE, `{\"event_id\":1}`",
                "INVALID_UUID, `{\"event_id\":\"1-1-1-1-1\"}`",
                "INVALID_ENCODING, `\uFEFF{}`",
            })
    void whatIsNoEventIsRefused(String reason, String value) {
        assertThat(oracle(value).deadLetters()).isEqualTo(Map.of("0@0", reason));
    }

    @Test
    void bytesThatAreNoTextAreRefused() {
        OracleMessage none = new OracleMessage(0, 0, null, null, List.of());
        OracleMessage empty = new OracleMessage(0, 1, null, new byte[0], List.of());
        OracleMessage overlong =
                new OracleMessage(0, 2, null, new byte[] {(byte) 0xC0, (byte) 0x80}, List.of());
        OracleMessage utf16 =
                new OracleMessage(0, 3, null, VALID.getBytes(StandardCharsets.UTF_16LE), List.of());
        OracleMessage large = OracleMessage.of(4, VALID + " ".repeat(1000 - VALID.length() + 1));
        OracleMessage justNot = OracleMessage.of(5, VALID + " ".repeat(1000 - VALID.length()));

        Oracle oracle =
                Oracle.of(
                        List.of(none, empty, overlong, utf16, large, justNot),
                        1000,
                        event -> false);

        assertThat(oracle.deadLetters())
                .isEqualTo(
                        Map.of(
                                "0@0", "EMPTY_PAYLOAD",
                                "0@1", "EMPTY_PAYLOAD",
                                "0@2", "INVALID_ENCODING",
                                "0@3", "INVALID_ENCODING",
                                "0@4", "TOO_LARGE"));
        assertThat(oracle.valid()).hasSize(1);
    }

    @Test
    void nestingEndsAt64() {
        String deep = ",\"deep\":" + "[".repeat(63) + "]".repeat(63) + "}";
        String deeper = ",\"deep\":" + "[".repeat(64) + "]".repeat(64) + "}";
        String open = VALID.substring(0, VALID.length() - 1);

        assertThat(oracle(open + deep, open + deeper).deadLetters())
                .isEqualTo(Map.of("0@1", "MALFORMED_JSON"));
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z, 0",
        "1970-01-01t00:00:00.0000019z, 1",
        "1969-12-31T23:59:59.9999999Z, -1",
        "1970-01-01T00:00:00-00:00, 0",
        "1970-01-01T23:59:00+23:59, 0",
        "0000-12-31T23:59:59-00:01, -62135596741000000",
        "9999-12-31T23:59:59.999999999Z, 253402300799999999",
        "2016-12-31T23:59:60.5Z, 1483228800500000",
        "2016-12-31T15:59:60-08:00, 1483228800000000",
        "2024-02-29T23:59:60Z, 1709251200000000",
    })
    void theContractsTimesAreTaken(String text, long micros) {
        assertThat(oracle(VALID.replaceFirst("2024-01-15T[^\"]*", text)).valid())
                .extracting(OracleEvent::occurredAtMicros)
                .containsExactly(micros);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2024-01-15",
                "2024-01-15 10:00:00Z",
                "2024-01-15T10:00Z",
                "2024-01-15T10:00:00",
                "2024-01-15T10:00:00.Z",
                "2024-01-15T24:00:00Z",
                "2023-02-29T10:00:00Z",
                "2024-01-15T10:00:00+24:00",
                "2024-01-15T10:00:00+0200",
                "2024-01-15T10:00:60Z",
                "2024-02-28T23:59:60Z",
                "2016-12-31T23:59:60+01:00",
                "2016-12-31T23:59:61Z",
                "0000-12-31T23:59:59Z",
                "0001-01-01T00:00:00+00:01",
                "9999-12-31T23:59:59-00:01",
                "9999-12-31T23:59:60Z",
                "+2024-01-15T10:00:00Z",
                " 2024-01-15T10:00:00Z",
            })
    void otherTimesAreRefused(String text) {
        assertThat(oracle(VALID.replaceFirst("2024-01-15T[^\"]*", text)).deadLetters())
                .isEqualTo(Map.of("0@0", "INVALID_TIMESTAMP"));
    }

    @ParameterizedTest
    @CsvSource({
        "VIEW, 0, 0",
        "VIEW, -0, 0",
        "VIEW, null,",
        "PURCHASE, 9223372036854775807, 9223372036854775807"
    })
    void amountsAreIntegers(String type, String amount, Long expected) {
        assertThat(oracle(withAmount(type, amount)).valid())
                .extracting(OracleEvent::amountCents)
                .containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "VIEW, 10.0, WRONG_TYPE",
        "VIEW, 1e3, WRONG_TYPE",
        "VIEW, true, WRONG_TYPE",
        "VIEW, '\"10\"', WRONG_TYPE",
        "VIEW, -1, AMOUNT_OUT_OF_RANGE",
        "VIEW, 9223372036854775808, AMOUNT_OUT_OF_RANGE",
        "PURCHASE, null, MISSING_FIELD",
        "purchaſe, 1, UNKNOWN_EVENT_TYPE",
    })
    void otherAmountsAreRefused(String type, String amount, String reason) {
        assertThat(oracle(withAmount(type, amount)).deadLetters()).isEqualTo(Map.of("0@0", reason));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, /",
                "` `, /",
                "null, /null",
                "//a, //a",
                "\\u0085\\u2028/a, /a",
                "\\u001f, `/\u001f`",
                "\\ud83d\\ude00, `/😀`",
            })
    void pathsAreTrimmedAndAbsolute(String text, String expected) {
        assertThat(oracle(VALID.replace(" a b ", text)).valid())
                .extracting(OracleEvent::path)
                .containsExactly(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u0000", "\\ud800", "a\\udc00"})
    void textThatNoDatabaseTakesIsRefused(String text) {
        assertThat(oracle(VALID.replace(" a b ", text)).deadLetters())
                .isEqualTo(Map.of("0@0", "INVALID_TEXT"));
    }

    @Test
    void emptyReferrersAreNone() {
        for (String text : List.of("", " ", "null", " undefined ", "NULL")) {
            assertThat(oracle(VALID.replace("\\u00a0x\\u3000", text)).valid())
                    .extracting(OracleEvent::referrer)
                    .containsExactly(text.equals("NULL") ? "NULL" : null);
        }
    }

    @Test
    void theGreatestTimeThenTheGreatestCoordinatesWin() {
        String later = VALID.replace("10:00:00", "10:00:01");
        Oracle oracle = oracle(VALID, later, later, VALID, "{}");

        assertThat(oracle.consumed()).isEqualTo(5);
        assertThat(oracle.winners().values())
                .extracting(OracleEvent::coordinates)
                .containsExactly("0@2");
        assertThat(oracle.deadLetters()).isEqualTo(Map.of("0@4", "MISSING_FIELD"));
    }

    @Test
    void refusedWinnersAreDeadLettersAndTheNextOneWins() {
        String later = VALID.replace("10:00:00", "10:00:01");
        Oracle oracle =
                Oracle.of(
                        List.of(
                                OracleMessage.of(0, VALID),
                                OracleMessage.of(1, VALID),
                                OracleMessage.of(2, later)),
                        1000,
                        event -> event.offset() != 1);

        assertThat(oracle.winners().values())
                .extracting(OracleEvent::coordinates)
                .containsExactly("0@1");
        assertThat(oracle.deadLetters()).isEqualTo(Map.of("0@2", "REJECTED_BY_DATABASE"));
        ConsumerRecord<byte[], byte[]> winner =
                deadLetter(2, "REJECTED_BY_DATABASE", "store", later);
        ConsumerRecord<byte[], byte[]> loser =
                deadLetter(0, "REJECTED_BY_DATABASE", "store", VALID);
        assertThatCode(() -> oracle.assertDeadLetters(List.of(winner))).doesNotThrowAnyException();
        assertThatCode(() -> oracle.assertDeadLetters(List.of(winner, loser)))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> oracle.assertDeadLetters(List.of(loser)))
                .withMessageContaining("1 missing\n    0@2: REJECTED_BY_DATABASE store");
    }

    @Test
    void deadLettersAreComparedByteForByte() {
        Oracle oracle = oracle("{}", "[]", VALID);
        ConsumerRecord<byte[], byte[]> first = deadLetter(0, "MISSING_FIELD", "validate", "{}");
        ConsumerRecord<byte[], byte[]> second = deadLetter(1, "NOT_AN_OBJECT", "decode", "[]");

        assertThatCode(() -> oracle.assertDeadLetters(List.of(second, first, first)))
                .doesNotThrowAnyException();
        for (ConsumerRecord<byte[], byte[]> wrong :
                List.of(
                        deadLetter(0, "WRONG_TYPE", "validate", "{}"),
                        deadLetter(0, "MISSING_FIELD", "decode", "{}"),
                        deadLetter(0, "MISSING_FIELD", "validate", "{ }"),
                        withHeader(deadLetter(0, "MISSING_FIELD", "validate", "{}"), "a", "b"))) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> oracle.assertDeadLetters(List.of(wrong, second)))
                    .withMessageContaining("1 different\n    0@0:");
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> oracle.assertDeadLetters(List.of(first, wrong, second)));
        }
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(
                        () ->
                                oracle.assertDeadLetters(
                                        List.of(deadLetter(2, "TOO_LARGE", "decode", VALID))))
                .withMessageContaining("2 missing")
                .withMessageContaining("1 extra\n    0@2: TOO_LARGE");
    }

    @Test
    void aDeadLetterThatHadToBeCutIsABeginning() {
        Oracle oracle = oracle("[1234]");

        assertThatCode(
                        () ->
                                oracle.assertDeadLetters(
                                        List.of(
                                                withHeader(
                                                        deadLetter(
                                                                0,
                                                                "NOT_AN_OBJECT",
                                                                "decode",
                                                                "[12"),
                                                        "streamforge.truncated",
                                                        "true"))))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(
                        () ->
                                oracle.assertDeadLetters(
                                        List.of(
                                                withHeader(
                                                        deadLetter(
                                                                0,
                                                                "NOT_AN_OBJECT",
                                                                "decode",
                                                                "[13"),
                                                        "streamforge.truncated",
                                                        "true"))));
    }

    @Test
    void theArchiveIsComparedByCoordinates() throws Exception {
        Oracle oracle = oracle(VALID, "{}");
        archive("dt=2024-01-15/part-0.parquet", "'/a b'", 0);

        assertThatCode(() -> oracle.assertParquet(root)).doesNotThrowAnyException();
    }

    @Test
    void aWrongValueInTheArchiveIsShown() throws Exception {
        archive("dt=2024-01-15/part-0.parquet", "NULL", 0);

        assertWrongArchive("1 different\n    0@0:", "path=\"/a b\"", "path=null");
    }

    @Test
    void aWrongDirectoryInTheArchiveIsShown() throws Exception {
        archive("dt=2024-01-16/part-0.parquet", "'/a b'", 0);

        assertWrongArchive("1 different", "dt=2024-01-15", "dt=2024-01-16");
    }

    @Test
    void aRepeatInTheArchiveIsShown() throws Exception {
        archive("dt=2024-01-15/part-0.parquet", "'/a b'", 0);
        archive("dt=2024-01-15/part-1.parquet", "'/a b'", 0);

        assertWrongArchive("1 repeated\n    0@0");
    }

    @Test
    void extraAndMissingRowsInTheArchiveAreShown() throws Exception {
        assertWrongArchive("1 missing\n    0@0: 0a1b2c3d-");

        archive("dt=2024-01-15/part-0.parquet", "'/a b'", 7);
        assertWrongArchive("1 missing\n    0@0", "1 extra\n    0@7");
    }

    @Test
    void anotherTypeInTheArchiveIsShown() throws Exception {
        archive("dt=2024-01-15/part-0.parquet", "1", 0);

        assertWrongArchive("the archive's columns are", "path INTEGER");
    }

    private void assertWrongArchive(String... texts) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> oracle(VALID).assertParquet(root))
                .satisfies(error -> assertThat(error.getMessage()).contains(texts));
    }

    private void archive(String name, String path, long offset) throws IOException, SQLException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute(
                    """
                    COPY (SELECT '0a1b2c3d-0000-4000-8000-00000000000f' AS event_id,
                                 'VIEW' AS event_type,
                                 '2024-01-15 08:00:00.123456+00'::timestamptz AS occurred_at,
                                 '00000000-0000-4000-8000-0000000000aa' AS user_id,
                                 NULL::bigint AS amount_cents, PATH AS path, 'x' AS referrer,
                                 '2024-01-15 09:00:00+00'::timestamptz AS processed_at,
                                 0 AS src_partition, OFFSET::bigint AS src_offset)
                    TO 'FILE' (FORMAT parquet)
                    """
                            .replace("PATH", path.equals("NULL") ? "NULL::varchar" : path)
                            .replace("OFFSET", Long.toString(offset))
                            .replace("FILE", file.toString()));
        }
    }

    private static String withAmount(String type, String amount) {
        return VALID.replace("\"view\"", '"' + type + "\",\"amount_cents\":" + amount);
    }

    private static ConsumerRecord<byte[], byte[]> deadLetter(
            long offset, String reason, String stage, String value) {
        ConsumerRecord<byte[], byte[]> message =
                new ConsumerRecord<>("dlq", 0, 0, null, value.getBytes(StandardCharsets.UTF_8));
        withHeader(message, "streamforge.reason", reason);
        withHeader(message, "streamforge.stage", stage);
        withHeader(message, "streamforge.source.partition", "0");
        return withHeader(message, "streamforge.source.offset", Long.toString(offset));
    }

    private static ConsumerRecord<byte[], byte[]> withHeader(
            ConsumerRecord<byte[], byte[]> message, String name, String value) {
        message.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
        return message;
    }

    private static Oracle oracle(String... values) {
        List<OracleMessage> messages = new ArrayList<>();
        for (String value : values) {
            messages.add(OracleMessage.of(messages.size(), value));
        }
        return Oracle.of(messages, 1000, event -> false);
    }
}
