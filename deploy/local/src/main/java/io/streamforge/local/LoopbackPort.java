package io.streamforge.local;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;

/** Ports of 127.0.0.1, looked at just before a service is started on one. */
public final class LoopbackPort {

    private LoopbackPort() {}

    /** A port on which nobody listens now. */
    public static int free() throws IOException {
        return bind(0);
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
