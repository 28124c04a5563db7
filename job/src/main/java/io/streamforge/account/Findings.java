package io.streamforge.account;

import java.util.ArrayList;
import java.util.List;

/** Broken rules in words: the first ones in full, the rest as a number. */
final class Findings {

    private static final int LIMIT = 20;
    private static final int EXAMPLES = 5;

    private final List<String> first = new ArrayList<>();
    private int more;

    void add(String finding) {
        if (first.size() < LIMIT) {
            first.add(finding);
        } else {
            more++;
        }
    }

    /** One finding for all of {@code messages}, or none if there are none. */
    void add(String what, OffsetSet messages) {
        long count = messages.size();
        if (count > 0) {
            add(
                    what
                            + ": "
                            + count
                            + (count == 1 ? " message: " : " messages: ")
                            + String.join(", ", messages.first(EXAMPLES))
                            + (count > EXAMPLES ? ", …" : ""));
        }
    }

    List<String> list() {
        List<String> list = new ArrayList<>(first);
        if (more > 0) {
            list.add("… and " + more + " more");
        }
        return list;
    }
}
