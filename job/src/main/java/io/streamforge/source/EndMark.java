package io.streamforge.source;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * What a run that came to its end writes beside the offsets that it commits: everything before them
 * is in files, rows and dead letters, and no checkpoint is needed to go on from them. Whoever
 * commits offsets afterwards takes the mark away.
 */
public final class EndMark {

    private static final String PREFIX = "streamforge read to the end at ";

    private EndMark() {}

    static String at(Instant time) {
        return PREFIX + time;
    }

    /** When a run ended at all these offsets; empty where one has no mark, or there is none. */
    public static Optional<Instant> of(Collection<OffsetAndMetadata> committed) {
        if (!committed.stream().allMatch(offset -> offset.metadata().startsWith(PREFIX))) {
            return Optional.empty();
        }
        try {
            return committed.stream()
                    .map(offset -> Instant.parse(offset.metadata().substring(PREFIX.length())))
                    .max(Comparator.naturalOrder());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
