package io.streamforge.validate;

import static io.streamforge.event.RejectionReason.AMOUNT_OUT_OF_RANGE;
import static io.streamforge.event.RejectionReason.DUPLICATE_FIELD;
import static io.streamforge.event.RejectionReason.EMPTY_PAYLOAD;
import static io.streamforge.event.RejectionReason.INVALID_ENCODING;
import static io.streamforge.event.RejectionReason.INVALID_TEXT;
import static io.streamforge.event.RejectionReason.INVALID_TIMESTAMP;
import static io.streamforge.event.RejectionReason.INVALID_UUID;
import static io.streamforge.event.RejectionReason.MALFORMED_JSON;
import static io.streamforge.event.RejectionReason.MISSING_FIELD;
import static io.streamforge.event.RejectionReason.NOT_AN_OBJECT;
import static io.streamforge.event.RejectionReason.TOO_LARGE;
import static io.streamforge.event.RejectionReason.UNKNOWN_EVENT_TYPE;
import static io.streamforge.event.RejectionReason.WRONG_TYPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Uuid;
import io.streamforge.event.Violation;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The input contract, rule by rule. F numbers name the failure that a rule is there for: F1 no
 * JSON, F2 tombstones, F3 trailing tokens, F4 repeated names, F5 coercion, F6 no object, F7
 * encodings, F8 U+0000, F9 lone surrogates, F10 limits, F11 UUIDs, F13 and F14 times (F12 is in
 * {@link Rfc3339Test}), F15 case and trimming, F16 amounts.
 */
class EventParserTest {

    private static final int MAX_BYTES = 1_048_576;

    private final EventParser parser = new EventParser(MAX_BYTES);

    // The whole event.

    @Test
    void normalisesEveryFieldOfAValidMessage() {
        RawEvent raw =
                Message.valid()
                        .withText("event_id", "6F1C2A34-5B6D-4E7F-8A9B-0C1D2E3F4A5B")
                        .withText("event_type", "pUrChAsE")
                        .withText("occurred_at", "2024-01-15T12:30:00.1234567+02:00")
                        .withText("user_id", "ABCDEFAB-CDEF-ABCD-EFAB-CDEFABCDEFAB")
                        .withText("path", "  products/42 ")
                        .withText("referrer", "\\thttps://example.com/\\n")
                        .raw();

        ParseResult result = parser.parse(raw, 1_705_314_601_000_002L);

        assertThat(result)
                .isEqualTo(
                        new ParseResult.Accepted(
                                new Event(
                                        Uuid.parse("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"),
                                        EventType.PURCHASE,
                                        1_705_314_600_123_456L,
                                        Uuid.parse("abcdefab-cdef-abcd-efab-cdefabcdefab"),
                                        1999L,
                                        "/products/42",
                                        "https://example.com/",
                                        1_705_314_601_000_002L,
                                        raw)));
    }

    @Test
    void keepsTheMessageItselfByReference() {
        RawEvent raw = Message.valid().raw();

        assertThat(accepted(raw).raw()).isSameAs(raw);
    }

    @Test
    void absentOptionalFieldsAreNull() {
        Event event =
                accepted(
                        Message.valid()
                                .withText("event_type", "CLICK")
                                .without("amount_cents")
                                .without("path")
                                .without("referrer")
                                .raw());

        assertThat(event.amountCents()).isNull();
        assertThat(event.path()).isNull();
        assertThat(event.referrer()).isNull();
    }

    @Test
    void nullOptionalFieldsAreNull() {
        Event event =
                accepted(
                        Message.valid()
                                .withText("event_type", "VIEW")
                                .with("amount_cents", "null")
                                .with("path", "null")
                                .with("referrer", "null")
                                .raw());

        assertThat(event.amountCents()).isNull();
        assertThat(event.path()).isNull();
        assertThat(event.referrer()).isNull();
    }

    @Test
    void unknownFieldsAreIgnored() {
        assertAccepted(
                Message.valid()
                        .with("extra", "{\"event_id\":[1,2.5e7,{\"event_id\":null}],\"\":true}")
                        .with("Event_Id", "5")
                        .with("", "0"));
    }

    @Test
    void theOrderOfTheFieldsDoesNotMatter() {
        assertAccepted(Message.valid().without("event_id").withText("event_id", Message.EVENT_ID));
    }

    @Test
    void namesAndValuesMayBeEscaped() {
        Event event =
                accepted(
                        Message.raw(
                                Message.valid()
                                        .json()
                                        .replace("event_type", "event\\u005ftype")
                                        .replace("PURCHASE", "\\u0050URCHASE")));

        assertThat(event.eventType()).isEqualTo(EventType.PURCHASE);
    }

    @Test
    void oneParserReadsMessageAfterMessageWithoutMemory() {
        assertThat(rejected(Message.raw("{\"path\":1,\"path\":2,\"x\":{\"y\":1,\"y\":1}}")))
                .isNotEmpty();
        assertThat(rejected(Message.raw("{\"amount_cents\":\"5\",\"path\":\"\\u0000\"}")))
                .isNotEmpty();
        Event event =
                accepted(Message.valid().withText("event_type", "VIEW").without("path").raw());

        assertThat(event.path()).isNull();
        assertThat(reasons(Message.raw("{}"))).containsOnly(MISSING_FIELD).hasSize(4);
    }

    // Bytes.

    /** F2. */
    @Test
    void aNullValueIsEmpty() {
        assertThat(rejected(Message.raw((byte[]) null)))
                .containsExactly(
                        new Violation(EMPTY_PAYLOAD, null, "expected a value, found null"));
    }

    /** F1. */
    @Test
    void zeroBytesAreEmpty() {
        assertThat(rejected(Message.raw("")))
                .containsExactly(
                        new Violation(EMPTY_PAYLOAD, null, "expected a value, found zero bytes"));
    }

    /** F10. */
    @Test
    void theLimitItselfIsNotTooLarge() {
        String json = Message.valid().json();
        String padded = json + " ".repeat(MAX_BYTES - json.length());

        assertThat(accepted(Message.raw(padded)).eventId()).hasToString(Message.EVENT_ID);
        assertThat(rejected(Message.raw(padded + " ")))
                .containsExactly(
                        new Violation(
                                TOO_LARGE, null, "expected at most 1048576 bytes, found 1048577"));
    }

    @Test
    void sizeIsJudgedBeforeEncoding() {
        assertThat(reasons(Message.raw(new byte[] {(byte) 0xFF, 0, 0}), new EventParser(2)))
                .containsExactly(TOO_LARGE);
    }

    @Test
    void aLimitBelowOneByteIsRefused() {
        assertThatThrownBy(() -> new EventParser(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxEventBytes must be at least 1, not 0");
    }

    /** F7: overlong, encoded surrogates, beyond U+10FFFF, cut short, stray bytes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "C080", "C1BF", "E08080", "E09FBF", "F0808080", "F08FBFBF", "EDA080", "EDBFBF",
                "EDA0BDEDB880", "F4908080", "F5808080", "F880808080", "FF", "FE", "80", "BF",
                "C328", "C2", "E282", "E28228", "F09F98", "F09F9828", "F0289F98"
            })
    void malformedUtf8IsRefused(String hex) {
        byte[] before = "{\"path\":\"".getBytes(StandardCharsets.UTF_8);
        byte[] bad = HexFormat.of().parseHex(hex);
        byte[] after = "\"}".getBytes(StandardCharsets.UTF_8);

        // Before, behind and across the stride in which ASCII is read.
        for (int padding = 0; padding < 17; padding++) {
            byte[] spaces = " ".repeat(padding).getBytes(StandardCharsets.UTF_8);
            assertThat(rejected(Message.raw(joined(spaces, before, bad, after))))
                    .containsExactly(malformedAt(padding + before.length));
            assertThat(rejected(Message.raw(joined(spaces, before, bad))))
                    .containsExactly(malformedAt(padding + before.length));
        }
    }

    private static Violation malformedAt(int position) {
        return new Violation(
                INVALID_ENCODING,
                null,
                "expected UTF-8, found a malformed sequence, at byte " + position);
    }

    /** F7. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"})
    void otherEncodingsOfUnicodeAreRefusedAsSuch(String charset) {
        byte[] value = Message.valid().json().getBytes(Charset.forName(charset));

        assertThat(reasons(Message.raw(value))).containsExactly(INVALID_ENCODING);
    }

    /** F7. */
    @Test
    void aByteOrderMarkIsRefused() {
        assertThat(rejected(Message.raw("\uFEFF" + Message.valid().json())))
                .containsExactly(
                        new Violation(
                                INVALID_ENCODING,
                                null,
                                "expected no byte-order mark, found one, at byte 0"));
    }

    @Test
    void aByteOrderMarkInsideATextIsAnOrdinaryCharacter() {
        assertThat(accepted(Message.valid().withText("path", "/\uFEFF").raw()).path())
                .isEqualTo("/\uFEFF");
    }

    @Test
    void textOfEveryLengthInUtf8IsKept() {
        String path = "/\u007F\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\uD800\uDC00\uDBFF\uDFFF";

        assertThat(accepted(Message.valid().withText("path", path).raw()).path()).isEqualTo(path);
    }

    // JSON.

    /** F1, F3. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                " ",
                "\n\t\r ",
                "x",
                "{",
                "[",
                "\"",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{,}",
                "{\"a\" 1}",
                "{\"a\":1 \"b\":2}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":'b'}",
                "{1:2}",
                "{\"a\":1]",
                "[1,]",
                "[1 2]",
                "{\"a\":[1,2}",
                "}",
                "]",
                "{\"a\":01}",
                "{\"a\":-}",
                "{\"a\":-01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":1e}",
                "{\"a\":1e+}",
                "{\"a\":0x1}",
                "{\"a\":1_0}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":-Infinity}",
                "{\"a\":nul}",
                "{\"a\":nulll}",
                "{\"a\":True}",
                "{\"a\":undefined}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\u12G4\"}",
                "{\"a\":\"\\\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"\u0001\"}",
                "{\"a\n\":1}",
                "{\"a\":1}\u000b",
                "\u00a0{}",
                "/**/{}",
                "{}//",
                "#\n{}",
                "\u001e{}",
                "{}x",
                "{}{}",
                "{} []",
                "{},",
                "nul",
                "12x",
                "1 2",
                "\"a\"\"b\"",
                "truefalse",
                "{\"a\":1}\u0000",
                "{\"a\":\u0000}",
            })
    void whatIsNoJsonTextIsMalformed(String text) {
        List<Violation> violations = rejected(Message.raw(text));

        assertThat(violations).extracting(Violation::reason).containsExactly(MALFORMED_JSON);
        assertThat(violations.get(0).field()).isNull();
    }

    /** F1: a message that was cut anywhere. */
    @Test
    void everyTruncationIsMalformed() {
        String json = Message.valid().json();

        for (int length = 1; length < json.length(); length++) {
            assertThat(reasons(Message.raw(json.substring(0, length))))
                    .as("the first %d characters", length)
                    .containsExactly(MALFORMED_JSON);
        }
    }

    /** F3. */
    @Test
    void whiteSpaceAroundTheObjectIsFine() {
        assertThat(accepted(Message.raw("\r\n\t " + Message.valid().json() + " \t\r\n")).eventId())
                .hasToString(Message.EVENT_ID);
    }

    /** F3. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "}", ",", "null", "0", "\"\"", "[]", "{}"})
    void anythingElseAfterTheObjectIsMalformed(String trailing) {
        String json = Message.valid().json();

        assertThat(reasons(Message.raw(json + trailing))).containsExactly(MALFORMED_JSON);
        assertThat(reasons(Message.raw(json + "\n" + trailing))).containsExactly(MALFORMED_JSON);
    }

    /** F3: two documents in one message. */
    @Test
    void twoObjectsAreMalformed() {
        String json = Message.valid().json();

        assertThat(rejected(Message.raw(json + json)))
                .containsExactly(
                        new Violation(
                                MALFORMED_JSON,
                                null,
                                "expected one JSON object, found more after it, at byte "
                                        + json.length()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":x}|what no JSON text has there, at byte 5",
                "{\"ä\":\"😀\",x}|what no JSON text has there, at byte 13",
                "{\"a\":[1|its end too early, at byte 7",
                "{\"a\":1} {|more after it, at byte 8",
            })
    void aMalformedTextIsReportedWithItsPlaceInBytes(String text, String found) {
        assertThat(rejected(Message.raw(text)))
                .containsExactly(
                        new Violation(
                                MALFORMED_JSON, null, "expected one JSON object, found " + found));
    }

    /** F10. */
    @Test
    void whatCameBeforeMakesNoDifference() {
        List<String> messages =
                List.of(
                        Message.valid().json(),
                        Message.valid().without("path").json(),
                        Message.valid().with("extra", "{\"a\":[1,{\"b\":\"\\n\"}]}").json(),
                        "{\"referrer\":null,\"user_id\":\"" + Message.USER_ID + "\"}",
                        Message.valid().without("event_id").with("event_id", "\"1\"").json(),
                        "{\"event_id\":\"x\",\"event_id\":\"x\"}",
                        "{\"event\":1,\"event_i\":2,\"event_id2\":3,\"event_id\":4}",
                        "{\"event_id",
                        "{\"event_id\"",
                        "{\"event_id\":",
                        "{\"event_id\":\"",
                        "{\"event_id\":[{\"a\":[",
                        "{\"event_id\":1}}",
                        "{\"event_id\" 1}",
                        "[".repeat(70),
                        "{\"a\":".repeat(70),
                        "\"text\"",
                        "12",
                        "  ",
                        "{}",
                        "{\"event\\u005fid\":\"" + Message.EVENT_ID + "\"}");
        for (String before : messages) {
            for (String message : messages) {
                RawEvent raw = Message.raw(message);
                parser.parse(Message.raw(before), 1);
                assertThat(parser.parse(raw, 2))
                        .as("%s after %s", message, before)
                        .isEqualTo(new EventParser(MAX_BYTES).parse(raw, 2));
            }
        }
    }

    @Test
    void nestingOf64IsAcceptedAnd65IsNot() {
        String arrays63 = "[".repeat(63) + "]".repeat(63);
        assertAccepted(Message.valid().with("extra", arrays63));
        assertThat(rejected(Message.raw("{\"extra\":[" + arrays63 + "]}")))
                .containsExactly(
                        new Violation(
                                MALFORMED_JSON,
                                null,
                                "expected one JSON object, found nesting deeper than 64, at byte"
                                        + " 72"));

        String objects63 = "{\"a\":".repeat(63) + "1" + "}".repeat(63);
        assertAccepted(Message.valid().with("extra", objects63));
        assertThat(reasons(Message.valid().with("extra", "[" + objects63 + "]").raw()))
                .containsExactly(MALFORMED_JSON);
        assertThat(reasons(Message.raw("[".repeat(500_000)))).containsExactly(MALFORMED_JSON);
    }

    /** F10: legal where they are ignored. */
    @Test
    void hugeNumbersTextsAndNamesInUnknownFieldsAreIgnored() {
        assertAccepted(Message.valid().with("extra", "9".repeat(500_000)));
        assertAccepted(Message.valid().with("extra", "-0." + "9".repeat(500_000)));
        assertAccepted(Message.valid().with("extra", "1e999999999999999999999"));
        assertAccepted(Message.valid().withText("extra", "x".repeat(500_000)));
        assertAccepted(Message.valid().with("x".repeat(500_000), "1"));
    }

    /** F10: names that share one hash code cost no more than others. */
    @Test
    void manyCollidingNamesAreIgnored() {
        String members =
                IntStream.range(0, 1 << 13)
                        .mapToObj(
                                i ->
                                        IntStream.range(0, 13)
                                                .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                                                .collect(Collectors.joining("", "\"", "\":0")))
                        .collect(Collectors.joining(","));

        assertAccepted(Message.valid().with("extra", "{" + members + "}"));
        assertThat(
                        reasons(
                                Message.valid()
                                        .with("extra", "{" + members + "," + members + "}")
                                        .raw()))
                .containsExactly(DUPLICATE_FIELD);
    }

    /** F6. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null|null",
                "[]|an array",
                "[{\"event_id\":null}]|an array",
                "\"event\"|a string",
                "17|a number",
                "1.5e3|a number",
                "true|a boolean",
                "false|a boolean",
            })
    void aJsonTextThatIsNoObjectIsRefusedAsSuch(String text, String found) {
        assertThat(rejected(Message.raw(" " + text + " ")))
                .containsExactly(
                        new Violation(
                                NOT_AN_OBJECT,
                                null,
                                "expected an object, found " + found + ", at byte 1"));
    }

    // Repeated names.

    /** F4. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "event_id",
                "event_type",
                "occurred_at",
                "user_id",
                "amount_cents",
                "path",
                "referrer"
            })
    void aFieldOfTheContractNamedTwiceIsRefusedEvenWithTheSameValue(String field) {
        String first = "{\"" + field + "\":null,";

        assertThat(rejected(Message.raw(first + Message.valid().json().substring(1))))
                .singleElement()
                .satisfies(
                        violation -> {
                            assertThat(violation.reason()).isEqualTo(DUPLICATE_FIELD);
                            assertThat(violation.field()).isEqualTo(field);
                        });
    }

    /** F4. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"x\":1,\"x\":1}",
                "{\"x\":1,\"\\u0078\":1}",
                "{\"\":1,\"\":1}",
                "{\"\\ud83d\\ude00\":1,\"😀\":1}",
                "{\"x\":{\"y\":1,\"z\":{},\"y\":1}}",
                "{\"x\":[[{}],{\"event_id\":1,\"event_id\":1}]}",
                "{\"x\":{\"a\":{\"b\":1},\"b\":{\"b\":1},\"a\":0}}",
            })
    void anyOtherNameTwiceInOneObjectIsRefusedAtAnyDepth(String text) {
        assertThat(rejected(Message.raw(text)))
                .singleElement()
                .satisfies(
                        violation -> {
                            assertThat(violation.reason()).isEqualTo(DUPLICATE_FIELD);
                            assertThat(violation.field()).isNull();
                        });
    }

    @Test
    void theSameNameInDifferentObjectsIsNoRepetition() {
        assertAccepted(
                Message.valid()
                        .with("x", "{\"x\":{\"x\":1},\"y\":{\"x\":1}}")
                        .with("y", "[{\"x\":1},{\"x\":1},{\"path\":1}]"));
    }

    @Test
    void aRepetitionIsFoundInALargeObjectToo() {
        String names =
                IntStream.range(0, 1000)
                        .mapToObj(i -> "\"n" + i + "\":0")
                        .collect(Collectors.joining(","));

        for (int i : new int[] {0, 11, 12, 13, 999}) {
            assertThat(reasons(Message.raw("{" + names + ",\"n" + i + "\":0}")))
                    .as("n%d", i)
                    .containsExactly(DUPLICATE_FIELD);
        }
    }

    @Test
    void repetitionsAreReportedOncePerFieldInTheOrderOfTheTableWithTheirPlace() {
        String message =
                "{\"x\":1,\"x\":2,\"path\":1,\"path\":2,\"path\":3,\"event_id\":1,"
                        + "\"y\":{\"z\":1,\"z\":1},\"event_id\":2}";

        assertThat(rejected(Message.raw(message)))
                .containsExactly(
                        new Violation(
                                DUPLICATE_FIELD,
                                "event_id",
                                "expected once, found again, at byte "
                                        + message.indexOf("\"event_id\":2")),
                        new Violation(
                                DUPLICATE_FIELD,
                                "path",
                                "expected once, found again, at byte "
                                        + message.indexOf("\"path\":2")),
                        new Violation(
                                DUPLICATE_FIELD,
                                null,
                                "expected no name twice in an object, found one outside the"
                                        + " contract again, at byte "
                                        + message.indexOf("\"x\":2")));
    }

    /** What a repeated field's value is would be a guess. */
    @Test
    void aRepetitionIsReportedWithoutTheFieldsViolations() {
        assertThat(reasons(Message.raw("{\"x\":1,\"x\":1,\"event_id\":5}")))
                .containsExactly(DUPLICATE_FIELD);
    }

    @Test
    void aMalformedTextIsReportedWithoutItsRepetitions() {
        assertThat(reasons(Message.raw("{\"x\":1,\"x\":1"))).containsExactly(MALFORMED_JSON);
        assertThat(reasons(Message.raw("{\"x\":1,\"x\":1}}"))).containsExactly(MALFORMED_JSON);
    }

    @Test
    void allThatIsWrongWithTheMessageAsAWholeIsReported() {
        assertThat(reasons(Message.raw("[{\"x\":1,\"x\":1}]")))
                .containsExactly(NOT_AN_OBJECT, DUPLICATE_FIELD);
    }

    // Required fields.

    @ParameterizedTest
    @ValueSource(strings = {"event_id", "event_type", "occurred_at", "user_id"})
    void aRequiredFieldThatIsAbsentOrNullIsMissing(String field) {
        Violation missing = new Violation(MISSING_FIELD, field, "required, but absent or null");

        assertThat(rejected(Message.valid().without(field).raw())).containsExactly(missing);
        assertThat(rejected(Message.valid().with(field, "null").raw())).containsExactly(missing);
    }

    /** F16. */
    @Test
    void aPurchaseWithoutAnAmountMissesIt() {
        Violation missing =
                new Violation(
                        MISSING_FIELD,
                        "amount_cents",
                        "required for a PURCHASE, but absent or null");

        assertThat(rejected(Message.valid().without("amount_cents").raw()))
                .containsExactly(missing);
        assertThat(rejected(Message.valid().with("amount_cents", "null").raw()))
                .containsExactly(missing);
    }

    @Test
    void anAmountOfTheWrongTypeIsNotAlsoMissing() {
        assertThat(reasons(Message.valid().withText("amount_cents", "5").raw()))
                .containsExactly(WRONG_TYPE);
    }

    @Test
    void whereTheTypeIsUnknownNoAmountIsMissed() {
        assertThat(
                        reasons(
                                Message.valid()
                                        .withText("event_type", "REFUND")
                                        .without("amount_cents")
                                        .raw()))
                .containsExactly(UNKNOWN_EVENT_TYPE);
    }

    @Test
    void otherEventsMayHaveAnAmount() {
        assertThat(accepted(Message.valid().withText("event_type", "CLICK").raw()).amountCents())
                .isEqualTo(1999);
    }

    // Types.

    /** F5: nothing becomes a string. */
    @ParameterizedTest
    @ValueSource(strings = {"event_id", "event_type", "occurred_at", "user_id", "path", "referrer"})
    void nothingButAStringIsAString(String field) {
        assertWrongType(field, "123", "a string", "a number");
        assertWrongType(field, "1.5", "a string", "a number");
        assertWrongType(field, "true", "a string", "a boolean");
        assertWrongType(field, "false", "a string", "a boolean");
        assertWrongType(field, "{\"a\":[1]}", "a string", "an object");
        assertWrongType(field, "[\"" + Message.EVENT_ID + "\"]", "a string", "an array");
    }

    /** F5: nothing becomes an integer. */
    @Test
    void nothingButAnIntegerIsAnAmount() {
        String fraction = "a number with a fraction or an exponent";
        for (String number : List.of("10.9", "10.0", "-0.0", "1e3", "1E3", "1e0", "100e-1")) {
            assertWrongType("amount_cents", number, "a JSON integer", fraction);
        }
        for (String text : List.of("\"10\"", "\"\"", "\" \"", "\"null\"")) {
            assertWrongType("amount_cents", text, "a JSON integer", "a string");
        }
        assertWrongType("amount_cents", "true", "a JSON integer", "a boolean");
        assertWrongType("amount_cents", "false", "a JSON integer", "a boolean");
        assertWrongType("amount_cents", "[10]", "a JSON integer", "an array");
        assertWrongType("amount_cents", "{}", "a JSON integer", "an object");
    }

    private void assertWrongType(String field, String json, String expected, String found) {
        String message = Message.valid().with(field, json).json();
        int at = message.indexOf("\"" + field + "\":") + field.length() + 3;

        assertThat(rejected(Message.raw(message)))
                .as("%s as %s", json, field)
                .containsExactly(
                        new Violation(
                                WRONG_TYPE,
                                field,
                                "expected " + expected + ", found " + found + ", at byte " + at));
    }

    // UUIDs.

    /** F11. */
    @ParameterizedTest
    @CsvSource({
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "6f1c2a34-5b6d-1e7f-8a9b-0c1d2e3f4a5b",
        "018f4b1e-7c2a-7d3e-9f10-abcdefabcdef",
        "6f1c2a34-5b6d-ce7f-0a9b-0c1d2e3f4a5b",
    })
    void aCanonicalUuidOfAnyVersionAndCaseIsAccepted(String uuid) {
        for (String field : List.of("event_id", "user_id")) {
            String upperCase = uuid.toUpperCase(Locale.ROOT);
            String mixedCase = upperCase.substring(0, 18) + uuid.substring(18);
            for (String spelling : List.of(uuid, upperCase, mixedCase)) {
                Event event = accepted(Message.valid().withText(field, spelling).raw());
                assertThat(field.equals("event_id") ? event.eventId() : event.userId())
                        .hasToString(uuid);
            }
        }
    }

    /** F11. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "1-1-1-1-1|9 characters",
                "6f1c2a345b6d4e7f8a9b0c1d2e3f4a5b|32 characters",
                "{6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b}|38 characters",
                "urn:uuid:6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b|45 characters",
                " 6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b|37 characters",
                "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5|35 characters",
                "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5g|another character at position 36 of 36",
                "6f1c2a3-45b6d-4e7f-8a9b-0c1d2e3f4a5b|another character at position 8 of 36",
                "6f1c2a34-5b6d-4e7f-8a9b_0c1d2e3f4a5b|another character at position 24 of 36",
                "+f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b|another character at position 1 of 36",
                "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a٣٤|another character at position 35 of 36",
                "６f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b|another character at position 1 of 36",
                "''|0 characters",
            })
    void everyOtherSpellingOfAUuidIsRefusedInAnyCase(String uuid, String found) {
        String message = uuid.equals("''") ? "" : uuid;
        for (String spelling :
                List.of(message.toUpperCase(Locale.ROOT), message.toLowerCase(Locale.ROOT))) {
            assertThat(rejected(Message.valid().withText("event_id", spelling).raw()))
                    .containsExactly(
                            new Violation(
                                    INVALID_UUID,
                                    "event_id",
                                    "expected a UUID of 8-4-4-4-12 hexadecimal digits, found "
                                            + found
                                            + ", at byte 12"));
            assertThat(rejected(Message.valid().withText("user_id", spelling).raw()))
                    .extracting(Violation::reason, Violation::field)
                    .containsExactly(tuple(INVALID_UUID, "user_id"));
        }
    }

    // Event types.

    /** F15. */
    @ParameterizedTest
    @CsvSource({
        "CLICK,CLICK",
        "click,CLICK",
        "Click,CLICK",
        "cLiCk,CLICK",
        "VIEW,VIEW",
        "view,VIEW",
        "vIEW,VIEW",
        "PURCHASE,PURCHASE",
        "purchase,PURCHASE",
        "Purchase,PURCHASE",
    })
    void anEventTypeIsReadInAnyAsciiCase(String spelling, EventType type) {
        assertThat(accepted(Message.valid().withText("event_type", spelling).raw()).eventType())
                .isEqualTo(type);
    }

    /** F15: no trimming, and no letters that only other locales or Unicode fold to ours. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " CLICK",
                "CLICK ",
                "CLICKS",
                "CLIC",
                "REFUND",
                "clıck",
                "CLİCK",
                "cliⅽk",
                "clic\u212A",
                "purchaſe",
                "PURCHAſE",
                "ｖｉｅｗ",
                "vi\\u0000ew",
                "VIEW\\u0000",
                "\\ud800IEW"
            })
    void anyOtherEventTypeIsUnknown(String spelling) {
        assertThat(reasons(Message.valid().withText("event_type", spelling).raw()))
                .containsExactly(UNKNOWN_EVENT_TYPE);
    }

    // Times; their grammar is in Rfc3339Test.

    /** F14. */
    @Test
    void aTimeIsTruncatedToMicroseconds() {
        assertThat(occurredAt("1970-01-01T00:00:00.123456999Z")).isEqualTo(123_456);
        assertThat(occurredAt("1969-12-31T23:59:59.123456999Z")).isEqualTo(-876_544);
    }

    /** F13. */
    @Test
    void aTimeOutsideTheYears0001To9999IsRefused() {
        String message =
                Message.valid().withText("occurred_at", "9999-12-31T23:59:59-00:01").json();

        assertThat(rejected(Message.raw(message)))
                .containsExactly(
                        new Violation(
                                INVALID_TIMESTAMP,
                                "occurred_at",
                                "expected an RFC 3339 date-time such as"
                                        + " 2024-01-15T10:30:00.123456Z, found a time outside the"
                                        + " years 0001 to 9999 in UTC, at byte "
                                        + message.indexOf("\"9999")));
    }

    private long occurredAt(String time) {
        return accepted(Message.valid().withText("occurred_at", time).raw()).occurredAtMicros();
    }

    // Amounts.

    /** F16. */
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0,0",
        "1,1",
        "2147483648,2147483648",
        "9223372036854775806,9223372036854775806",
        "9223372036854775807,9223372036854775807",
    })
    void anAmountFromZeroToTheGreatestLongIsAccepted(String json, long amount) {
        assertThat(accepted(Message.valid().with("amount_cents", json).raw()).amountCents())
                .isEqualTo(amount);
    }

    /** F16. */
    @ParameterizedTest
    @CsvSource({
        "-1,a negative integer",
        "-9223372036854775808,a negative integer",
        "-9223372036854775809,a negative integer",
        "9223372036854775808,an integer of 19 digits",
        "9223372036854775810,an integer of 19 digits",
        "9999999999999999999,an integer of 19 digits",
        "18446744073709551616,an integer of 20 digits",
        "18446744073709551621,an integer of 20 digits",
        "100000000000000000000000000000000000000,an integer of 39 digits",
    })
    void anAmountOutOfRangeIsRefused(String json, String found) {
        String message = Message.valid().with("amount_cents", json).json();

        assertThat(rejected(Message.raw(message)))
                .containsExactly(
                        new Violation(
                                AMOUNT_OUT_OF_RANGE,
                                "amount_cents",
                                "expected 0 to 9223372036854775807, found "
                                        + found
                                        + ", at byte "
                                        + message.indexOf(json + ",\"path\"")));
    }

    /** F10, F16. */
    @Test
    void anAmountOfHalfAMillionDigitsIsOutOfRange() {
        assertThat(reasons(Message.valid().with("amount_cents", "1".repeat(500_000)).raw()))
                .containsExactly(AMOUNT_OUT_OF_RANGE);
    }

    // Free texts.

    /** F15: Unicode's White_Space, and only that. */
    @Test
    void textsAreTrimmedByUnicodeWhiteSpace() {
        List<Integer> whiteSpace =
                IntStream.of(
                                0x0009, 0x000A, 0x000B, 0x000C, 0x000D, 0x0020, 0x0085, 0x00A0,
                                0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
                                0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
                                0x3000)
                        .boxed()
                        .toList();

        for (int c = 1; c <= 0xFFFF; c++) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                continue;
            }
            String escape = String.format(Locale.ROOT, "\\u%04x", c);
            Event event =
                    accepted(
                            Message.valid()
                                    .withText("path", escape + "/a" + escape)
                                    .withText("referrer", escape + escape)
                                    .raw());
            if (whiteSpace.contains(c)) {
                assertThat(event.path()).as(escape).isEqualTo("/a");
                assertThat(event.referrer()).as(escape).isNull();
            } else {
                String text = Character.toString(c);
                String slash = text.equals("/") ? "" : "/";
                assertThat(event.path()).as(escape).isEqualTo(slash + text + "/a" + text);
                assertThat(event.referrer()).as(escape).isEqualTo(text + text);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|/",
                "`  `|/",
                "`\\u3000`|/",
                "/|/",
                "a|/a",
                "` a b `|/a b",
                "//a|//a",
                "` /a `|/a",
                "?q=1|/?q=1",
                "https://x|/https://x",
                "null|/null",
                "\uFEFF|/\uFEFF",
                "\\/a|/a",
                "`\\n/é😀\\t`|/é😀",
            })
    void aPathIsTrimmedAndBeginsWithASlash(String text, String path) {
        assertThat(accepted(Message.valid().withText("path", text).raw()).path()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "\\u0085", "null", " null ", "undefined", "\\u2003undefined\\t"})
    void aReferrerThatSaysNothingIsNull(String text) {
        assertThat(accepted(Message.valid().withText("referrer", text).raw()).referrer()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "NULL|NULL",
                "Null|Null",
                "Undefined|Undefined",
                "undefine|undefine",
                "nullnull|nullnull",
                "` a `|a",
                "/|/",
                "😀|😀",
                "none|none"
            })
    void anyOtherReferrerIsKeptTrimmed(String text, String referrer) {
        assertThat(accepted(Message.valid().withText("referrer", text).raw()).referrer())
                .isEqualTo(referrer);
    }

    /** F8, F9. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\u0000",
                "/a\\u0000b",
                "/a\\u0000",
                " \\u0000 ",
                "\\ud800",
                "\\udc00",
                "\\udbff",
                "\\udfff",
                "/a\\ud800",
                "\\ud800a",
                "\\udc00\\ud800",
                "\\ud800\\ud800\\udc00",
                "\\ud83d\\ude00\\ude00",
                "\\ud83d\\u0041"
            })
    void aTextWithNulOrALoneSurrogateIsRefused(String text) {
        for (String field : List.of("path", "referrer")) {
            assertThat(rejected(Message.valid().withText(field, text).raw()))
                    .singleElement()
                    .satisfies(
                            violation -> {
                                assertThat(violation.reason()).isEqualTo(INVALID_TEXT);
                                assertThat(violation.field()).isEqualTo(field);
                                assertThat(violation.detail())
                                        .startsWith(
                                                "expected text without U+0000 and lone surrogates,"
                                                        + " found one of them, at byte ");
                            });
        }
    }

    @Test
    void escapedPairsOfSurrogatesAreOneCharacter() {
        assertThat(accepted(Message.valid().withText("path", "/\\ud83d\\ude00").raw()).path())
                .isEqualTo("/😀");
    }

    /** F8, F9: what is ignored is not judged. */
    @Test
    void nulAndLoneSurrogatesInTheValuesOfUnknownFieldsAreIgnored() {
        assertAccepted(Message.valid().withText("extra", "\\u0000\\ud800").with("\\u0000", "1"));
    }

    /** F9: no encoded text can repeat such a name, so it counts as malformed. */
    @Test
    void aNameWithALoneSurrogateIsMalformed() {
        assertThat(reasons(Message.valid().with("\\ud800", "1").raw()))
                .containsExactly(MALFORMED_JSON);
    }

    // The report.

    @Test
    void allViolationsAreReportedInTheOrderOfTheTable() {
        assertThat(
                        rejected(
                                Message.raw(
                                        """
                                        {"referrer":"\\u0000","path":7,"amount_cents":-7,\
                                        "user_id":"x","occurred_at":"2024-13-01T00:00:00Z",\
                                        "event_type":"REFUND","event_id":[]}""")))
                .extracting(Violation::reason, Violation::field)
                .containsExactly(
                        tuple(WRONG_TYPE, "event_id"),
                        tuple(UNKNOWN_EVENT_TYPE, "event_type"),
                        tuple(INVALID_TIMESTAMP, "occurred_at"),
                        tuple(INVALID_UUID, "user_id"),
                        tuple(AMOUNT_OUT_OF_RANGE, "amount_cents"),
                        tuple(WRONG_TYPE, "path"),
                        tuple(INVALID_TEXT, "referrer"));
    }

    @Test
    void placesAreCountedInBytes() {
        // 22 bytes before the array, but 17 characters.
        assertThat(rejected(Message.raw("{\"é€😀\":1,\"path\":[],\"event_id\":1}")))
                .extracting(Violation::detail)
                .contains("expected a string, found an array, at byte 22");
    }

    /** Not even when every field holds what nobody may read in a log. */
    @Test
    void noDetailHoldsAnythingOfTheMessage() {
        String secret = "s3cr3t";
        List<String> messages =
                List.of(
                        "{\"event_id\":\"s3cr3t\",\"event_type\":\"s3cr3t\",\"path\":[\"s3cr3t\"],"
                                + "\"occurred_at\":\"s3cr3t\",\"user_id\":{\"s3cr3t\":1},"
                                + "\"referrer\":\"s3cr3t\\u0000\",\"amount_cents\":\"s3cr3t\"}",
                        "{\"s3cr3t\":1,\"s3cr3t\":1}",
                        "{\"s3cr3t\":s3cr3t}",
                        "\"s3cr3t",
                        "\"s3cr3t\"",
                        "s3cr3t",
                        "{} s3cr3t");
        for (String message : messages) {
            for (Violation violation : rejected(Message.raw(message))) {
                assertThat(violation.toString()).doesNotContain(secret);
                assertThat(violation.detail().length()).isLessThan(200);
            }
        }
    }

    private void assertAccepted(Message message) {
        assertThat(accepted(message.raw()).eventId()).hasToString(Message.EVENT_ID);
    }

    private Event accepted(RawEvent raw) {
        ParseResult result = parser.parse(raw, 0);
        assertThat(result).isInstanceOf(ParseResult.Accepted.class);
        return ((ParseResult.Accepted) result).event();
    }

    private List<RejectionReason> reasons(RawEvent raw) {
        return reasons(raw, parser);
    }

    private static List<RejectionReason> reasons(RawEvent raw, EventParser parser) {
        return rejected(raw, parser).stream().map(Violation::reason).toList();
    }

    private List<Violation> rejected(RawEvent raw) {
        return rejected(raw, parser);
    }

    private static List<Violation> rejected(RawEvent raw, EventParser parser) {
        ParseResult result = parser.parse(raw, 0);
        assertThat(result).isInstanceOf(ParseResult.Rejected.class);
        return ((ParseResult.Rejected) result).violations();
    }

    private static byte[] joined(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
