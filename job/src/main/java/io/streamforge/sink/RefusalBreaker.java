package io.streamforge.sink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Stops the job where the database refuses nearly everything: then the table or the producers'
 * schema is wrong, and dead-lettering row by row would drain the topic.
 *
 * <p>Refused rows are held back until the verdict over a window of rows, or until a checkpoint. A
 * checkpoint's shorter window is judged too once it holds a tenth of a full one; a smaller one is
 * released and goes on counting, so that a slow stream is stopped after at most one window. When
 * the breaker trips, none of the rows held is written and the failure is terminal: a restart would
 * drain the topic in instalments.
 */
final class RefusalBreaker {

    private final int window;
    private final double ratio;
    private final List<BatchStore.Refusal> held = new ArrayList<>();
    private long seen;
    private long refused;

    /**
     * @param window rows that make a verdict
     * @param ratio the share of refused rows, above 0 and at most 1, from which the job stops
     */
    RefusalBreaker(int window, double ratio) {
        this.window = window;
        this.ratio = ratio;
    }

    void count(int rows, List<BatchStore.Refusal> refusals) {
        seen += rows;
        refused += refusals.size();
        held.addAll(refusals);
    }

    boolean windowIsComplete() {
        return seen >= window;
    }

    /**
     * Judges what was counted and hands out the rows held back.
     *
     * @throws SuppressRestartsException where the database refuses nearly everything
     */
    List<BatchStore.Refusal> verdict() {
        if (seen >= Math.max(1, window / 10) && refused >= ratio * seen) {
            BatchStore.Refusal last = held.isEmpty() ? null : held.get(held.size() - 1);
            throw new SuppressRestartsException(
                    new IllegalStateException(
                            "Postgres refused %d of the last %d rows%s: the job stops instead of"
                                            .formatted(
                                                    refused,
                                                    seen,
                                                    last == null
                                                            ? ""
                                                            : " (last: SQLSTATE "
                                                                    + last.cause().getSQLState()
                                                                    + ")")
                                    + " dead-lettering the topic. The %d rows held back are in no"
                                            .formatted(held.size())
                                    + " store and their offsets are not committed. Repair the table"
                                    + " or the producers, then start again."));
        }
        List<BatchStore.Refusal> released = List.copyOf(held);
        held.clear();
        if (windowIsComplete()) {
            seen = 0;
            refused = 0;
        }
        return released;
    }
}
