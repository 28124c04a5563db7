package io.streamforge.local;

import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Ctrl-C and {@code kill} as a call, in place of the JVM's own end. A shutdown hook would not do:
 * hooks run side by side, and Flink's would take the cluster down while the savepoint is being
 * written.
 */
final class StopSignals {

    private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

    private StopSignals() {}

    /**
     * @param stop called on a thread of its own for every signal
     */
    static void handle(Runnable stop) {
        try {
            // By reflection: sun.misc.Signal is in every JDK, but javac warns of its package and
            // nothing can silence that.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object call =
                    Proxy.newProxyInstance(
                            StopSignals.class.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, arguments) -> {
                                stop.run();
                                return null;
                            });
            for (String name : NAMES) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), call);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java cannot handle signals", e);
        }
    }
}
