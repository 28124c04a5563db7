package io.streamforge.validate;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The input contract: reads the bytes of one message as an event in normal form, or names every
 * rule that they break. No locale, time zone or default charset has a say. An instance keeps
 * nothing of a message but its buffers, and is thread-confined because of them.
 *
 * <p>The rules come in two groups. The message as a whole: its size, its encoding, its JSON, an
 * object, no name twice (at any depth, in fields outside the contract too). Where one of these is
 * broken only such violations are reported, because what a field's value is would be a guess; and
 * what is no JSON is not looked at further. Then the fields: each in the order of the contract's
 * table, at most one violation a field. A name with a lone surrogate, which no encoded text can
 * repeat, counts as malformed JSON; a value with one does only where the field may not have it.
 *
 * <p>A violation's detail ends with {@code at byte N} where there is a place to point to; N counts
 * the bytes of the value from 0. It never holds any of the message's content.
 */
public final class EventParser {

    private static final int MAX_NESTING = 64;
    private static final int FIELDS = Field.values().length;

    private final int maxEventBytes;
    private final ReusableJsonParser json;
    private final Utf8Text text = new Utf8Text();
    private final EventFields fields = new EventFields(text);

    /** By depth; the first is for the message's own names outside the contract. */
    private final SeenNames[] seenNames = new SeenNames[MAX_NESTING + 1];

    /** The fields at the first places of the message before: one producer's are mostly alike. */
    private final Field[] usualOrder = new Field[2 * FIELDS];

    /** By field, then one for every other name. */
    private final Violation[] repeats = new Violation[FIELDS + 1];

    /**
     * @param maxEventBytes the most bytes that a message's value may have
     */
    public EventParser(int maxEventBytes) {
        if (maxEventBytes < 1) {
            throw new IllegalArgumentException(
                    "maxEventBytes must be at least 1, not " + maxEventBytes);
        }
        this.maxEventBytes = maxEventBytes;
        this.json =
                new ReusableJsonParser(
                        // A long string or number is legal where the field is ignored; the size of
                        // the message bounds it.
                        StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_NESTING)
                                .maxNameLength(Integer.MAX_VALUE)
                                .maxNumberLength(Integer.MAX_VALUE)
                                .maxStringLength(Integer.MAX_VALUE)
                                .build());
        for (int depth = 0; depth < seenNames.length; depth++) {
            seenNames[depth] = new SeenNames();
        }
    }

    /**
     * Applies the contract to one message. Gives a result for any bytes and never throws.
     *
     * @param raw the message; the event keeps a reference to it
     * @param processedAtMicros when this happens, microseconds since the epoch
     */
    public ParseResult parse(RawEvent raw, long processedAtMicros) {
        byte[] value = raw.value();
        if (value == null) {
            return rejected(RejectionReason.EMPTY_PAYLOAD, "expected a value, found null");
        }
        if (value.length == 0) {
            return rejected(RejectionReason.EMPTY_PAYLOAD, "expected a value, found zero bytes");
        }
        if (value.length > maxEventBytes) {
            return rejected(
                    RejectionReason.TOO_LARGE,
                    "expected at most " + maxEventBytes + " bytes, found " + value.length);
        }
        // A JSON text begins with an ASCII character, so in UTF-16 and UTF-32 there is a zero here,
        // and read as UTF-8 that would be no JSON in any case.
        if (value.length > 1 && (value[0] == 0 || value[1] == 0)) {
            return rejected(
                    RejectionReason.INVALID_ENCODING,
                    "expected UTF-8, found UTF-16 or UTF-32, at byte 0");
        }
        int malformed = text.decode(value);
        if (malformed != Utf8Text.WELL_FORMED) {
            return rejected(
                    RejectionReason.INVALID_ENCODING,
                    "expected UTF-8, found a malformed sequence, at byte " + malformed);
        }
        if (text.chars()[0] == '\uFEFF') {
            return rejected(
                    RejectionReason.INVALID_ENCODING,
                    "expected no byte-order mark, found one, at byte 0");
        }
        try {
            json.begin(text.chars(), text.length());
            return readJson(json, raw, processedAtMicros);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    private ParseResult readJson(JsonParser parser, RawEvent raw, long processedAtMicros)
            throws IOException {
        try {
            return readMessage(parser, raw, processedAtMicros);
        } catch (StreamConstraintsException e) {
            // Of the limits only the one on nesting is within reach.
            return malformed("nesting deeper than " + MAX_NESTING, parser.currentTokenLocation());
        } catch (JsonEOFException e) {
            return malformed("its end too early", e.getLocation());
        } catch (JsonProcessingException e) {
            // Its own message would quote the payload.
            return malformed("what no JSON text has there", e.getLocation());
        }
    }

    private ParseResult readMessage(JsonParser parser, RawEvent raw, long processedAtMicros)
            throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return malformed("only white space", parser.currentLocation());
        }
        fields.clear();
        Arrays.fill(repeats, null);
        List<Violation> violations = new ArrayList<>(0);
        if (first == JsonToken.START_OBJECT) {
            readEvent(parser);
        } else {
            violations.add(notAnObject(parser, first));
            skipValue(parser);
        }
        if (parser.nextToken() != null) {
            return malformed("more after it", parser.currentTokenLocation());
        }
        for (Violation repeat : repeats) {
            if (repeat != null) {
                violations.add(repeat);
            }
        }
        return violations.isEmpty()
                ? fields.result(raw, processedAtMicros)
                : new ParseResult.Rejected(violations);
    }

    /** Reads the message's own object, whose opening brace is the current token. */
    private void readEvent(JsonParser parser) throws IOException {
        int seenFields = 0;
        SeenNames otherNames = seenNames[0];
        otherNames.clear();
        for (int position = 0; nextName(parser, position); position++) {
            String name = parser.currentName();
            Field field = Field.named(name);
            if (position < usualOrder.length) {
                usualOrder[position] = field;
            }
            if (field == null) {
                if (!otherNames.add(name)) {
                    refuseOtherRepeat(parser);
                }
                parser.nextToken();
            } else {
                int bit = 1 << field.ordinal();
                if ((seenFields & bit) != 0) {
                    refuseRepeat(parser, field);
                }
                seenFields |= bit;
                parser.nextToken();
                fields.read(field, parser);
            }
            skipValue(parser);
        }
    }

    /** Goes to the next name, and tells whether there is one. */
    private boolean nextName(JsonParser parser, int position) throws IOException {
        Field expected = position < usualOrder.length ? usualOrder[position] : null;
        if (expected == null) {
            parser.nextToken();
        } else {
            // Whatever it is, it becomes the current token; no text is made where it is this one.
            parser.nextFieldName(expected.jsonName());
        }
        return parser.currentToken() == JsonToken.FIELD_NAME;
    }

    /** Goes to the end of the value that begins with the current token. */
    private void skipValue(JsonParser parser) throws IOException {
        int depth = 0;
        JsonToken token = parser.currentToken();
        while (true) {
            switch (token) {
                case START_OBJECT -> seenNames[++depth].clear();
                case START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case FIELD_NAME -> {
                    if (!seenNames[depth].add(parser.currentName())) {
                        refuseOtherRepeat(parser);
                    }
                }
                default -> {}
            }
            if (depth == 0) {
                return;
            }
            token = parser.nextToken();
        }
    }

    private void refuseRepeat(JsonParser parser, Field field) {
        if (repeats[field.ordinal()] == null) {
            repeats[field.ordinal()] =
                    new Violation(
                            RejectionReason.DUPLICATE_FIELD,
                            field.wireName(),
                            "expected once, found again" + text.at(parser.currentTokenLocation()));
        }
    }

    /** One for all names outside the contract, so that the report stays small. */
    private void refuseOtherRepeat(JsonParser parser) {
        if (repeats[FIELDS] == null) {
            repeats[FIELDS] =
                    new Violation(
                            RejectionReason.DUPLICATE_FIELD,
                            null,
                            "expected no name twice in an object, found one outside the contract"
                                    + " again"
                                    + text.at(parser.currentTokenLocation()));
        }
    }

    private Violation notAnObject(JsonParser parser, JsonToken first) {
        return new Violation(
                RejectionReason.NOT_AN_OBJECT,
                null,
                "expected an object, found "
                        + JsonTypes.name(first)
                        + text.at(parser.currentTokenLocation()));
    }

    private ParseResult malformed(String found, JsonLocation location) {
        return rejected(
                RejectionReason.MALFORMED_JSON,
                "expected one JSON object, found " + found + text.at(location));
    }

    private static ParseResult rejected(RejectionReason reason, String detail) {
        return new ParseResult.Rejected(List.of(new Violation(reason, null, detail)));
    }
}
