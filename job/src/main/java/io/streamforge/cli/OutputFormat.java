package io.streamforge.cli;

/** For whom a command prints. */
enum OutputFormat {
    /** People. */
    TABLE,
    /** Programs: one JSON value a line. */
    JSON
}
