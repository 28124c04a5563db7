package io.streamforge.validate;

import io.streamforge.event.Uuid;

/** The job's parsers of single fields without the message around them. Thread-confined. */
public final class BareFields {

    private final Rfc3339 times = new Rfc3339();

    /** An RFC 3339 date-time in microseconds since the epoch. */
    public long micros(char[] text) {
        return times.parse(text, 0, text.length);
    }

    public Uuid uuid(char[] text) {
        return CanonicalUuid.parse(text, 0, text.length);
    }
}
