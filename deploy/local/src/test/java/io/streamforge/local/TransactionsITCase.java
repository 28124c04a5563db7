package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Offsets that are no messages: transaction markers, aborted messages, compaction's gaps. */
class TransactionsITCase {

    @TempDir Path data;

    private final EventFactory events =
            new EventFactory(
                    new GeneratorOptions(-1, 0, 5, 10, 11),
                    Pipeline.MAX_EVENT_BYTES,
                    InstantSource.system());

    @Test
    void markersAndAbortedMessagesAreNoMessages() throws Exception {
        try (Pipeline pipeline = Pipeline.create("transactions", data);
                KafkaProducer<byte[], byte[]> producer =
                        pipeline.producer(Map.of("transactional.id", "transactions"))) {
            producer.initTransactions();
            pipeline.start(2);
            for (int i = 0; i < 20; i++) {
                producer.beginTransaction();
                send(producer, pipeline, 50);
                if (i % 3 == 1) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
            // The last of one partition is a marker, and of another an aborted message and one.
            pipeline.awaitDrained();

            // An open transaction holds back, and is nothing to wait for.
            long rows = pipeline.rows();
            producer.beginTransaction();
            send(producer, pipeline, 40);
            producer.flush();
            pipeline.awaitDrained();
            assertThat(pipeline.rows()).isEqualTo(rows);
            producer.commitTransaction();
            // Visible only when its marker is in each partition, a moment later.
            pipeline.awaitRows(rows + 1);
            pipeline.awaitDrained();

            producer.beginTransaction();
            send(producer, pipeline, 40);
            producer.flush();
            producer.abortTransaction();

            assertThat(pipeline.finish().consumed()).isEqualTo(13 * 50 + 40);
        }
    }

    @Test
    void gapsThatCompactionLeavesAreNoMessages() throws Exception {
        String input = "compacted.input";
        try (Admin admin = Admin.create(kafka())) {
            Map<String, String> compactedSoon =
                    Map.of(
                            "cleanup.policy", "compact",
                            "segment.ms", "1000",
                            "min.cleanable.dirty.ratio", "0");
            admin.createTopics(List.of(new NewTopic(input, 1, (short) 1).configs(compactedSoon)))
                    .all()
                    .get();
        }
        try (Pipeline pipeline = Pipeline.reading(input, "compacted", data)) {
            // Nine of ten are superseded by their key; a message a minute younger than its
            // segment's first closes the segment, and only then is it compacted.
            long time = System.currentTimeMillis() - 600_000;
            for (int i = 0; i < 400; i++) {
                byte[] key = ("key-" + i % 40).getBytes(UTF_8);
                pipeline.send(new ProducerRecord<>(input, 0, time, key, events.next().value()));
            }
            byte[] last = "last".getBytes(UTF_8);
            pipeline.send(
                    new ProducerRecord<>(input, 0, time + 60_000, last, events.next().value()));
            pipeline.flush();
            Eventually.holds(
                    "the cleaner",
                    Pipeline.PATIENCE,
                    () -> OracleTopic.read(pipeline.kafka(), input).size() < 400);
            pipeline.start(1);
            pipeline.awaitDrained();
            List<Long> consumed = new ArrayList<>();
            OracleTopic.read(pipeline.kafka(), input)
                    .forEach(message -> consumed.add(message.offset()));
            assertThat(consumed).hasSizeBetween(41, 399).last().isEqualTo(400L);
            // It resumes at a gap's end as well as anywhere.
            pipeline.crash();
            pipeline.start(1);

            Account account = pipeline.finish();

            assertThat(account.consumed()).isEqualTo(consumed.size());
        }
    }

    private void send(KafkaProducer<byte[], byte[]> producer, Pipeline pipeline, int count) {
        for (int i = 0; i < count; i++) {
            GeneratedEvent event = events.next();
            producer.send(new ProducerRecord<>(pipeline.input(), event.key(), event.value()));
        }
    }

    private static Map<String, Object> kafka() {
        return Map.of("bootstrap.servers", LocalStack.bootstrapServers());
    }
}
