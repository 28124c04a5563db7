package io.streamforge.sink;

import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.config.ParquetConfig.PartitionTime;
import io.streamforge.event.Event;
import java.time.LocalDate;
import java.util.Locale;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;

/**
 * Hive-style partitions in UTC, by the time when the event occurred or when it was processed:
 * {@code dt=2024-01-15}, or {@code dt=2024-01-15/hour=07}. Both times are columns of the event, so
 * where a row lies follows from the row.
 */
final class TimeBucketAssigner implements BucketAssigner<Event, String> {

    private static final long serialVersionUID = 2L;

    private static final long MICROS_PER_HOUR = 3_600_000_000L;
    private static final int HOURS_PER_DAY = 24;

    private final Partition partition;
    private final PartitionTime time;

    /** Most events share their partition with the one before. */
    private transient long lastUnit;

    private transient String lastBucket;

    TimeBucketAssigner(Partition partition, PartitionTime time) {
        this.partition = partition;
        this.time = time;
    }

    @Override
    public String getBucketId(Event event, Context context) {
        long micros =
                time == PartitionTime.EVENT ? event.occurredAtMicros() : event.processedAtMicros();
        long hour = Math.floorDiv(micros, MICROS_PER_HOUR);
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
