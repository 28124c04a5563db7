package io.streamforge.config;

import java.io.Serializable;
import java.util.Map;

/**
 * Knows where a secret is kept, never what it is: this object is serialised into the job graph and
 * printed freely, and the value is read where and when it is used, so a rotated file is picked up
 * by the next connection.
 */
public final class Secret implements Serializable {

    private static final long serialVersionUID = 1L;

    private enum Place {
        NONE,
        ENVIRONMENT,
        FILE,
        URL_IN_ENVIRONMENT,
        URL_IN_FILE
    }

    private final Place place;

    /** The variable's name or the file's path; null where there is no secret. */
    private final String location;

    private Secret(Place place, String location) {
        this.place = place;
        this.location = location;
    }

    /** No secret at all: the server asks for none. */
    public static Secret none() {
        return new Secret(Place.NONE, null);
    }

    /** The value of an environment variable. */
    public static Secret ofVariable(String name) {
        return new Secret(Place.ENVIRONMENT, name);
    }

    /** The content of a file, without its trailing line break. */
    public static Secret ofFile(String path) {
        return new Secret(Place.FILE, path);
    }

    /** The password inside a Postgres URL in an environment variable. */
    static Secret ofUrlInVariable(String name) {
        return new Secret(Place.URL_IN_ENVIRONMENT, name);
    }

    /** The password inside a Postgres URL in a file. */
    static Secret ofUrlInFile(String path) {
        return new Secret(Place.URL_IN_FILE, path);
    }

    /**
     * Reads the secret in this process.
     *
     * @return the value, or null where there is none
     * @throws IllegalStateException where this process lacks the variable or the file; names the
     *     place, never the value
     */
    public String resolve() {
        return resolve(System.getenv());
    }

    /** The same with these environment variables instead of the process's own. */
    public String resolve(Map<String, String> environment) {
        return switch (place) {
            case NONE -> null;
            case ENVIRONMENT -> variable(environment);
            case FILE -> file();
            case URL_IN_ENVIRONMENT -> passwordOf(variable(environment));
            case URL_IN_FILE -> passwordOf(file());
        };
    }

    private String variable(Map<String, String> environment) {
        String value = environment.get(location);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException(
                    "The environment variable "
                            + location
                            + " is not set in this process; set it on every task manager");
        }
        return value;
    }

    private String file() {
        try {
            return SecretFile.read(location);
        } catch (SecretFile.UnreadableException e) {
            throw new IllegalStateException(
                    "The file "
                            + location
                            + " "
                            + e.getMessage()
                            + "; mount it on every task manager");
        }
    }

    private String passwordOf(String url) {
        try {
            return PostgresUrl.parse(url).password();
        } catch (PostgresUrl.MalformedException e) {
            throw new IllegalStateException(
                    "The URL in " + location + " is malformed: expected " + e.getMessage());
        }
    }

    /** The place, never the value. */
    @Override
    public String toString() {
        return switch (place) {
            case NONE -> "none";
            case ENVIRONMENT -> "**** (variable " + location + ")";
            case FILE -> "**** (file " + location + ")";
            case URL_IN_ENVIRONMENT -> "**** (URL in variable " + location + ")";
            case URL_IN_FILE -> "**** (URL in file " + location + ")";
        };
    }
}
