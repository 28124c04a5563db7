package io.streamforge.local;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports of 127.0.0.1, looked at just before a service is started on one. */
public final class LoopbackPort {

    // Below those that Linux, from 32768 on, and others, from 49152 on, give to any connection,
    // which may take the port between the look and the service's start.
    private static final int LOWEST = 20_000;
    private static final int COUNT = 12_000;

    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

    private LoopbackPort() {}

    /** A port on which nobody listens now; another one at each call. */
    public static int free() throws IOException {
        for (int look = 0; look < COUNT; look++) {
            try {
                return bind(LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT));
            } catch (BindException e) {
                // Taken: on to the next one.
            }
        }
        throw new BindException("no port is free from " + LOWEST + " to " + (LOWEST + COUNT - 1));
    }

    /**
     * @throws PortTakenException if somebody listens on the port
     */
    static void requireFree(String service, int port) throws IOException {
        try {
            bind(port);
        } catch (BindException e) {
            PortTakenException taken = new PortTakenException(service, port);
            taken.initCause(e);
            throw taken;
        }
    }

    /** Whether somebody accepts connections on the port. */
    static boolean answers(int port) {
        try (Socket socket = new Socket(address(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int bind(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, address())) {
            return socket.getLocalPort();
        }
    }

    private static InetAddress address() throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }
}
