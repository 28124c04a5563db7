package io.streamforge.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.streamforge.config.KafkaConfig.OffsetReset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a first start begins, and that the consumer never moves on its own. */
class FirstOffsetsTest {

    private static final TopicPartition P0 = new TopicPartition("events", 0);
    private static final TopicPartition P1 = new TopicPartition("events", 1);

    private final FakeRetriever kafka = new FakeRetriever();

    /** Also where the log no longer holds the offset: the gap is for the reader to judge. */
    @ParameterizedTest
    @EnumSource(OffsetReset.class)
    void beginsAtCommittedOffsetsWhateverTheFallbackAndTheLog(OffsetReset fallback) {
        kafka.log(P0, 10, 20).committed.put(P0, 9L);
        kafka.log(P1, 0, 3).committed.put(P1, 4L);

        assertThat(first(fallback, P0, P1)).containsOnly(Map.entry(P0, 9L), Map.entry(P1, 4L));
    }

    @ParameterizedTest
    @CsvSource({"EARLIEST, 10", "LATEST, 20"})
    void fallsBackForPartitionsWithoutACommittedOffset(OffsetReset fallback, long offset) {
        kafka.log(P0, 10, 20).log(P1, 0, 9).committed.put(P1, 4L);

        assertThat(first(fallback, P0, P1)).containsOnly(Map.entry(P0, offset), Map.entry(P1, 4L));
    }

    @Test
    void refusesAPartitionWithoutACommittedOffsetWhereThereIsNoFallback() {
        kafka.log(P0, 10, 20);

        assertThatIllegalStateException()
                .isThrownBy(() -> first(OffsetReset.NONE, P0))
                .withMessage(
                        "events-0 has no committed offset and KAFKA_AUTO_OFFSET_RESET is none; set"
                                + " it to earliest or latest for a first start.");
    }

    @ParameterizedTest
    @EnumSource(OffsetReset.class)
    @SuppressWarnings("deprecation") // the connector's interface
    void theConsumerItselfNeverJumps(OffsetReset fallback) {
        assertThat(new FirstOffsets(fallback).getAutoOffsetResetStrategy())
                .isEqualTo(OffsetResetStrategy.NONE);
    }

    private Map<TopicPartition, Long> first(OffsetReset fallback, TopicPartition... partitions) {
        return new FirstOffsets(fallback).getPartitionOffsets(List.of(partitions), kafka);
    }

    /** A broker's answers; like the connector's, without an entry where there is no offset. */
    private static final class FakeRetriever
            implements OffsetsInitializer.PartitionOffsetsRetriever {

        private final Map<TopicPartition, Long> committed = new HashMap<>();
        private final Map<TopicPartition, Long> beginning = new HashMap<>();
        private final Map<TopicPartition, Long> end = new HashMap<>();

        FakeRetriever log(TopicPartition partition, long first, long next) {
            beginning.put(partition, first);
            end.put(partition, next);
            return this;
        }

        @Override
        public Map<TopicPartition, Long> committedOffsets(Collection<TopicPartition> partitions) {
            return only(partitions, committed);
        }

        @Override
        public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
            return only(partitions, end);
        }

        @Override
        public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
            return only(partitions, beginning);
        }

        @Override
        public Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
                Map<TopicPartition, Long> timestamps) {
            throw new AssertionError("a first start asks for no times");
        }

        private static Map<TopicPartition, Long> only(
                Collection<TopicPartition> partitions, Map<TopicPartition, Long> offsets) {
            return partitions.stream()
                    .filter(offsets::containsKey)
                    .collect(Collectors.toMap(p -> p, offsets::get));
        }
    }
}
