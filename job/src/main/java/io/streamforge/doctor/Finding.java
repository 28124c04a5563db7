package io.streamforge.doctor;

/**
 * One thing that was looked at.
 *
 * @param area where: kafka, postgres, parquet, checkpoints
 * @param level how bad it is
 * @param what what was found, in one sentence
 * @param advice what to do; empty where there is nothing to
 */
public record Finding(String area, Level level, String what, String advice) {

    /** How bad it is. */
    public enum Level {
        OK,
        /** Worth knowing, and often meant to be so. */
        NOTE,
        /** It will bite. */
        WARNING,
        /** It could not be looked at, because it does not answer. */
        UNREACHABLE
    }

    static Finding ok(String area, String what) {
        return new Finding(area, Level.OK, what, "");
    }

    static Finding note(String area, String what, String advice) {
        return new Finding(area, Level.NOTE, what, advice);
    }

    static Finding warning(String area, String what, String advice) {
        return new Finding(area, Level.WARNING, what, advice);
    }

    static Finding unreachable(String area, String what, String advice) {
        return new Finding(area, Level.UNREACHABLE, what, advice);
    }
}
