package io.streamforge.account;

/** A topic that does not exist, or that this user may not see. */
public final class UnknownTopicException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    UnknownTopicException(String topic) {
        super("there is no topic " + topic);
    }
}
