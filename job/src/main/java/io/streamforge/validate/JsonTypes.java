package io.streamforge.validate;

import com.fasterxml.jackson.core.JsonToken;

/** The names of JSON's types, for a person. */
final class JsonTypes {

    private JsonTypes() {}

    /** The type of the value that begins with this token. */
    static String name(JsonToken start) {
        return switch (start) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> throw new IllegalArgumentException("not the start of a value: " + start);
        };
    }
}
