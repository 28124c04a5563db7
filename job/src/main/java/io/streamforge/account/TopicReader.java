package io.streamforge.account;

import io.streamforge.account.Window.Range;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * Reads stretches of topics with {@code read_committed} and without joining or moving the group
 * whose commits it looks up.
 */
public final class TopicReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofSeconds(1);

    /** Longer than a broker's restart, shorter than a person's patience. */
    private static final Duration STALLED = Duration.ofSeconds(60);

    /** Kafka answers, but gives nothing more. */
    public static final class StalledException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        private StalledException(String message) {
            super(message);
        }
    }

    private final KafkaConsumer<ByteBuffer, ByteBuffer> consumer;

    /**
     * @param kafkaClient {@code bootstrap.servers} and whatever else a client needs to connect
     * @param groupId the group whose commits are asked for
     */
    public TopicReader(Properties kafkaClient, String groupId) {
        Properties properties = new Properties();
        properties.putAll(kafkaClient);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.put(
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                ByteBufferDeserializer.class.getName());
        properties.put(
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteBufferDeserializer.class.getName());
        this.consumer = new KafkaConsumer<>(properties);
    }

    /**
     * From the beginning of each partition to the group's commit; empty where there is no commit.
     *
     * @throws UnknownTopicException if there is no such topic
     */
    Window committedWindow(String topic, Findings findings) {
        List<TopicPartition> partitions = partitions(topic);
        Map<TopicPartition, OffsetAndMetadata> commits =
                consumer.committed(new HashSet<>(partitions));
        Map<TopicPartition, Range> wholes = wholes(partitions);
        Map<Integer, Range> window = new HashMap<>();
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata commit = commits.get(partition);
            if (commit != null) {
                Range whole = wholes.get(partition);
                window.put(
                        partition.partition(),
                        new Range(whole.start(), Math.min(commit.offset(), whole.end())));
                if (commit.offset() > whole.end()) {
                    findings.add(
                            Store.INPUT_TOPIC,
                            "partition "
                                    + partition.partition()
                                    + ": the committed offset "
                                    + commit.offset()
                                    + " is past the last readable one, "
                                    + whole.end()
                                    + ": the topic was created anew, or a transaction is open");
                }
            }
        }
        return new Window(window);
    }

    /**
     * The stretch of a topic that is readable now, cut to what lies between two places.
     *
     * @throws UnknownTopicException if there is no such topic
     */
    public Window window(String topic, Position from, Position to) {
        List<TopicPartition> partitions = partitions(topic);
        Map<TopicPartition, Range> wholes = wholes(partitions);
        Map<TopicPartition, Long> starts = offsets(from, wholes);
        Map<TopicPartition, Long> ends = offsets(to, wholes);
        Map<Integer, Range> window = new HashMap<>();
        wholes.forEach(
                (partition, whole) -> {
                    long start = Math.max(whole.start(), starts.get(partition));
                    long end = Math.min(whole.end(), ends.get(partition));
                    window.put(partition.partition(), new Range(start, Math.max(start, end)));
                });
        return new Window(window);
    }

    /** The message at this very place, if it is still there. */
    public Optional<ConsumerRecord<ByteBuffer, ByteBuffer>> find(
            String topic, int partition, long offset) {
        TopicPartition wanted = new TopicPartition(topic, partition);
        List<TopicPartition> partitions = partitions(topic);
        if (!partitions.contains(wanted)) {
            return Optional.empty();
        }
        Range whole = wholes(List.of(wanted)).get(wanted);
        List<ConsumerRecord<ByteBuffer, ByteBuffer>> found = new ArrayList<>(1);
        if (whole.contains(offset)) {
            read(Map.of(wanted, new Range(offset, offset + 1)), accepting(found::add));
        }
        return found.stream().findFirst();
    }

    /**
     * Gives every message of the window, in order within a partition.
     *
     * @throws StalledException if Kafka gives nothing more for a minute
     */
    public void read(
            String topic, Window window, Consumer<ConsumerRecord<ByteBuffer, ByteBuffer>> visitor) {
        readWhile(topic, window, accepting(visitor));
    }

    /** The same until the visitor has had enough and returns false. */
    public void readWhile(
            String topic,
            Window window,
            Predicate<ConsumerRecord<ByteBuffer, ByteBuffer>> visitor) {
        Map<TopicPartition, Range> ranges = new HashMap<>();
        window.partitions()
                .forEach(
                        (partition, range) ->
                                ranges.put(new TopicPartition(topic, partition), range));
        read(ranges, visitor);
    }

    /**
     * Gives every message that is in the topic now.
     *
     * @throws UnknownTopicException if there is no such topic
     * @throws StalledException if Kafka gives nothing more for a minute
     */
    public void readAll(String topic, Consumer<ConsumerRecord<ByteBuffer, ByteBuffer>> visitor) {
        read(wholes(partitions(topic)), accepting(visitor));
    }

    private static Predicate<ConsumerRecord<ByteBuffer, ByteBuffer>> accepting(
            Consumer<ConsumerRecord<ByteBuffer, ByteBuffer>> visitor) {
        return message -> {
            visitor.accept(message);
            return true;
        };
    }

    @Override
    public void close() {
        consumer.close();
    }

    private List<TopicPartition> partitions(String topic) {
        List<TopicPartition> partitions =
                consumer.partitionsFor(topic).stream()
                        .map(info -> new TopicPartition(topic, info.partition()))
                        .toList();
        if (partitions.isEmpty()) {
            throw new UnknownTopicException(topic);
        }
        return partitions;
    }

    /** What is readable now; with read_committed that ends before the first open transaction. */
    private Map<TopicPartition, Range> wholes(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Range> wholes = new HashMap<>();
        consumer.beginningOffsets(partitions)
                .forEach(
                        (partition, start) ->
                                wholes.put(partition, new Range(start, ends.get(partition))));
        return wholes;
    }

    /** The first offset at or behind the place; the end where nothing is behind it. */
    private Map<TopicPartition, Long> offsets(
            Position position, Map<TopicPartition, Range> wholes) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        if (position.timestamp() == null) {
            wholes.forEach((partition, whole) -> offsets.put(partition, position.offsetIn(whole)));
            return offsets;
        }
        Map<TopicPartition, Long> times = new HashMap<>();
        wholes.keySet().forEach(partition -> times.put(partition, position.timestamp()));
        consumer.offsetsForTimes(times)
                .forEach(
                        (partition, found) ->
                                offsets.put(
                                        partition,
                                        found == null
                                                ? wholes.get(partition).end()
                                                : found.offset()));
        return offsets;
    }

    private void read(
            Map<TopicPartition, Range> ranges,
            Predicate<ConsumerRecord<ByteBuffer, ByteBuffer>> visitor) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        ranges.forEach(
                (partition, range) -> {
                    if (!range.isEmpty()) {
                        positions.put(partition, range.start());
                    }
                });
        consumer.assign(positions.keySet());
        positions.forEach(consumer::seek);
        long progressAt = System.nanoTime();
        while (!positions.isEmpty()) {
            for (ConsumerRecord<ByteBuffer, ByteBuffer> message : consumer.poll(POLL)) {
                TopicPartition partition = new TopicPartition(message.topic(), message.partition());
                if (ranges.get(partition).contains(message.offset()) && !visitor.test(message)) {
                    consumer.unsubscribe();
                    return;
                }
            }
            // Positions, not messages, tell the end: it may be a marker, an aborted message or a
            // gap that compaction left.
            if (advance(positions, ranges)) {
                progressAt = System.nanoTime();
            } else if (System.nanoTime() - progressAt > STALLED.toNanos()) {
                throw new StalledException(
                        "Kafka gave nothing for "
                                + STALLED.toSeconds()
                                + " s while reading "
                                + positions);
            }
        }
        consumer.unsubscribe();
    }

    /** Takes over the consumer's positions and drops partitions read to their end. */
    private boolean advance(
            Map<TopicPartition, Long> positions, Map<TopicPartition, Range> ranges) {
        boolean advanced = false;
        for (TopicPartition partition : Set.copyOf(positions.keySet())) {
            long position = consumer.position(partition);
            advanced |= position != positions.put(partition, position);
            if (position >= ranges.get(partition).end()) {
                positions.remove(partition);
                consumer.pause(List.of(partition));
            }
        }
        return advanced;
    }
}
