package io.streamforge.ops;

import java.time.Instant;

/**
 * One thing that must hold for the pipeline to be ready.
 *
 * @param name of a closed set: flink, job, checkpoints, restarts, kafka, postgres
 * @param ok whether it holds
 * @param since when it began to hold, or not to
 * @param detail for a person; one line, no secret
 */
record Check(String name, boolean ok, Instant since, String detail) {}
