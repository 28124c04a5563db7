package io.streamforge.event;

/**
 * One broken rule of the input contract.
 *
 * @param reason which rule
 * @param field the field it concerns, or null where it concerns the whole message
 * @param detail what was expected and what was found, for a person; never the payload itself
 */
public record Violation(RejectionReason reason, String field, String detail) {

    @Override
    public String toString() {
        return field == null ? reason + ": " + detail : reason + " " + field + ": " + detail;
    }
}
