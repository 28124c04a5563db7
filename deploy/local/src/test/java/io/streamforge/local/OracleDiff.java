package io.streamforge.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What differs between two maps of texts: how much of each kind, and the first few. */
public final class OracleDiff {

    private static final int EXAMPLES = 5;
    private static final int MAX_CHARS = 400;

    private final String summary;
    private final List<String> missing = new ArrayList<>();
    private final List<String> extra = new ArrayList<>();
    private final List<String> different = new ArrayList<>();
    private final List<String> repeated;

    /**
     * Compares.
     *
     * @param tolerated entries that the actual map may have beyond the expected ones
     * @param repeated keys that were seen more than once and must not be
     */
    OracleDiff(
            String what,
            Map<String, String> expected,
            Map<String, String> actual,
            Map<String, String> tolerated,
            List<String> repeated) {
        this.summary =
                what
                        + " is not what the input topic makes of it: expected "
                        + expected.size()
                        + ", actual "
                        + actual.size();
        this.repeated = List.copyOf(repeated);
        expected.forEach(
                (key, text) -> {
                    if (!actual.containsKey(key)) {
                        missing.add(key + ": " + cut(text));
                    } else if (!actual.get(key).equals(text)) {
                        different.add(
                                key
                                        + ":\n      expected "
                                        + cut(text)
                                        + "\n      actual   "
                                        + cut(actual.get(key)));
                    }
                });
        actual.forEach(
                (key, text) -> {
                    if (!expected.containsKey(key) && !text.equals(tolerated.get(key))) {
                        extra.add(key + ": " + cut(text));
                    }
                });
    }

    /** Entries that should be there and are not, or not as they should be. */
    public int lost() {
        return missing.size() + different.size();
    }

    /** Entries that should not be there. */
    public int extra() {
        return extra.size();
    }

    /** Entries that are there more than once. */
    public int repeated() {
        return repeated.size();
    }

    /** Asserts that nothing differs. */
    public void assertNone() {
        List<String> differences = new ArrayList<>();
        add(differences, "missing", missing);
        add(differences, "extra", extra);
        add(differences, "different", different);
        add(differences, "repeated", repeated);
        if (!differences.isEmpty()) {
            throw new AssertionError(summary + "\n" + String.join("\n", differences));
        }
    }

    private static void add(List<String> differences, String kind, List<String> entries) {
        if (!entries.isEmpty()) {
            differences.add("  " + entries.size() + " " + kind);
            entries.stream().limit(EXAMPLES).map(entry -> "    " + entry).forEach(differences::add);
        }
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARS
                ? text
                : text.substring(0, MAX_CHARS) + "… (" + text.length() + " characters)";
    }
}
