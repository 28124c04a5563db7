package io.streamforge.bench;

/**
 * What one round of one system took, from the last warm-up event on.
 *
 * @param eventsPerSecond those that the round's {@link Clock} counts
 * @param cpuSecondsPerMillion of the job's process
 * @param allocatedPerEvent bytes of heap that the job's threads took
 * @param peakResidentBytes of the job's process, from its start on
 * @param postgresCpuSecondsPerMillion of Postgres's processes, from the start of the job to its end
 * @param parquetBytesPerEvent of the visible files
 */
record Measurement(
        double eventsPerSecond,
        double cpuSecondsPerMillion,
        double allocatedPerEvent,
        long peakResidentBytes,
        double postgresCpuSecondsPerMillion,
        double parquetBytesPerEvent) {}
