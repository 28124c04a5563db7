package io.streamforge.sink;

import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.event.Event;
import java.time.LocalDate;
import java.util.Locale;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;

/**
 * Hive-style partitions by the event's time in UTC: {@code dt=2024-01-15}, or {@code
 * dt=2024-01-15/hour=07}.
 */
final class EventTimeBucketAssigner implements BucketAssigner<Event, String> {

    private static final long serialVersionUID = 2L;

    private static final long MICROS_PER_HOUR = 3_600_000_000L;
    private static final int HOURS_PER_DAY = 24;

    private final Partition partition;

    /** Most events share their partition with the one before. */
    private transient long lastUnit;

    private transient String lastBucket;

    EventTimeBucketAssigner(Partition partition) {
        this.partition = partition;
    }

    @Override
    public String getBucketId(Event event, Context context) {
        long hour = Math.floorDiv(event.occurredAtMicros(), MICROS_PER_HOUR);
        long unit = partition == Partition.HOUR ? hour : Math.floorDiv(hour, HOURS_PER_DAY);
        if (lastBucket == null || unit != lastUnit) {
            lastUnit = unit;
            lastBucket = bucket(hour);
        }
        return lastBucket;
    }

    private String bucket(long hour) {
        String date = "dt=" + LocalDate.ofEpochDay(Math.floorDiv(hour, HOURS_PER_DAY));
        return partition == Partition.HOUR
                ? String.format(
                        Locale.ROOT, "%s/hour=%02d", date, Math.floorMod(hour, HOURS_PER_DAY))
                : date;
    }

    @Override
    public SimpleVersionedSerializer<String> getSerializer() {
        return SimpleVersionedStringSerializer.INSTANCE;
    }
}
