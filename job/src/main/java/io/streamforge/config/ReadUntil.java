package io.streamforge.config;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a bounded run ends. */
public sealed interface ReadUntil extends Serializable {

    /** What the names of all directories begin with that hold a bounded run's checkpoints. */
    String DIRECTORY_PREFIX = "until-";

    /** At what the topic has when the run starts. */
    record Latest() implements ReadUntil {}

    /** In each partition before the first message of that time or later. */
    record Time(Instant time) implements ReadUntil {}

    /** In each partition before that offset; every partition has to be named. */
    record Offsets(Map<Integer, Long> byPartition) implements ReadUntil {
        public Offsets {
            byPartition = Map.copyOf(byPartition);
        }
    }

    /**
     * The directory, below the one for checkpoints, of runs that end here. In the state of a
     * bounded run the partitions that were read to their end are missing, so no other run may go on
     * from it.
     */
    default String directory() {
        if (this instanceof Latest) {
            return DIRECTORY_PREFIX + "latest";
        }
        if (this instanceof Time until) {
            return DIRECTORY_PREFIX + until.time().toEpochMilli();
        }
        String offsets = new TreeMap<>(((Offsets) this).byPartition()).toString();
        return DIRECTORY_PREFIX + UUID.nameUUIDFromBytes(offsets.getBytes(US_ASCII));
    }

    Pattern PAIR = Pattern.compile("\\s*(\\d{1,9})\\s*:\\s*(\\d{1,18})\\s*");

    /** Understands the setting's text; null for what is none of the three. */
    static ReadUntil parse(String text) {
        if (text.equalsIgnoreCase("latest")) {
            return new Latest();
        }
        if (text.indexOf('T') >= 0) {
            try {
                return new Time(OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeException e) {
                return null;
            }
        }
        Map<Integer, Long> offsets = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            Matcher pair = PAIR.matcher(part);
            if (!pair.matches()
                    || offsets.put(Integer.parseInt(pair.group(1)), Long.parseLong(pair.group(2)))
                            != null) {
                return null;
            }
        }
        return new Offsets(offsets);
    }
}
