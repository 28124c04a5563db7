package io.streamforge.source;

import io.streamforge.config.KafkaConfig;
import io.streamforge.config.ReadUntil;
import io.streamforge.event.RawEvent;
import java.time.Duration;
import java.util.Properties;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * The input topic. The position is part of every checkpoint; the group's offsets are committed when
 * a checkpoint completes, for a first start and for people to look at, and never by the client on
 * its own.
 */
public final class KafkaEventSource {

    /** How often new partitions are looked for; Flink's own default is five minutes. */
    private static final Duration PARTITION_DISCOVERY = Duration.ofSeconds(30);

    private KafkaEventSource() {}

    /**
     * @param acceptOffsetGap whether to go on where messages are gone from the topic before they
     *     were read; else that fails the job for good, with the lost range in the text
     * @param until where the source ends, or null for one without end
     */
    public static Source<RawEvent, KafkaPartitionSplit, KafkaSourceEnumState> create(
            KafkaConfig kafka, boolean acceptOffsetGap, ReadUntil until) {
        Properties properties = kafka.clientProperties();
        properties.setProperty(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, kafka.isolationLevel().wireName());
        properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        // Of a run with an end the reader commits them.
        properties.setProperty(
                KafkaSourceOptions.COMMIT_OFFSETS_ON_CHECKPOINT.key(),
                Boolean.toString(until == null));
        properties.setProperty(
                KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
                Long.toString(PARTITION_DISCOVERY.toMillis()));
        KafkaSourceBuilder<RawEvent> source =
                KafkaSource.<RawEvent>builder()
                        .setBootstrapServers(kafka.brokers())
                        .setTopics(kafka.inputTopic())
                        .setGroupId(kafka.groupId())
                        .setClientIdPrefix(kafka.groupId())
                        .setProperties(properties)
                        .setStartingOffsets(new FirstOffsets(kafka.autoOffsetReset()))
                        .setDeserializer(new RawEventDeserializationSchema());
        LastOffsets last = until == null ? null : new LastOffsets(until);
        if (last != null) {
            source.setBounded(last);
        }
        return new GapRefusingSource(
                source.build(), kafka.clientProperties(), acceptOffsetGap, kafka.groupId(), last);
    }
}
