package io.streamforge.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.streamforge.config.ParquetConfig;
import io.streamforge.config.ParquetConfig.Compression;
import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.config.ParquetConfig.PartitionTime;
import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.Uuid;
import java.util.List;

/** Valid events, each told from the others by its offset. */
final class SampleEvents {

    /** 2024-01-15T12:00:00Z. */
    static final long NOON = 1_705_320_000_000_000L;

    private SampleEvents() {}

    static Event event(long offset) {
        return event(offset, NOON + offset);
    }

    static Event event(long offset, long occurredAtMicros) {
        return new Event(
                eventId(offset),
                EventType.CLICK,
                occurredAtMicros,
                Uuid.parse("11111111-0000-4000-8000-%012d".formatted(offset % 100)),
                null,
                "/" + offset,
                null,
                NOON,
                new RawEvent(
                        null,
                        ("message " + offset).getBytes(UTF_8),
                        List.of(),
                        "events",
                        0,
                        offset,
                        NOON / 1000));
    }

    /** As by default, but for these. */
    static ParquetConfig config(
            String root,
            Partition partition,
            long maxRows,
            long maxBytes,
            Compression compression) {
        return new ParquetConfig(
                root,
                partition,
                PartitionTime.EVENT,
                maxRows,
                maxBytes,
                compression,
                3,
                16 << 20,
                false);
    }

    static Uuid eventId(long offset) {
        return Uuid.parse("00000000-0000-4000-8000-%012d".formatted(offset));
    }
}
