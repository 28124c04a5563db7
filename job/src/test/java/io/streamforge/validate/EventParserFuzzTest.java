package io.streamforge.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Violation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * More than a hundred thousand messages, the same in every run: the parser gives a verdict on each,
 * and it is the verdict, and the row, of {@link ContractOracle}.
 */
class EventParserFuzzTest {

    private static final int MAX_BYTES = 16_384;

    private static final List<String> NAMES =
            List.of(
                    "event_id",
                    "event_type",
                    "occurred_at",
                    "user_id",
                    "amount_cents",
                    "path",
                    "referrer",
                    "extra",
                    "",
                    "\\u0065vent_id",
                    "p\\u0061th",
                    "EVENT_ID",
                    "é",
                    "😀",
                    "\\ud83d\\ude00");

    private static final List<String> VALUES =
            List.of(
                    "null",
                    "true",
                    "false",
                    "{}",
                    "[]",
                    "\"\"",
                    "0",
                    "-0",
                    "1",
                    "-1",
                    "1.0",
                    "1e3",
                    "01",
                    "-",
                    "9223372036854775807",
                    "9223372036854775808",
                    "1e999999999",
                    "99999999999999999999999999",
                    "NaN",
                    "\"CLICK\"",
                    "\"click\"",
                    "\"View\"",
                    "\"pUrchase\"",
                    "\"clıck\"",
                    "\" VIEW\"",
                    "\"null\"",
                    "\" undefined \"",
                    "\"\\u0000\"",
                    "\"\\ud800\"",
                    "\"\\udc00\\ud800\"",
                    "\"\\ud83d\\ude00\"",
                    "\"\\u00a0a\\u3000\"",
                    "\"\\u001fa\\u001c\"",
                    "\"/x\"",
                    "\"x\"",
                    "\"\\/\"",
                    "\"6F1C2A34-5b6d-4e7f-8a9b-0c1d2e3f4a5b\"",
                    "\"1-1-1-1-1\"",
                    "\"6f1c2a345b6d4e7f8a9b0c1d2e3f4a5b\"",
                    "\"2024-02-29T10:30:00.1234567Z\"",
                    "\"2023-02-29T10:30:00Z\"",
                    "\"2016-12-31t23:59:60.25z\"",
                    "\"2016-12-31T15:59:60-08:00\"",
                    "\"9999-12-31T23:59:60Z\"",
                    "\"0000-12-31T23:59:59-00:01\"",
                    "\"2024-01-15 10:30:00Z\"",
                    "\"2024-01-15T24:00:00Z\"",
                    "\"1969-12-31T23:59:59.9999999+23:59\"");

    /** What mutations put in, beside random bytes. */
    private static final List<String> FRAGMENTS =
            List.of(
                    "\"",
                    "\\",
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    " ",
                    "\n",
                    "\t",
                    "0",
                    "-",
                    ".",
                    "e",
                    "null",
                    "\\u0000",
                    "\\ud800",
                    "\\udfff",
                    "\\u0041",
                    "\uFEFF",
                    "é",
                    "€",
                    "😀",
                    "\u0000",
                    "\u001f",
                    "\u0085",
                    "Z",
                    "z",
                    "+23:59",
                    "-00:00",
                    ":60",
                    "60",
                    "9999-12-31",
                    "0001-01-01",
                    "0000-01-01",
                    ".123456789",
                    "24:00:00",
                    "//",
                    "\"path\":1,",
                    "\"x\":1,",
                    "1e5",
                    "18446744073709551616");

    private static final List<String> BAD_BYTES =
            List.of("c080", "eda080", "c328", "ff", "fe", "f4908080", "e28228", "80", "efbbbf");

    private final EventParser parser = new EventParser(MAX_BYTES);
    private int accepted;

    @Test
    void randomBytes() {
        Random random = new Random(1);
        for (int i = 0; i < 50_000; i++) {
            byte[] message = new byte[1 + random.nextInt(64)];
            random.nextBytes(message);
            check(message);
        }
    }

    @Test
    void randomAscii() {
        Random random = new Random(2);
        String alphabet = "{}[]\",:\\ \n0123456789-+.eEtruefalsn\u0000a";
        for (int i = 0; i < 50_000; i++) {
            byte[] message = new byte[1 + random.nextInt(24)];
            for (int at = 0; at < message.length; at++) {
                message[at] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
            }
            check(message);
        }
    }

    @Test
    void validMessagesWithMutations() {
        Random random = new Random(3);
        for (int i = 0; i < 30_000; i++) {
            byte[] message = bytes(likelyMessage(random));
            for (int mutations = random.nextInt(3); mutations > 0; mutations--) {
                message = mutated(message, random);
            }
            check(message);
        }
        assertThat(accepted).as("both verdicts are frequent").isBetween(5_000, 25_000);
    }

    @Test
    void messagesOfTheGrammarWithAnyValues() {
        Random random = new Random(4);
        for (int i = 0; i < 30_000; i++) {
            check(bytes(anyObject(random, 0)));
        }
    }

    /** One violation at a time, so that every row of values meets a message that is else valid. */
    @Test
    void everyValueInEveryField() {
        for (String name : NAMES) {
            for (String value : VALUES) {
                for (String type : List.of("VIEW", "PURCHASE")) {
                    check(
                            bytes(
                                    Message.valid()
                                            .withText("event_type", type)
                                            .with(name, value)
                                            .json()));
                }
            }
        }
        assertThat(accepted).isGreaterThan(200);
    }

    @Test
    void everyTruncationOfValidMessages() {
        Random random = new Random(5);
        for (int i = 0; i < 30; i++) {
            byte[] message = bytes(likelyMessage(random));
            for (int length = 0; length < message.length; length++) {
                check(Arrays.copyOf(message, length));
            }
        }
    }

    private void check(byte[] message) {
        RawEvent raw = Message.raw(message);
        ContractOracle.Row expected = ContractOracle.read(message);
        ParseResult result = parser.parse(raw, 7);
        if (result instanceof ParseResult.Accepted acceptance) {
            accepted++;
            Event event = acceptance.event();
            ContractOracle.Row row =
                    new ContractOracle.Row(
                            event.eventId().toString(),
                            event.eventType().name(),
                            event.occurredAtMicros(),
                            event.userId().toString(),
                            event.amountCents(),
                            event.path(),
                            event.referrer());
            // A description of each of so many messages would take longer than the parser.
            if (!row.equals(expected)) {
                assertThat(row).as(printable(message)).isEqualTo(expected);
            }
        } else if (result instanceof ParseResult.Rejected rejection) {
            if (expected != null || !isInOrder(rejection.violations())) {
                assertThat(rejection.violations()).as(printable(message)).isNull();
            }
        }
    }

    /** Rules of one stage only, each place at most once, in the order of the table. */
    private static boolean isInOrder(List<Violation> violations) {
        int last = -1;
        for (Violation violation : violations) {
            if (violation.reason().stage() != violations.get(0).reason().stage()
                    || place(violation) <= last) {
                return false;
            }
            last = place(violation);
        }
        return true;
    }

    private static int place(Violation violation) {
        RejectionReason reason = violation.reason();
        if (reason.stage() == RejectionReason.Stage.DECODE
                && reason != RejectionReason.DUPLICATE_FIELD) {
            return reason.ordinal();
        }
        // A repeated name outside the contract comes after the fields.
        return 100 + (violation.field() == null ? 50 : Field.named(violation.field()).ordinal());
    }

    /** Mostly valid: every field nearly always there, with a value of its kind. */
    private static String likelyMessage(Random random) {
        List<String> members = new ArrayList<>();
        add(members, random, "event_id", '"' + uuid(random) + '"');
        add(members, random, "user_id", '"' + uuid(random) + '"');
        add(
                members,
                random,
                "event_type",
                pick(random, List.of("\"CLICK\"", "\"view\"", "\"Purchase\"")));
        add(members, random, "occurred_at", '"' + time(random) + '"');
        add(members, random, "amount_cents", Long.toString(random.nextLong() >>> 1));
        add(members, random, "path", pick(random, List.of("\"/a\"", "\" b \"", "\"\"", "null")));
        if (random.nextBoolean()) {
            members.add(
                    "\"referrer\":" + pick(random, List.of("\"null\"", "\"x\\u00a0\"", "null")));
        }
        if (random.nextInt(4) == 0) {
            members.add("\"extra\":" + anyObject(random, 1));
        }
        Collections.shuffle(members, random);
        return "{" + String.join(random.nextBoolean() ? "," : " ,\n", members) + "}";
    }

    private static void add(List<String> members, Random random, String name, String value) {
        if (random.nextInt(50) > 0) {
            members.add('"' + name + "\":" + value);
        }
    }

    private static String uuid(Random random) {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        HexFormat hex = random.nextBoolean() ? HexFormat.of() : HexFormat.of().withUpperCase();
        return hex.formatHex(bytes).replaceFirst("(.{8})(.{4})(.{4})(.{4})", "$1-$2-$3-$4-");
    }

    private static String time(Random random) {
        StringBuilder time = new StringBuilder();
        time.append(String.format(Locale.ROOT, "%04d", random.nextInt(10_000)));
        time.append('-').append(two(1 + random.nextInt(12)));
        time.append('-').append(two(1 + random.nextInt(random.nextInt(4) == 0 ? 31 : 28)));
        time.append('T').append(two(random.nextInt(24)));
        time.append(':').append(two(random.nextInt(60)));
        time.append(':').append(two(random.nextInt(60)));
        if (random.nextBoolean()) {
            time.append('.');
            for (int digits = 1 + random.nextInt(9); digits > 0; digits--) {
                time.append(random.nextInt(10));
            }
        }
        if (random.nextBoolean()) {
            return time.append('Z').toString();
        }
        time.append(random.nextBoolean() ? '+' : '-').append(two(random.nextInt(24)));
        return time.append(':').append(two(random.nextInt(60))).toString();
    }

    private static String two(int number) {
        return number < 10 ? "0" + number : Integer.toString(number);
    }

    private static String anyObject(Random random, int depth) {
        List<String> members = new ArrayList<>();
        for (int size = random.nextInt(depth == 0 ? 9 : 4); size > 0; size--) {
            members.add('"' + pick(random, NAMES) + "\":" + anyValue(random, depth));
        }
        return members.stream().collect(Collectors.joining(",", "{", "}"));
    }

    private static String anyValue(Random random, int depth) {
        int kind = random.nextInt(10);
        if (depth < 4 && kind == 0) {
            return anyObject(random, depth + 1);
        }
        if (depth < 4 && kind == 1) {
            return "[" + anyValue(random, depth + 1) + "," + anyValue(random, depth + 1) + "]";
        }
        return pick(random, VALUES);
    }

    private static byte[] mutated(byte[] message, Random random) {
        int from = random.nextInt(message.length + 1);
        int to = random.nextBoolean() ? from : Math.min(message.length, from + random.nextInt(4));
        byte[] inserted =
                switch (random.nextInt(8)) {
                    case 0 -> new byte[0];
                    case 1 -> new byte[] {(byte) random.nextInt(256)};
                    case 2 -> HexFormat.of().parseHex(pick(random, BAD_BYTES));
                    case 3 -> bytes(pick(random, VALUES));
                    default -> bytes(pick(random, FRAGMENTS));
                };
        byte[] result = new byte[from + inserted.length + message.length - to];
        System.arraycopy(message, 0, result, 0, from);
        System.arraycopy(inserted, 0, result, from, inserted.length);
        System.arraycopy(message, to, result, from + inserted.length, message.length - to);
        return result;
    }

    private static String pick(Random random, List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String printable(byte[] message) {
        return HexFormat.of().formatHex(message)
                + " "
                + new String(message, StandardCharsets.UTF_8);
    }
}
