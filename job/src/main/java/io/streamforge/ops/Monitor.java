package io.streamforge.ops;

import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one dependency again and again on a thread of its own, so that no request waits for it. One
 * that does not answer is found out by the age of its last answer.
 */
abstract class Monitor implements AutoCloseable {

    /** How long one question may take. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** More than a pause and two questions. */
    private static final Duration STALE = Duration.ofSeconds(6);

    private final String name;
    private final List<String> checks;
    private final Thread thread;
    private volatile List<Finding> findings;
    private volatile long answeredAt = System.nanoTime();

    Monitor(String name, String... checks) {
        this.name = name;
        this.checks = List.of(checks);
        this.findings = this.checks.stream().map(c -> Finding.bad(c, "not looked at yet")).toList();
        this.thread = new Thread(this::run, "ops-" + name);
        thread.setDaemon(true);
    }

    final void start() {
        thread.start();
    }

    /**
     * Looks once.
     *
     * @return one finding for each check, in their order
     */
    abstract List<Finding> look() throws InterruptedException;

    /** Gives back what looking needs; called by the thread that looks, as its last. */
    void release() {}

    private void run() {
        String told = null;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    findings = look();
                } catch (RuntimeException e) {
                    // Kafka's client and Jackson have many; none may end the thread.
                    String why = e.getClass().getSimpleName() + ": " + e.getMessage();
                    if (!why.equals(told)) {
                        LOG.warn("the look at {} failed", name, e);
                        told = why;
                    }
                    findings = checks.stream().map(c -> Finding.bad(c, why)).toList();
                }
                answeredAt = System.nanoTime();
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            LOG.debug("{} ends", name);
        } finally {
            release();
        }
    }

    /** What was found last; that there was no answer, where that is too long ago. */
    final List<Finding> findings() {
        long age = System.nanoTime() - answeredAt;
        if (age > STALE.toNanos()) {
            String why = "no answer for " + Duration.ofNanos(age).toSeconds() + " s";
            return checks.stream().map(c -> Finding.bad(c, why)).toList();
        }
        return findings;
    }

    final String name() {
        return name;
    }

    /** Whether the thread lives and comes round, however bad its findings are. */
    final boolean isAlive() {
        return thread.isAlive() && System.nanoTime() - answeredAt < 10 * STALE.toNanos();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
