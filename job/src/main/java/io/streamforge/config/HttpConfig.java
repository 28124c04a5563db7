package io.streamforge.config;

import java.io.Serializable;

/**
 * Where health, metrics and the status page are served.
 *
 * @param host address to bind
 * @param port 1 … 65535, or 0 for any free port
 */
public record HttpConfig(String host, int port) implements Serializable {}
