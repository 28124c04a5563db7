package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EventGeneratorITCase {

    private static final int MAX_EVENT_BYTES = 1 << 20;
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));

    @TempDir Path dir;

    /** The topic has exactly what the factory made, the tombstone and the largest included. */
    @Test
    void sendsEachMessageOnceAndAsItIs() throws Exception {
        Topics topics = topics("generator-each");
        GeneratorOptions options = new GeneratorOptions(3_000, 0, 20, 20, 1);
        try (EventGenerator generator = generating(topics, options)) {
            generator.start();
            generator.await();
            assertThat(generator.sent()).isEqualTo(3_000);
            assertThat(generator.isRunning()).isFalse();
            assertThat(generator.failure()).isEmpty();
        }

        EventFactory factory = new EventFactory(options, topics.maxEventBytes(), CLOCK);
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            GeneratedEvent event = factory.next();
            made.add(text(event.key()) + " " + text(event.value()));
        }
        assertThat(read(topics, 3_000)).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    void keepsTheRateAndStopsWhenAsked() throws Exception {
        Topics topics = topics("generator-rate");
        try (EventGenerator generator =
                generating(topics, new GeneratorOptions(-1, 2_000, 0, 0, 1))) {
            long begin = System.nanoTime();
            generator.start();
            long deadline = begin + TimeUnit.SECONDS.toNanos(60);
            while (generator.sent() < 4_000 && System.nanoTime() < deadline) {
                Thread.sleep(1);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            generator.stop();

            // Never faster; slower only where this machine is busy.
            assertThat(seconds).isBetween(1.95, 30.0);
            long sent = generator.sent();
            assertThat(generator.isRunning()).isFalse();
            generator.await();
            assertThat(read(topics, (int) sent)).hasSize((int) sent);
        }
    }

    @Test
    void fillsATopicThatTakesOnlySmallBatches() throws Exception {
        for (int i = 0; i < 20; i++) {
            Topics topics =
                    new Topics(
                            "generator-small-" + i,
                            "generator-small-dlq",
                            "generator-small-parking",
                            4,
                            2_048);
            topics.create(LocalStack.bootstrapServers());
            try (EventGenerator generator =
                    generating(topics, new GeneratorOptions(10_000, 0, 3, 5, 1))) {
                generator.start();
                generator.await();
                assertThat(generator.sent()).isEqualTo(10_000);
            }
        }
    }

    @Test
    void tellsWhatKafkaDidNotTake() throws Exception {
        Topics topics = topics("generator-failure");
        Path input = Files.writeString(dir.resolve("input"), "small\n" + "x".repeat(2_000) + "\n");
        try (FileReplay file = new FileReplay(input, 10_000);
                EventGenerator generator =
                        EventGenerator.replaying(
                                LocalStack.bootstrapServers(), topics.input(), 1_000, file, 0)) {
            generator.start();

            assertThatThrownBy(generator::await)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Not all events could be sent to Kafka")
                    .hasCauseInstanceOf(RecordTooLargeException.class);
            assertThat(generator.failure()).containsInstanceOf(RecordTooLargeException.class);
            assertThat(generator.sent()).isEqualTo(1);
        }
    }

    @Test
    void replaysAFileLineByLine() throws Exception {
        Topics topics = topics("generator-file");
        Path input = Files.writeString(dir.resolve("input"), "{\"a\":1}\n\nnot JSON\r\n");
        try (FileReplay file = new FileReplay(input, topics.maxMessageBytes());
                EventGenerator generator =
                        EventGenerator.replaying(
                                LocalStack.bootstrapServers(),
                                topics.input(),
                                topics.maxMessageBytes(),
                                file,
                                0)) {
            generator.start();
            generator.await();
            assertThat(generator.sent()).isEqualTo(2);
        }
        assertThat(read(topics, 2))
                .containsExactlyInAnyOrder(
                        "null " + text("{\"a\":1}".getBytes(UTF_8)),
                        "null " + text("not JSON".getBytes(UTF_8)));
    }

    private static EventGenerator generating(Topics topics, GeneratorOptions options) {
        return EventGenerator.generating(
                LocalStack.bootstrapServers(),
                topics.input(),
                topics.maxMessageBytes(),
                new EventFactory(options, topics.maxEventBytes(), CLOCK),
                options);
    }

    private static Topics topics(String name) throws IOException, InterruptedException {
        Topics topics = new Topics(name, name + "-dlq", name + "-parking", 1, MAX_EVENT_BYTES);
        topics.create(LocalStack.bootstrapServers());
        return topics;
    }

    /** Reads until there are so many, and what comes with the last of them. */
    private static List<String> read(Topics topics, int count) {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers", LocalStack.bootstrapServers(),
                        "key.deserializer", ByteArrayDeserializer.class,
                        "value.deserializer", ByteArrayDeserializer.class);
        List<String> messages = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            TopicPartition partition = new TopicPartition(topics.input(), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            assertThat(end).isEqualTo(count);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (consumer.position(partition) < end && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> message :
                        consumer.poll(Duration.ofMillis(100))) {
                    messages.add(text(message.key()) + " " + text(message.value()));
                }
            }
        }
        return messages;
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
    }
}
