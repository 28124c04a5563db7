package io.streamforge.bench;

import io.streamforge.bench.BenchEvents.Shape;

/**
 * One amount of work.
 *
 * @param tableRows there before the job starts
 * @param events that count
 * @param warmUp events before them
 */
record ScaleCase(
        long tableRows, int partitions, int parallelism, Shape shape, long events, long warmUp) {

    /** Bytes of a message without padding, on average. */
    private static final int BYTES = 247;

    /** Bytes of the padding's name and quotes. */
    private static final int PADDING_NAME = 13;

    ScaleCase withTableRows(long rows) {
        return new ScaleCase(rows, partitions, parallelism, shape, events, warmUp);
    }

    ScaleCase withPartitions(long number) {
        return new ScaleCase(tableRows, (int) number, parallelism, shape, events, warmUp);
    }

    ScaleCase withParallelism(long number) {
        return new ScaleCase(tableRows, partitions, (int) number, shape, events, warmUp);
    }

    long duplicatePercent() {
        return shape.duplicatePercent();
    }

    /** Of what comes after the warm-up. */
    ScaleCase withDuplicatePercent(long percent) {
        return withShape(
                new Shape(
                        shape.invalidPercent(),
                        (int) percent,
                        warmUp,
                        shape.padding(),
                        shape.seed()));
    }

    long invalidPercent() {
        return shape.invalidPercent();
    }

    ScaleCase withInvalidPercent(long percent) {
        return withShape(
                new Shape(
                        (int) percent,
                        shape.duplicatePercent(),
                        shape.originals(),
                        shape.padding(),
                        shape.seed()));
    }

    long eventBytes() {
        return shape.padding() == 0 ? BYTES : BYTES + PADDING_NAME + shape.padding();
    }

    /** Fewer of the larger events, so that a round takes minutes and not hours. */
    ScaleCase withEventBytes(long bytes) {
        int padding = (int) bytes - BYTES - PADDING_NAME;
        long fewer = Math.round(Math.sqrt((double) bytes / BYTES));
        Shape padded =
                new Shape(
                        shape.invalidPercent(),
                        shape.duplicatePercent(),
                        shape.originals(),
                        padding,
                        shape.seed());
        return new ScaleCase(
                tableRows, partitions, parallelism, padded, events / fewer, warmUp / fewer);
    }

    private ScaleCase withShape(Shape other) {
        return new ScaleCase(tableRows, partitions, parallelism, other, events, warmUp);
    }
}
