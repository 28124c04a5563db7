package io.streamforge.validate;

import com.fasterxml.jackson.core.ErrorReportConfiguration;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.io.ContentReference;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.json.JsonReadContext;
import com.fasterxml.jackson.core.json.ReaderBasedJsonParser;
import com.fasterxml.jackson.core.sym.CharsToNameCanonicalizer;
import com.fasterxml.jackson.core.util.BufferRecycler;

/**
 * Jackson's own parser, which reads one text after the other, whatever became of the one before:
 * making a parser for each message would take more memory than the event. Thread-confined.
 */
final class ReusableJsonParser extends ReaderBasedJsonParser {

    private static final char[] NOTHING = {};

    private final JsonReadContext root;

    /**
     * @param limits of every text
     */
    ReusableJsonParser(StreamReadConstraints limits) {
        super(
                new IOContext(
                        limits,
                        StreamWriteConstraints.defaults(),
                        ErrorReportConfiguration.defaults(),
                        new BufferRecycler(),
                        ContentReference.unknown(),
                        false),
                JsonParser.Feature.collectDefaults(),
                null,
                null,
                // No table of names: keys that are new in every message would churn it, and names
                // made to collide would make it slow.
                CharsToNameCanonicalizer.createRoot(
                                JsonFactory.builder()
                                        .streamReadConstraints(limits)
                                        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                                        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                                        .build())
                        .makeChild(),
                NOTHING,
                0,
                0,
                false);
        root = _parsingContext;
    }

    /** Begins a text, which must stay as it is while it is read. */
    void begin(char[] text, int length) {
        _inputBuffer = text;
        _inputPtr = 0;
        _inputEnd = length;
        _currInputProcessed = 0;
        _currInputRow = 1;
        _currInputRowStart = 0;
        _parsingContext = root;
        _currToken = null;
        _nextToken = null;
        _tokenIncomplete = false;
        _nameCopied = false;
    }

    /** Nothing: a parser closes itself at the end of its text, and this one goes on. */
    @Override
    public void close() {}
}
