package io.streamforge.config;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used, with every problem that it has. */
public final class ConfigException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(
                problems.stream()
                        .map(Problem::toString)
                        .collect(Collectors.joining("\n  ", "Invalid configuration:\n  ", "")));
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<Problem> problems() {
        return problems;
    }

    /**
     * One thing to correct.
     *
     * @param name the setting or argument
     * @param value what was given, secrets masked; null where nothing was
     * @param expected what would be accepted
     */
    public record Problem(String name, String value, String expected) implements Serializable {

        public Problem {
            value = value == null ? null : value.replaceAll("\\p{Cntrl}", "?");
        }

        @Override
        public String toString() {
            return name
                    + (value == null ? " is not set" : " is '" + value + "'")
                    + ": expected "
                    + expected;
        }
    }
}
