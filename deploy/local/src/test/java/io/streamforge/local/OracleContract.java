package io.streamforge.local;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The input contract once more, as plainly as it can be written: whole trees, regular expressions
 * and java.time. It shares no class with the job, so that a misreading there shows up here.
 */
final class OracleContract {

    /** The first broken rule. */
    static final class Rejected extends Exception {
        Rejected(String reason) {
            super(reason);
        }

        /** The wire name. */
        String reason() {
            return getMessage();
        }
    }

    private static final Pattern UUID =
            Pattern.compile(
                    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final Pattern DATE_TIME =
            Pattern.compile(
                    "([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
                            + "(?:\\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))");
    private static final Pattern OUTER_WHITE_SPACE =
            Pattern.compile("^\\p{IsWhite_Space}+|\\p{IsWhite_Space}+$");
    private static final List<String> EVENT_TYPES = List.of("CLICK", "VIEW", "PURCHASE");

    private static final ObjectMapper LENIENT_ABOUT_DUPLICATES = mapper(false);
    private static final ObjectMapper STRICT = mapper(true);

    private final int maxEventBytes;

    OracleContract(int maxEventBytes) {
        this.maxEventBytes = maxEventBytes;
    }

    /** The event that a message holds, or the reason for which it has to be refused. */
    OracleEvent judge(OracleMessage message) throws Rejected {
        JsonNode event = object(message.value());
        String eventId = uuid(event, "event_id");
        String eventType = eventType(event);
        long occurredAt = micros(required(event, "occurred_at"));
        String userId = uuid(event, "user_id");
        Long amountCents = amount(event, eventType);
        String path = text(event, "path");
        String referrer = text(event, "referrer");
        return new OracleEvent(
                eventId,
                eventType,
                occurredAt,
                userId,
                amountCents,
                path == null || path.startsWith("/") ? path : "/" + path,
                referrer == null || List.of("", "null", "undefined").contains(referrer)
                        ? null
                        : referrer,
                message.partition(),
                message.offset());
    }

    private JsonNode object(byte[] value) throws Rejected {
        if (value == null || value.length == 0) {
            throw new Rejected("EMPTY_PAYLOAD");
        }
        if (value.length > maxEventBytes) {
            throw new Rejected("TOO_LARGE");
        }
        String text = decode(value);
        JsonNode root;
        try {
            root = LENIENT_ABOUT_DUPLICATES.readTree(text);
        } catch (JsonProcessingException e) {
            throw new Rejected("MALFORMED_JSON");
        }
        if (root.isMissingNode()) {
            throw new Rejected("MALFORMED_JSON");
        }
        if (!root.isObject()) {
            throw new Rejected("NOT_AN_OBJECT");
        }
        try {
            return STRICT.readTree(text);
        } catch (JsonProcessingException e) {
            throw new Rejected("DUPLICATE_FIELD");
        }
    }

    private static String decode(byte[] value) throws Rejected {
        // UTF-16 without a mark is well-formed UTF-8 with NULs; a JSON text begins with ASCII, so
        // one of its first two bytes gives it away.
        boolean utf16 = value.length > 1 && (value[0] == 0 || value[1] == 0);
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(value))
                            .toString();
            if (utf16 || text.startsWith("\uFEFF")) {
                throw new Rejected("INVALID_ENCODING");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new Rejected("INVALID_ENCODING");
        }
    }

    private static JsonNode required(JsonNode event, String field) throws Rejected {
        JsonNode value = event.path(field);
        if (value.isMissingNode() || value.isNull()) {
            throw new Rejected("MISSING_FIELD");
        }
        return value;
    }

    private static String string(JsonNode value) throws Rejected {
        if (!value.isTextual()) {
            throw new Rejected("WRONG_TYPE");
        }
        return value.textValue();
    }

    private static String uuid(JsonNode event, String field) throws Rejected {
        String text = string(required(event, field));
        if (!UUID.matcher(text).matches()) {
            throw new Rejected("INVALID_UUID");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static String eventType(JsonNode event) throws Rejected {
        String text = string(required(event, "event_type"));
        for (String type : EVENT_TYPES) {
            // Without UNICODE_CASE the flag concerns ASCII only.
            if (Pattern.compile(type, Pattern.CASE_INSENSITIVE).matcher(text).matches()) {
                return type;
            }
        }
        throw new Rejected("UNKNOWN_EVENT_TYPE");
    }

    private static long micros(JsonNode value) throws Rejected {
        Matcher parts = DATE_TIME.matcher(string(value));
        if (!parts.matches()) {
            throw new Rejected("INVALID_TIMESTAMP");
        }
        try {
            boolean leap = parts.group(6).equals("60");
            LocalDateTime local =
                    LocalDateTime.of(
                            LocalDate.of(number(parts, 1), number(parts, 2), number(parts, 3)),
                            LocalTime.of(
                                    number(parts, 4),
                                    number(parts, 5),
                                    leap ? 59 : number(parts, 6)));
            LocalDateTime utc = local.minusMinutes(offsetMinutes(parts));
            if (leap) {
                boolean lastOfMonth = utc.plusDays(1).getDayOfMonth() == 1;
                if (!lastOfMonth || utc.getHour() != 23 || utc.getMinute() != 59) {
                    throw new Rejected("INVALID_TIMESTAMP");
                }
                utc = utc.plusSeconds(1);
            }
            if (utc.getYear() < 1 || utc.getYear() > 9999) {
                throw new Rejected("INVALID_TIMESTAMP");
            }
            String fraction = parts.group(7) == null ? "" : parts.group(7);
            int micros = Integer.parseInt((fraction + "000000").substring(0, 6));
            return utc.toEpochSecond(ZoneOffset.UTC) * 1_000_000 + micros;
        } catch (DateTimeException e) {
            throw new Rejected("INVALID_TIMESTAMP");
        }
    }

    private static int offsetMinutes(Matcher parts) {
        if (parts.group(8) == null) {
            return 0;
        }
        // LocalTime knows the ranges: 00 to 23, 00 to 59.
        LocalTime offset = LocalTime.of(number(parts, 9), number(parts, 10));
        int minutes = offset.getHour() * 60 + offset.getMinute();
        return parts.group(8).equals("-") ? -minutes : minutes;
    }

    private static int number(Matcher parts, int group) {
        return Integer.parseInt(parts.group(group));
    }

    private static Long amount(JsonNode event, String eventType) throws Rejected {
        JsonNode value = event.path("amount_cents");
        if (value.isMissingNode() || value.isNull()) {
            if (eventType.equals("PURCHASE")) {
                throw new Rejected("MISSING_FIELD");
            }
            return null;
        }
        if (!value.isIntegralNumber()) {
            throw new Rejected("WRONG_TYPE");
        }
        if (!value.canConvertToLong() || value.longValue() < 0) {
            throw new Rejected("AMOUNT_OUT_OF_RANGE");
        }
        return value.longValue();
    }

    private static String text(JsonNode event, String field) throws Rejected {
        JsonNode value = event.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        String text = string(value);
        // Code points of a string are surrogates only where they have no partner.
        if (text.codePoints().anyMatch(c -> c == 0 || c >= 0xD800 && c <= 0xDFFF)) {
            throw new Rejected("INVALID_TEXT");
        }
        return OUTER_WHITE_SPACE.matcher(text).replaceAll("");
    }

    /** The contract limits the nesting alone. */
    private static ObjectMapper mapper(boolean strictAboutDuplicates) {
        StreamReadConstraints constraints =
                StreamReadConstraints.builder()
                        .maxNestingDepth(64)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .build();
        JsonFactory factory =
                JsonFactory.builder()
                        .streamReadConstraints(constraints)
                        .configure(
                                StreamReadFeature.STRICT_DUPLICATE_DETECTION, strictAboutDuplicates)
                        .build();
        return new ObjectMapper(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }
}
