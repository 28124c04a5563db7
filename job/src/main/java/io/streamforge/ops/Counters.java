package io.streamforge.ops;

import java.util.HashMap;
import java.util.Map;

/**
 * The job's counters, added up over its subtasks and going on over its restarts.
 *
 * <p>A restart of a subtask sets its counters to zero. What it had counted by then is kept and
 * added to what it counts from then on, with one exception: messages that were read but not yet
 * processed when it ended are read again, so of what was ingested only as much is kept as was
 * processed. Hence ingested is the sum of processed over status whenever nothing is in flight, also
 * after restarts; messages between the last checkpoint and a restart are counted twice in both. No
 * counter ever goes back.
 */
final class Counters {

    private final Map<Integer, Map<Series, Double>> last = new HashMap<>();
    private final Map<Series, Double> kept = new HashMap<>();
    private double ingestedBefore;

    /** Takes in what one subtask says now; what it leaves out stays as it was. */
    synchronized void update(int subtask, Map<Series, Double> now) {
        Map<Series, Double> before = last.computeIfAbsent(subtask, s -> new HashMap<>());
        double ingestedEarlier = before.getOrDefault(Series.INGESTED, 0.0);
        boolean restarted = false;
        for (Map.Entry<Series, Double> entry : now.entrySet()) {
            Series series = entry.getKey();
            Double earlier = before.put(series, entry.getValue());
            // Each for itself: the series of a restarted subtask need not all come at once.
            if (earlier != null && entry.getValue() < earlier && !series.equals(Series.INGESTED)) {
                kept.merge(series, earlier, Double::sum);
                restarted = true;
            }
        }
        if (restarted && before.getOrDefault(Series.INGESTED, 0.0) >= ingestedEarlier) {
            // Still that of before the restart: added to what is kept it would count twice.
            before.put(Series.INGESTED, 0.0);
        }
    }

    synchronized Map<Series, Double> totals() {
        Map<Series, Double> totals = new HashMap<>(kept);
        double keptProcessed = 0;
        for (Map.Entry<Series, Double> entry : kept.entrySet()) {
            if (entry.getKey().name().equals(Series.PROCESSED)) {
                keptProcessed += entry.getValue();
            }
        }
        last.values().forEach(of -> of.forEach((s, value) -> totals.merge(s, value, Double::sum)));
        if (totals.containsKey(Series.INGESTED)) {
            ingestedBefore = Math.max(ingestedBefore, totals.get(Series.INGESTED) + keptProcessed);
            totals.put(Series.INGESTED, ingestedBefore);
        }
        return totals;
    }
}
