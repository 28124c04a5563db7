package io.streamforge.sink;

import io.streamforge.event.Event;
import java.time.LocalDate;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;

/** Hive-style partitions by the event's UTC date: {@code dt=2024-01-15}. */
final class EventDateBucketAssigner implements BucketAssigner<Event, String> {

    private static final long serialVersionUID = 1L;

    private static final long MICROS_PER_DAY = 86_400_000_000L;

    /** Most events share their date with the one before. */
    private transient long lastDay;

    private transient String lastBucket;

    @Override
    public String getBucketId(Event event, Context context) {
        long day = Math.floorDiv(event.occurredAtMicros(), MICROS_PER_DAY);
        if (lastBucket == null || day != lastDay) {
            lastDay = day;
            lastBucket = "dt=" + LocalDate.ofEpochDay(day);
        }
        return lastBucket;
    }

    @Override
    public SimpleVersionedSerializer<String> getSerializer() {
        return SimpleVersionedStringSerializer.INSTANCE;
    }
}
