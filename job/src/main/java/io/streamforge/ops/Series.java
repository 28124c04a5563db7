package io.streamforge.ops;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One of the job's metrics without the subtask it is of.
 *
 * @param name as in Prometheus
 * @param labels from the metric's groups; closed sets all of them
 */
record Series(String name, SortedMap<String, String> labels) {

    static final Series INGESTED = of("stream_events_ingested_total");

    /** Kafka's consumer knows it; the sum over subtasks is the lag. */
    static final Series LAG = of("stream_kafka_lag_records");

    static final String PROCESSED = "stream_events_processed_total";
    static final String DEAD_LETTERS = "stream_dlq_total";
    static final String DEAD_LETTER_FAILURES = "stream_dlq_write_failures_total";
    static final String END_TO_END = "stream_end_to_end_latency_seconds";

    /** A series with the subtask that it was read of. */
    record OfSubtask(int subtask, Series series) {}

    static Series of(String name, String... labels) {
        SortedMap<String, String> map = new TreeMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            map.put(labels[i], labels[i + 1]);
        }
        return new Series(name, map);
    }

    /**
     * Understands an id of Flink's REST API: {@code subtask.operator.key.value…name}, dots and
     * spaces within each replaced by underscores. Empty where it is none of the public metrics.
     */
    static Optional<OfSubtask> parse(String id) {
        String[] parts = id.split("\\.");
        if (parts.length < 3 || !parts[0].matches("[0-9]{1,6}")) {
            return Optional.empty();
        }
        return publicName(parts[1], parts[parts.length - 1])
                .map(
                        name -> {
                            SortedMap<String, String> labels = new TreeMap<>();
                            for (int i = 2; i + 1 < parts.length - 1; i += 2) {
                                boolean bound = parts[i].equals("le");
                                String value = parts[i + 1];
                                labels.put(parts[i], bound ? value.replace('_', '.') : value);
                            }
                            return new OfSubtask(
                                    Integer.parseInt(parts[0]), new Series(name, labels));
                        });
    }

    private static Optional<String> publicName(String operator, String name) {
        if (name.equals("pendingRecords") && operator.startsWith("Source__")) {
            return Optional.of(LAG.name);
        }
        boolean writesDeadLetters =
                operator.startsWith("Write_dead_letters") || operator.startsWith("Upsert");
        if (name.equals("numRecordsSendErrors") && writesDeadLetters) {
            return Optional.of(DEAD_LETTER_FAILURES);
        }
        return name.startsWith("stream_") && !name.equals("stream_build_info")
                ? Optional.of(name)
                : Optional.empty();
    }

    String label(String label) {
        return labels.getOrDefault(label, "");
    }
}
