package io.streamforge.validate;

import io.streamforge.event.DeadLetter;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Tells of dead letters in the log: the first of a reason at once, then at most one line a minute
 * and reason with the number since; each at DEBUG. Coordinates and reason are fields of the line,
 * never the payload. {@code job} and {@code subtask} are fields of every line of the task's thread.
 */
final class DeadLetterLog {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterLog.class);

    private static final long BETWEEN_LINES_MILLIS = Duration.ofMinutes(1).toMillis();

    private static final class Tally {
        private long since;
        private long silentUntil;
    }

    private final Map<RejectionReason, Tally> tallies = new EnumMap<>(RejectionReason.class);

    /** To be made on the task's thread. */
    DeadLetterLog(String job, int subtask) {
        MDC.put("job", job);
        MDC.put("subtask", Integer.toString(subtask));
    }

    void deadLettered(DeadLetter deadLetter) {
        Tally tally = tallies.computeIfAbsent(deadLetter.reason(), reason -> new Tally());
        tally.since++;
        if (deadLetter.failedAtMillis() >= tally.silentUntil) {
            withFields(
                    deadLetter,
                    () ->
                            LOG.info(
                                    "{} messages dead-lettered, {}, the latest {}",
                                    tally.since,
                                    deadLetter.reason(),
                                    deadLetter.raw().coordinates()));
            tally.since = 0;
            tally.silentUntil = deadLetter.failedAtMillis() + BETWEEN_LINES_MILLIS;
        } else if (LOG.isDebugEnabled()) {
            withFields(
                    deadLetter,
                    () ->
                            LOG.debug(
                                    "dead-lettered {}, {}",
                                    deadLetter.raw().coordinates(),
                                    deadLetter.reason()));
        }
    }

    private static void withFields(DeadLetter deadLetter, Runnable line) {
        RawEvent raw = deadLetter.raw();
        try (MDC.MDCCloseable topic = MDC.putCloseable("topic", raw.topic());
                MDC.MDCCloseable partition = field("partition", raw.partition());
                MDC.MDCCloseable offset = field("offset", raw.offset());
                MDC.MDCCloseable stage = field("stage", deadLetter.reason().stage().wireName());
                MDC.MDCCloseable reason = field("reason", deadLetter.reason())) {
            line.run();
        }
    }

    private static MDC.MDCCloseable field(String name, Object value) {
        return MDC.putCloseable(name, value.toString());
    }
}
