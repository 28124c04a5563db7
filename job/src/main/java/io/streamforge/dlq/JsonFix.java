package io.streamforge.dlq;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.flipkart.zjsonpatch.InvalidJsonPatchException;
import com.flipkart.zjsonpatch.JsonPatch;
import com.flipkart.zjsonpatch.JsonPatchApplicationException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * A JSON Patch (RFC 6902). Numbers that it does not touch keep their digits; white space does not
 * survive.
 */
public final class JsonFix implements Fix {

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .maxNumberLength(Integer.MAX_VALUE)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private final ArrayNode operations;

    private JsonFix(ArrayNode operations) {
        this.operations = operations;
    }

    /**
     * A patch as its JSON text.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static JsonFix patch(byte[] json) {
        try {
            JsonNode patch = JSON.readTree(strict(json));
            JsonPatch.validate(patch);
            return new JsonFix((ArrayNode) patch);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
        } catch (CharacterCodingException | InvalidJsonPatchException | ClassCastException e) {
            throw new IllegalArgumentException("no JSON Patch (RFC 6902): " + e.getMessage(), e);
        }
    }

    /**
     * Sets members of objects, {@code path=value} each. The path is a JSON Pointer where it begins
     * with a slash, and otherwise names separated by dots. The value is JSON, and what is no JSON
     * is a text: {@code CLICK} is {@code "CLICK"}, {@code 5} is a number, {@code "5"} a text.
     *
     * @throws IllegalArgumentException if one has no path or no equals sign
     */
    public static JsonFix set(Iterable<String> assignments) {
        ArrayNode operations = JSON.createArrayNode();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "expected path=value such as event_type=CLICK, not '" + assignment + "'");
            }
            operations
                    .addObject()
                    .put("op", "add")
                    .put("path", pointer(assignment.substring(0, equals)))
                    .set("value", value(assignment.substring(equals + 1)));
        }
        return new JsonFix(operations);
    }

    @Override
    public byte[] apply(byte[] value, StoredDeadLetter letter) throws NotApplicableException {
        if (value == null) {
            throw new NotApplicableException("the message has no value to patch");
        }
        try {
            JsonNode document = JSON.readTree(strict(value));
            if (document.isMissingNode()) {
                throw new NotApplicableException("the message is empty; --exec can fill it");
            }
            return JSON.writeValueAsBytes(JsonPatch.apply(operations, document));
        } catch (CharacterCodingException e) {
            throw new NotApplicableException("the value is not UTF-8; --exec can correct it");
        } catch (JsonProcessingException e) {
            throw new NotApplicableException(
                    "the value is no JSON without repeated names; --exec can correct it");
        } catch (JsonPatchApplicationException e) {
            throw new NotApplicableException("the patch does not apply: " + oneLine(e));
        }
    }

    private static String oneLine(JsonPatchApplicationException e) {
        // The library's own text names operation and path, and may quote a value.
        return e.getOperation() + " at " + e.getPath();
    }

    private static String pointer(String path) {
        return path.startsWith("/")
                ? path
                : "/" + path.replace("~", "~0").replace("/", "~1").replace('.', '/');
    }

    private static JsonNode value(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return node.isMissingNode() ? TextNode.valueOf(text) : node;
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }

    private static String strict(byte[] bytes) throws CharacterCodingException {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
}
