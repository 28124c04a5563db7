package io.streamforge.config;

import java.io.Serializable;
import java.time.Duration;

/**
 * The database and how it is written.
 *
 * @param url {@code jdbc:postgresql://…} without credentials
 * @param user the role to connect as
 * @param password where its password is found; the value itself is never held
 * @param batchSize rows that make a flush
 * @param batchInterval longest time a row waits for its flush
 * @param retryBudget how long one flush is retried on transient errors before it fails
 * @param breakerWindow rows over which the breaker judges
 * @param breakerRatio share of refused rows, above 0 and at most 1, at which the breaker trips
 */
public record PostgresConfig(
        String url,
        String user,
        Secret password,
        int batchSize,
        Duration batchInterval,
        Duration retryBudget,
        int breakerWindow,
        double breakerRatio)
        implements Serializable {}
