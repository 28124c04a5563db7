package io.streamforge.account;

/** Counts what is read, and reports every so often. */
public final class Meter {

    private static final int EVERY = 1024;

    private final Progress progress;
    private final String what;
    private final long total;
    private long done;

    /**
     * @param what is counted, in the plural
     * @param total about how many there are, or negative where nobody knows
     */
    public Meter(Progress progress, String what, long total) {
        this.progress = progress;
        this.what = what;
        this.total = total;
    }

    public void add() {
        if (++done % EVERY == 0 || total >= 0 && total < EVERY) {
            progress.report(what, done, total);
        }
    }
}
