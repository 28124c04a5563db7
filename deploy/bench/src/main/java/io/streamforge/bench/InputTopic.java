package io.streamforge.bench;

import io.streamforge.bench.BenchEvents.Shape;
import io.streamforge.local.Topics;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A topic that is filled once and read by every system.
 *
 * @param events messages in it
 * @param invalid how many of them break the contract
 * @param rows the table has from them
 * @param bytes of their values
 */
record InputTopic(
        String name,
        int partitions,
        Shape shape,
        long events,
        long invalid,
        long rows,
        long bytes) {

    static final int MAX_EVENT_BYTES = 1 << 20;

    /** Creates and fills it; returns when Kafka has all of it. */
    static InputTopic fill(String brokers, String name, int partitions, Shape shape, long events)
            throws IOException, InterruptedException {
        create(brokers, name, partitions);
        BenchEvents source = new BenchEvents(shape);
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                brokers,
                                "compression.type",
                                "lz4",
                                "linger.ms",
                                20,
                                "batch.size",
                                256 << 10,
                                "max.in.flight.requests.per.connection",
                                1),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (long i = 0; i < events && failure.get() == null; i++) {
                byte[] value = source.next();
                producer.send(
                        new ProducerRecord<>(name, (int) (i % partitions), source.key(), value),
                        (metadata, error) -> {
                            if (error != null) {
                                failure.compareAndSet(null, error);
                            }
                        });
            }
            producer.flush();
        }
        if (failure.get() != null) {
            throw new IOException("the topic could not be filled", failure.get());
        }
        return of(name, partitions, source);
    }

    /** A topic without messages. */
    static void create(String brokers, String name, int partitions)
            throws IOException, InterruptedException {
        new Topics(name, name + ".dlq", name + ".parking", partitions, MAX_EVENT_BYTES)
                .create(brokers);
    }

    /** A topic that holds all that this source has made so far. */
    static InputTopic of(String name, int partitions, BenchEvents source) {
        return new InputTopic(
                name,
                partitions,
                source.shape(),
                source.made(),
                source.invalid(),
                source.ids(),
                source.bytes());
    }
}
