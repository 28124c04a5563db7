package io.streamforge.account;

/** A place that messages are in, or should be. */
public enum Store {
    INPUT_TOPIC("input topic"),
    PARQUET("Parquet"),
    POSTGRES("Postgres"),
    DEAD_LETTERS("dead-letter topics");

    private final String label;

    Store(String label) {
        this.label = label;
    }

    /** For people. */
    public String label() {
        return label;
    }
}
