package io.streamforge.validate;

import io.streamforge.LogLevels;
import io.streamforge.config.BuildInfo;
import io.streamforge.config.Setting;
import io.streamforge.event.DeadLetter;
import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.RejectionReason.Stage;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Divides the messages: those that keep the input contract go on as events, the others leave
 * through the side output {@link #DEAD_LETTERS}. Every message comes out exactly once; nothing is
 * dropped and no message makes the job fail. It has no state.
 *
 * <p>Metrics: {@code stream_events_ingested_total}; {@code
 * stream_events_processed_total{status="dead_lettered"}}; {@code stream_dlq_total{reason,stage}}
 * for every reason of the stages decode and validate, from the start at zero; {@code
 * stream_build_info}.
 */
public final class ValidateFunction extends ProcessFunction<RawEvent, Event> {

    /** The messages that break the contract, with all the rules that they break. */
    public static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("dead-letters", TypeInformation.of(DeadLetter.class));

    private static final long serialVersionUID = 1L;

    private final int maxEventBytes;
    private final Clock clock;

    private transient EventParser parser;
    private transient DeadLetterLog log;
    private transient Counter ingested;
    private transient Counter deadLettered;
    private transient Map<RejectionReason, Counter> deadLetteredByReason;

    /**
     * @param maxEventBytes the most bytes that a message's value may have
     */
    public ValidateFunction(int maxEventBytes) {
        this(maxEventBytes, Clock.systemUTC());
    }

    /** With a serialisable clock of the caller's. */
    ValidateFunction(int maxEventBytes, Clock clock) {
        this.maxEventBytes = maxEventBytes;
        this.clock = clock;
    }

    @Override
    public void open(OpenContext openContext) {
        LogLevels.apply(getRuntimeContext().getGlobalJobParameters().get(Setting.LOG_LEVEL.name()));
        parser = new EventParser(maxEventBytes);
        int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        log = new DeadLetterLog(getRuntimeContext().getJobInfo().getJobName(), subtask);
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        BuildInfo build = BuildInfo.load();
        metrics.addGroup("version", build.version())
                .addGroup("commit", build.commit())
                .gauge("stream_build_info", (Gauge<Integer>) () -> 1);
        ingested = metrics.counter("stream_events_ingested_total");
        deadLettered =
                metrics.addGroup("status", "dead_lettered")
                        .counter("stream_events_processed_total");
        deadLetteredByReason = new EnumMap<>(RejectionReason.class);
        for (RejectionReason reason : RejectionReason.values()) {
            if (reason.stage() != Stage.STORE) {
                deadLetteredByReason.put(
                        reason,
                        metrics.addGroup("reason", reason.name())
                                .addGroup("stage", reason.stage().wireName())
                                .counter("stream_dlq_total"));
            }
        }
    }

    @Override
    public void processElement(RawEvent raw, Context context, Collector<Event> out) {
        ingested.inc();
        Instant now = clock.instant();
        ParseResult result = parser.parse(raw, micros(now));
        if (result instanceof ParseResult.Accepted accepted) {
            out.collect(accepted.event());
        } else if (result instanceof ParseResult.Rejected rejected) {
            DeadLetter deadLetter =
                    DeadLetter.invalid(raw, rejected.violations(), now.toEpochMilli());
            deadLettered.inc();
            deadLetteredByReason.get(deadLetter.reason()).inc();
            log.deadLettered(deadLetter);
            context.output(DEAD_LETTERS, deadLetter);
        }
    }

    private static long micros(Instant instant) {
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
    }
}
