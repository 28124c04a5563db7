package io.streamforge.event;

import java.util.List;

/**
 * A message that went to neither store, with everything a person or a replay needs: the original
 * bytes and why. Its first violation is its reason.
 *
 * @param raw the original message
 * @param violations at least one, in the order of the input contract's table
 * @param sqlState the database's SQLSTATE where {@link RejectionReason#REJECTED_BY_DATABASE}, else
 *     null
 * @param constraint the violated constraint's name where the database gave one, else null
 * @param failedAtMillis when it was refused, milliseconds since the epoch
 */
public record DeadLetter(
        RawEvent raw,
        List<Violation> violations,
        String sqlState,
        String constraint,
        long failedAtMillis) {

    /** A message that the decoder or the validator refused. */
    public static DeadLetter invalid(
            RawEvent raw, List<Violation> violations, long failedAtMillis) {
        return new DeadLetter(raw, violations, null, null, failedAtMillis);
    }

    /** The first violation's reason. */
    public RejectionReason reason() {
        return violations.get(0).reason();
    }
}
