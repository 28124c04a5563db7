/**
 * Makes few large files of the archive's many small ones.
 *
 * <p>Start at {@link io.streamforge.compact.Compaction}. A {@code CompactionPlan} says which files
 * become one, a {@code Merge} writes that file and proves it, and a {@code Replacement} exchanges
 * them in one step. Nothing here refers to Flink, and nothing here touches what the job has not
 * committed, so it may run beside the job.
 */
package io.streamforge.compact;
