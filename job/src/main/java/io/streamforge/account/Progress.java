package io.streamforge.account;

/** Is told now and then how far a long reading is. */
@FunctionalInterface
public interface Progress {

    /**
     * @param what is being read, in the plural
     * @param done how many so far
     * @param total about how many there are, or negative where nobody knows
     */
    void report(String what, long done, long total);
}
