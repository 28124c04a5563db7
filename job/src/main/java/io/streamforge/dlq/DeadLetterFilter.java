package io.streamforge.dlq;

import io.streamforge.account.DeadLetterCoordinates;
import io.streamforge.event.DeadLetterHeaders;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which dead letters are meant. What is empty or null doesn't matter.
 *
 * @param reasons one of these is the first violation's
 * @param stages one of these refused it, by wire name
 * @param fields one of these is the first violation's
 * @param since refused then or later
 * @param until refused before
 * @param sources the original's {@code partition@offset}
 */
public record DeadLetterFilter(
        Set<String> reasons,
        Set<String> stages,
        Set<String> fields,
        Instant since,
        Instant until,
        Set<String> sources)
        implements Predicate<StoredDeadLetter> {

    @Override
    public boolean test(StoredDeadLetter letter) {
        return matches(reasons, letter.header(DeadLetterHeaders.REASON))
                && matches(stages, letter.header(DeadLetterHeaders.STAGE))
                && matches(fields, letter.header(DeadLetterHeaders.FIELD))
                && (since == null || !letter.failedAt().isBefore(since))
                && (until == null || letter.failedAt().isBefore(until))
                && (sources.isEmpty() || matches(sources, letter.source().map(this::place)));
    }

    private String place(DeadLetterCoordinates source) {
        return source.partition() + "@" + source.offset();
    }

    private static boolean matches(Set<String> wanted, Optional<String> found) {
        return wanted.isEmpty() || found.isPresent() && wanted.contains(found.get());
    }
}
