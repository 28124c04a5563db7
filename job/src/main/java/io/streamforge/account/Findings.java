package io.streamforge.account;

import java.util.ArrayList;
import java.util.List;

/** The discrepancies found so far; one that no message has is none. */
final class Findings {

    private final List<Discrepancy> discrepancies = new ArrayList<>();

    void add(Store store, String finding) {
        discrepancies.add(new Discrepancy(store, finding, new OffsetSet()));
    }

    /** One discrepancy for all of {@code messages}, or none if there are none. */
    void add(Store store, String what, OffsetSet messages) {
        if (!messages.isEmpty()) {
            discrepancies.add(new Discrepancy(store, what, messages));
        }
    }

    List<Discrepancy> list() {
        return discrepancies;
    }
}
