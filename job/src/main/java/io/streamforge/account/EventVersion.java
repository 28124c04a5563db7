package io.streamforge.account;

import java.util.UUID;

/**
 * One valid message as a version of its event.
 *
 * @param eventId the key
 * @param occurredAtMicros first part of the order, microseconds since the epoch
 * @param partition second part of the order
 * @param offset third part of the order
 */
record EventVersion(UUID eventId, long occurredAtMicros, int partition, long offset) {}
