package io.streamforge.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a setting that takes a path or a URI points to on this machine. */
public final class LocalPath {

    /** Two letters at least, so that it isn't a drive. */
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

    private LocalPath() {}

    /** The path, or that of a {@code file:} URI; empty for any other URI. */
    public static Optional<Path> of(String place) {
        if (place.startsWith("file:")) {
            return Optional.of(Path.of(URI.create(place).getPath()));
        }
        return SCHEME.matcher(place).matches() ? Optional.empty() : Optional.of(Path.of(place));
    }
}
