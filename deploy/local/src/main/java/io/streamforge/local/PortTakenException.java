package io.streamforge.local;

import java.io.IOException;

/** Another process listens where a service was to listen. */
public final class PortTakenException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String service;
    private final int port;

    PortTakenException(String service, int port) {
        super(service + " cannot listen on 127.0.0.1:" + port + ": the port is taken");
        this.service = service;
        this.port = port;
    }

    /** The service that was to listen there, for example {@code Kafka}. */
    public String service() {
        return service;
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return port;
    }
}
