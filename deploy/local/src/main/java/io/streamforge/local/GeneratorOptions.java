package io.streamforge.local;

/**
 * What the generator is to make.
 *
 * @param events how many messages, of all kinds together; -1 without end
 * @param ratePerSecond messages per second; 0 as fast as possible
 * @param invalidPercent of the messages, how many break the input contract, 0 to 100
 * @param duplicatePercent of the messages, how many repeat or correct an earlier one; together with
 *     {@code invalidPercent} at most 100
 * @param seed the same seed gives the same messages, times apart, their {@code event_id}s included:
 *     two runs into one topic need two seeds
 */
public record GeneratorOptions(
        long events,
        double ratePerSecond,
        double invalidPercent,
        double duplicatePercent,
        long seed) {

    public GeneratorOptions {
        if (events < -1) {
            throw new IllegalArgumentException("events must be -1 or more: " + events);
        }
        if (!(ratePerSecond >= 0) || Double.isInfinite(ratePerSecond)) {
            throw new IllegalArgumentException("rate must be 0 or more: " + ratePerSecond);
        }
        requirePercent("invalid percent", invalidPercent);
        requirePercent("duplicate percent", duplicatePercent);
        requirePercent("invalid and duplicate percent together", invalidPercent + duplicatePercent);
    }

    private static void requirePercent(String name, double value) {
        if (!(value >= 0 && value <= 100)) {
            throw new IllegalArgumentException(name + " must be 0 to 100: " + value);
        }
    }
}
