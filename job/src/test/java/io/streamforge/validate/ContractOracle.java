package io.streamforge.validate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The contract once more, written for clearness alone and from other parts: the JDK's decoder, a
 * JSON tree from bytes, regular expressions, {@code java.time}, {@code BigInteger}.
 */
final class ContractOracle {

    /** The normal form of a message's fields. */
    record Row(
            String eventId,
            String eventType,
            long occurredAtMicros,
            String userId,
            Long amountCents,
            String path,
            String referrer) {}

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(64)
                                                    .build())
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                    .build();
    private static final Pattern UUID_FORM =
            Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern TIME_FORM =
            Pattern.compile(
                    "(\\d{4})-(\\d\\d)-(\\d\\d)[Tt](\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d+))?"
                            + "(?:[Zz]|([+-])(\\d\\d):(\\d\\d))");
    private static final Pattern WHITE_SPACE_AROUND =
            Pattern.compile("\\A\\p{IsWhite_Space}+|\\p{IsWhite_Space}+\\z");
    private static final BigInteger GREATEST_AMOUNT = BigInteger.valueOf(Long.MAX_VALUE);

    private ContractOracle() {}

    /** The message's row, or null if it breaks the contract. */
    static Row read(byte[] message) {
        JsonNode event;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message));
            if (message.length > 2 && message[0] == (byte) 0xEF && message[1] == (byte) 0xBB) {
                return null;
            }
            event = JSON.readTree(message);
        } catch (CharacterCodingException | JsonProcessingException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (event == null || !event.isObject()) {
            return null;
        }
        for (String field : List.of("event_id", "event_type", "occurred_at", "user_id")) {
            if (!event.path(field).isTextual()) {
                return null;
            }
        }
        for (String field : List.of("path", "referrer")) {
            if (!isNull(event, field) && !isStorableText(event.path(field))) {
                return null;
            }
        }
        String eventId = event.path("event_id").textValue();
        String userId = event.path("user_id").textValue();
        String typeAsSent = event.path("event_type").textValue();
        String type = typeAsSent.toUpperCase(Locale.ROOT);
        Long occurredAt = micros(event.path("occurred_at").textValue());
        if (!UUID_FORM.matcher(eventId).matches()
                || !UUID_FORM.matcher(userId).matches()
                || !typeAsSent.matches("[a-zA-Z]+")
                || !List.of("CLICK", "VIEW", "PURCHASE").contains(type)
                || occurredAt == null) {
            return null;
        }
        Long amount = null;
        if (!isNull(event, "amount_cents")) {
            JsonNode node = event.path("amount_cents");
            if (!node.isBigInteger()
                    || node.bigIntegerValue().signum() < 0
                    || node.bigIntegerValue().compareTo(GREATEST_AMOUNT) > 0) {
                return null;
            }
            amount = node.bigIntegerValue().longValueExact();
        } else if (type.equals("PURCHASE")) {
            return null;
        }
        return new Row(
                UUID.fromString(eventId).toString(),
                type,
                occurredAt,
                UUID.fromString(userId).toString(),
                amount,
                isNull(event, "path") ? null : path(event.path("path").textValue()),
                isNull(event, "referrer") ? null : referrer(event.path("referrer").textValue()));
    }

    private static boolean isNull(JsonNode event, String field) {
        return event.path(field).isMissingNode() || event.path(field).isNull();
    }

    private static boolean isStorableText(JsonNode node) {
        return node.isTextual()
                && node.textValue().indexOf('\0') < 0
                && StandardCharsets.UTF_8.newEncoder().canEncode(node.textValue());
    }

    private static String path(String text) {
        String trimmed = WHITE_SPACE_AROUND.matcher(text).replaceAll("");
        return trimmed.startsWith("/") ? trimmed : "/" + trimmed;
    }

    private static String referrer(String text) {
        String trimmed = WHITE_SPACE_AROUND.matcher(text).replaceAll("");
        return List.of("", "null", "undefined").contains(trimmed) ? null : trimmed;
    }

    private static Long micros(String text) {
        Matcher form = TIME_FORM.matcher(text);
        if (!form.matches()) {
            return null;
        }
        int[] part = new int[7];
        for (int i = 1; i <= 6; i++) {
            part[i] = Integer.parseInt(form.group(i));
        }
        boolean leap = part[6] == 60;
        if (part[2] < 1
                || part[2] > 12
                || part[3] < 1
                || part[3] > YearMonth.of(part[1], part[2]).lengthOfMonth()
                || part[4] > 23
                || part[5] > 59
                || part[6] > 60) {
            return null;
        }
        LocalDateTime utc =
                LocalDateTime.of(part[1], part[2], part[3], part[4], part[5], leap ? 59 : part[6]);
        if (form.group(8) != null) {
            int hours = Integer.parseInt(form.group(9));
            int minutes = Integer.parseInt(form.group(10));
            if (hours > 23 || minutes > 59) {
                return null;
            }
            int east = (hours * 60 + minutes) * (form.group(8).equals("-") ? -1 : 1);
            utc = utc.minusMinutes(east);
        }
        if (leap) {
            if (utc.getHour() != 23
                    || utc.getMinute() != 59
                    || utc.getDayOfMonth() != YearMonth.from(utc).lengthOfMonth()) {
                return null;
            }
            utc = utc.plusSeconds(1);
        }
        if (utc.getYear() < 1 || utc.getYear() > 9999) {
            return null;
        }
        String fraction = form.group(7) == null ? "" : form.group(7);
        String micros = (fraction + "000000").substring(0, 6);
        return utc.toEpochSecond(ZoneOffset.UTC) * 1_000_000 + Long.parseLong(micros);
    }
}
