package io.streamforge;

/** Kafka or Postgres did not answer within {@code START_TIMEOUT}; the text says which and why. */
public final class UnreachableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
