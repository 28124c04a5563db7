/**
 * Dead letters from outside of the job: read, counted, corrected and replayed.
 *
 * <p>Start at {@link io.streamforge.dlq.Replay}. Nothing here refers to Flink, so that the command
 * line can run it on a bare JDK.
 */
package io.streamforge.dlq;
