package io.streamforge.ops;

import java.time.Instant;
import java.util.List;

/**
 * The job as Flink shows it.
 *
 * @param id Flink's, or null where there is no job
 * @param state RUNNING, RESTARTING, …; UNREACHABLE where Flink does not answer, NONE without a job
 * @param startedAt when this job was submitted, or null
 * @param tasksRunning tasks that run
 * @param tasks all of them
 * @param restarts since it was submitted
 * @param cause the first failure since the job last proved that it gets on, or null
 * @param checkpoints null where there is no job
 */
record JobView(
        String id,
        String state,
        Instant startedAt,
        int tasksRunning,
        int tasks,
        long restarts,
        String cause,
        Checkpoints checkpoints) {

    static final String RUNNING = "RUNNING";

    /**
     * @param interval in milliseconds
     * @param lastCompleted when the newest became complete, or null
     * @param durationMillis of the newest, or -1
     * @param bytes of state in the newest, or -1
     */
    record Checkpoints(
            long interval,
            long completed,
            long failed,
            Instant lastCompleted,
            long lastId,
            long durationMillis,
            long bytes) {}

    static JobView without(String state) {
        return new JobView(null, state, null, 0, 0, 0, null, null);
    }

    boolean runs() {
        return state.equals(RUNNING) && tasks > 0 && tasksRunning == tasks;
    }

    /** Names of its checks, in their order. */
    static final List<String> CHECKS = List.of("flink", "job", "checkpoints", "restarts");
}
