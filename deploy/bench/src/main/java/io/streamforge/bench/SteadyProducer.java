package io.streamforge.bench;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Produces events at a constant rate, whatever the system does with them. Event <i>i</i> is due
 * <i>i</i>/rate after the start; where producing falls behind, it makes up for it and the event's
 * time stays the one when it was due, so that a stall counts for all events that it delayed and not
 * for one (no coordinated omission).
 *
 * <p>Event <i>i</i> goes to partition <i>i</i> mod partitions, so its coordinates in the topic tell
 * which it was.
 */
final class SteadyProducer {

    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final String brokers;
    private final String topic;
    private final int partitions;
    private final int perSecond;

    SteadyProducer(String brokers, String topic, int partitions, int perSecond) {
        this.brokers = brokers;
        this.topic = topic;
        this.partitions = partitions;
        this.perSecond = perSecond;
    }

    /**
     * Produces so many events.
     *
     * @return when the first was due, microseconds since the epoch
     */
    long produce(BenchEvents source, long events) throws IOException {
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        // With 0, requests of an event or two take half a core of the broker's.
                        Map.of("bootstrap.servers", brokers, "linger.ms", 1),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.partitionsFor(topic); // connected before the clock starts
            long startNanos = System.nanoTime();
            long startMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            for (long i = 0; i < events && failure.get() == null; i++) {
                byte[] value = source.next();
                long due = startNanos + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(NAP_NANOS);
                }
                producer.send(
                        new ProducerRecord<>(topic, (int) (i % partitions), source.key(), value),
                        (metadata, error) -> {
                            if (error != null) {
                                failure.compareAndSet(null, error);
                            }
                        });
            }
            producer.flush();
            if (failure.get() != null) {
                throw new IOException("an event was not produced", failure.get());
            }
            return startMicros;
        }
    }

    /** When the event at these coordinates was due, in microseconds from the first one on. */
    long dueMicros(int partition, long offset) {
        return (offset * partitions + partition) * 1_000_000 / perSecond;
    }
}
