package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.config.ParquetConfig.PartitionTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeBucketAssignerTest {

    @Test
    void datesAndHoursAreThoseOfUtc() {
        List<String> times =
                List.of(
                        "0001-01-01T00:00:00Z",
                        "1969-12-31T23:59:59.999999Z",
                        "1970-01-01T00:00:00Z",
                        "2024-02-29T07:59:59.999999Z",
                        "2024-02-29T08:00:00Z",
                        "2024-03-01T08:00:00Z",
                        "9999-12-31T23:59:59.999999Z");

        assertThat(buckets(Partition.DATE, times))
                .containsExactly(
                        "dt=0001-01-01",
                        "dt=1969-12-31",
                        "dt=1970-01-01",
                        "dt=2024-02-29",
                        "dt=2024-02-29",
                        "dt=2024-03-01",
                        "dt=9999-12-31");
        assertThat(buckets(Partition.HOUR, times))
                .containsExactly(
                        "dt=0001-01-01/hour=00",
                        "dt=1969-12-31/hour=23",
                        "dt=1970-01-01/hour=00",
                        "dt=2024-02-29/hour=07",
                        "dt=2024-02-29/hour=08",
                        "dt=2024-03-01/hour=08",
                        "dt=9999-12-31/hour=23");
    }

    @Test
    void theTimeMayBeThatOfProcessing() {
        TimeBucketAssigner assigner =
                new TimeBucketAssigner(Partition.HOUR, PartitionTime.PROCESSING);

        assertThat(assigner.getBucketId(SampleEvents.event(0, 0), null))
                .isEqualTo("dt=2024-01-15/hour=12");
    }

    private static List<String> buckets(Partition partition, List<String> times) {
        TimeBucketAssigner assigner = new TimeBucketAssigner(partition, PartitionTime.EVENT);
        return times.stream()
                .map(Instant::parse)
                .map(time -> time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000)
                .map(micros -> assigner.getBucketId(SampleEvents.event(0, micros), null))
                .toList();
    }
}
