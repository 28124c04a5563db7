package io.streamforge.validate;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The member names of one JSON object so far. Objects are small as a rule, so the first names are
 * compared one by one and only a large object pays for a hash table, whose buckets become trees
 * when someone sends names that collide.
 */
final class SeenNames {

    private static final int FEW = 12;

    private final String[] few = new String[FEW];
    private int size;
    private Set<String> many;

    /** Whether the name is new; names that are escaped differently in the text are equal. */
    boolean add(String name) {
        if (many != null) {
            return many.add(name);
        }
        for (int i = 0; i < size; i++) {
            if (few[i].equals(name)) {
                return false;
            }
        }
        if (size < FEW) {
            few[size++] = name;
            return true;
        }
        many = new HashSet<>(Arrays.asList(few));
        return many.add(name);
    }

    /** Starts another object. */
    void clear() {
        size = 0;
        many = null;
    }
}
