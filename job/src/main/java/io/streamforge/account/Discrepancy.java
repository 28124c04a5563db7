package io.streamforge.account;

import java.util.List;

/** One broken rule of the account, with the messages that break it. */
public final class Discrepancy {

    /** How many messages {@link #toString} names. */
    private static final int EXAMPLES = 5;

    private final Store store;
    private final String what;
    private final OffsetSet messages;

    /**
     * @param store the one to look at
     * @param what the broken rule
     * @param messages those that break it; none where it is not about messages
     */
    Discrepancy(Store store, String what, OffsetSet messages) {
        this.store = store;
        this.what = what;
        this.messages = messages;
    }

    public Store store() {
        return store;
    }

    public String what() {
        return what;
    }

    /** How many messages break the rule. */
    public long count() {
        return messages.size();
    }

    /**
     * The messages in order, consecutive ones as {@code partition@first-last}, the first {@code
     * limit} of these.
     */
    public List<String> ranges(int limit) {
        return messages.ranges(limit);
    }

    /** The rule, the number of messages and the first few, in one line. */
    @Override
    public String toString() {
        long count = count();
        if (count == 0) {
            return what;
        }
        return what
                + ": "
                + count
                + (count == 1 ? " message: " : " messages: ")
                + String.join(", ", messages.first(EXAMPLES))
                + (count > EXAMPLES ? ", …" : "");
    }
}
