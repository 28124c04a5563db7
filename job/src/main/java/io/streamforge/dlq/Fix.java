package io.streamforge.dlq;

/** A correction of a dead letter's value. */
@FunctionalInterface
public interface Fix {

    /** The value cannot be corrected this way; the message says why, without quoting the value. */
    final class NotApplicableException extends Exception {
        private static final long serialVersionUID = 1L;

        public NotApplicableException(String message) {
            super(message);
        }
    }

    /**
     * @param value may be null
     * @param letter what it comes from
     */
    byte[] apply(byte[] value, StoredDeadLetter letter)
            throws NotApplicableException, InterruptedException;

    /** First this one, then the other. */
    default Fix then(Fix next) {
        return (value, letter) -> next.apply(apply(value, letter), letter);
    }
}
