package io.streamforge.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * Checkpoints, as far as the job itself is asked; a cluster's own settings win.
 *
 * @param interval time between checkpoints, or null where not set
 * @param dir directory or URI of the retained checkpoints, or null where not set; see {@link
 *     StreamForgeConfig#checkpointDir()}
 */
public record CheckpointConfig(Duration interval, String dir) implements Serializable {}
