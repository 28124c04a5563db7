package io.streamforge.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/**
 * What this build is, as the build wrote it into the jar.
 *
 * @param name the product's name
 * @param version its release
 * @param commit the git commit it was built from, or {@code unknown}
 * @param time when it was built, ISO 8601 in UTC
 * @param java the version of the Java that runs it
 * @param flink the version of Flink that it was built against
 */
public record BuildInfo(
        String name, String version, String commit, String time, String java, String flink) {

    private static final String RESOURCE = "/streamforge-build.properties";

    /** Reads it from the class path. */
    public static BuildInfo load() {
        Properties build = new Properties();
        try (InputStream bytes = BuildInfo.class.getResourceAsStream(RESOURCE);
                Reader text = new InputStreamReader(bytes, StandardCharsets.UTF_8)) {
            build.load(text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + RESOURCE, e);
        }
        return new BuildInfo(
                build.getProperty("name"),
                build.getProperty("version"),
                build.getProperty("commit"),
                build.getProperty("time"),
                System.getProperty("java.version"),
                build.getProperty("flink"));
    }
}
