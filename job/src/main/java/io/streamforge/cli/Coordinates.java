package io.streamforge.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A message's partition and offset as a person gives them: {@code 2:4972} or {@code 2@4972}. */
record Coordinates(int partition, long offset) {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})[:@]([0-9]{1,18})");

    static Coordinates parse(CommandSpec spec, String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected partition:offset such as 2:4972, not '" + text + "'");
        }
        return new Coordinates(Integer.parseInt(form.group(1)), Long.parseLong(form.group(2)));
    }

    /** As findings and filters write it. */
    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
