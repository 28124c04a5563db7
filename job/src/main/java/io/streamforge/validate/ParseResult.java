package io.streamforge.validate;

import io.streamforge.event.Event;
import io.streamforge.event.Violation;
import java.util.List;

/** What {@link EventParser} makes of one message: an event, or every rule it breaks. */
public sealed interface ParseResult {

    /** The message keeps the contract. */
    record Accepted(Event event) implements ParseResult {}

    /**
     * The message breaks it.
     *
     * @param violations at least one, in the order of the contract's table
     */
    record Rejected(List<Violation> violations) implements ParseResult {}
}
