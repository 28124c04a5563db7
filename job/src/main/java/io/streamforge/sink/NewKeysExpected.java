package io.streamforge.sink;

/**
 * Whether a batch is worth trying as a plain INSERT before the upsert: it costs a third less where
 * all keys are new, and is lost work where one is not.
 *
 * <p>A lost try costs about twice what a lucky one saves. So after a lost one the tries pause for
 * four times as many batches as before, and after a lucky one the next pause is half as long: they
 * become rare where more than one in three is lost. Small batches are never tried: there is little
 * to gain, and each lost try is a line in the log of the server. Thread-confined.
 */
final class NewKeysExpected {

    private static final int LEAST_ROWS = 250;
    private static final int LONGEST_PAUSE = 1_024;

    /** Batches without a try, after the next lost one. */
    private int pause;

    /** Batches still to go without a try. */
    private int paused;

    /** Asked once for each batch. */
    boolean worthTrying(int rows) {
        if (rows < LEAST_ROWS) {
            return false;
        }
        if (paused > 0) {
            paused--;
            return false;
        }
        return true;
    }

    void won() {
        pause /= 2;
    }

    void lost() {
        pause = Math.min(LONGEST_PAUSE, Math.max(1, 4 * pause));
        paused = pause;
    }
}
