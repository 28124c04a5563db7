package io.streamforge.local;

import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages to a topic at a steady rate, from a thread of its own. Each is sent once, however
 * often the producer has to retry; the first one that Kafka doesn't take ends the run, and {@link
 * #failure()} and {@link #await()} tell.
 */
public final class EventGenerator implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventGenerator.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private static final int MAX_BATCH_BYTES = 256 * 1024;

    /** A sleep shorter than this costs more than it gains. */
    private static final long MIN_SLEEP_NANOS = 1_000_000;

    /** A stop is noticed within this time, however low the rate is. */
    private static final long MAX_SLEEP_NANOS = 100_000_000;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Iterator<ProducerRecord<byte[], byte[]>> records;
    private final double ratePerSecond;
    private final Thread thread = new Thread(this::run, "event-generator");
    private final AtomicLong sent = new AtomicLong();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean stopping;

    private EventGenerator(
            String bootstrapServers,
            int maxMessageBytes,
            Iterator<ProducerRecord<byte[], byte[]>> records,
            double ratePerSecond) {
        this.producer = new KafkaProducer<>(settings(bootstrapServers, maxMessageBytes));
        this.records = records;
        this.ratePerSecond = ratePerSecond;
        thread.setDaemon(true);
    }

    /**
     * Sends generated events, keyed by user.
     *
     * @param maxMessageBytes the greatest message that the topic takes
     * @param options how many and how fast
     */
    public static EventGenerator generating(
            String bootstrapServers,
            String topic,
            int maxMessageBytes,
            EventFactory factory,
            GeneratorOptions options) {
        return new EventGenerator(
                bootstrapServers,
                maxMessageBytes,
                new Iterator<>() {
                    private long made;

                    @Override
                    public boolean hasNext() {
                        return options.events() < 0 || made < options.events();
                    }

                    @Override
                    public ProducerRecord<byte[], byte[]> next() {
                        made++;
                        GeneratedEvent event = factory.next();
                        return new ProducerRecord<>(topic, event.key(), event.value());
                    }
                },
                options.ratePerSecond());
    }

    /**
     * Sends the lines of a file, without keys. The file stays the caller's to close.
     *
     * @param maxMessageBytes the greatest message that the topic takes
     * @param ratePerSecond 0 for as fast as possible
     */
    public static EventGenerator replaying(
            String bootstrapServers,
            String topic,
            int maxMessageBytes,
            FileReplay file,
            double ratePerSecond) {
        return new EventGenerator(
                bootstrapServers,
                maxMessageBytes,
                new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return file.hasNext();
                    }

                    @Override
                    public ProducerRecord<byte[], byte[]> next() {
                        return new ProducerRecord<>(topic, file.next());
                    }
                },
                ratePerSecond);
    }

    /** Starts sending; returns at once. To be called once. */
    public void start() {
        thread.start();
    }

    /** How many messages Kafka has acknowledged. */
    public long sent() {
        return sent.get();
    }

    /** Whether it is still sending or waiting for acknowledgements. */
    public boolean isRunning() {
        return thread.isAlive();
    }

    /** Why it ended before its time; empty while all is well. */
    public Optional<Exception> failure() {
        return Optional.ofNullable(failure.get());
    }

    /**
     * Waits until it has ended and everything it sent is acknowledged.
     *
     * @throws IOException if a message was not sent or not taken
     */
    public void await() throws IOException, InterruptedException {
        thread.join();
        Exception cause = failure.get();
        if (cause != null) {
            throw new IOException(
                    "Not all events could be sent to Kafka: " + cause.getMessage(), cause);
        }
    }

    /**
     * Makes no more messages and waits until those made are acknowledged, 10 s at most; those that
     * are not by then count as a {@link #failure()}. Harmless if it has ended.
     */
    public void stop() throws InterruptedException {
        stopping = true;
        LockSupport.unpark(thread);
        thread.join(STOP_TIMEOUT.toMillis());
        if (thread.isAlive()) {
            fail(new IOException("Kafka did not acknowledge the last events in time"));
            thread.interrupt();
            thread.join();
        }
    }

    /** {@link #stop()}, then releases the connection. An interrupt cuts the wait short. */
    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private void run() {
        try {
            Pacer pacer = new Pacer(ratePerSecond, System.nanoTime());
            while (!stopping && failure.get() == null && records.hasNext()) {
                long wait = pacer.nanosToNext(System.nanoTime());
                if (wait > 0) {
                    LockSupport.parkNanos(
                            Math.min(Math.max(wait, MIN_SLEEP_NANOS), MAX_SLEEP_NANOS));
                    continue;
                }
                producer.send(
                        records.next(),
                        (metadata, error) -> {
                            if (error == null) {
                                sent.incrementAndGet();
                            } else {
                                fail(error);
                            }
                        });
            }
            producer.flush();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void fail(Exception error) {
        if (failure.compareAndSet(null, error)) {
            LOG.error("Events are no longer sent: {}", error.getMessage());
        }
    }

    /**
     * A compressed batch may come out larger than {@code batch.size}, which goes by an estimate.
     * Kafka refuses one that is too large for the topic, and the producer cuts it in two; but the
     * next batch may have been accepted by then, and an idempotent producer's records that come
     * late are refused until they expire. So batches keep their distance from the limit, and only
     * one request is under way at a time.
     */
    private static Map<String, Object> settings(String bootstrapServers, int maxMessageBytes) {
        return Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.CLIENT_ID_CONFIG,
                "streamforge-generator",
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4",
                ProducerConfig.LINGER_MS_CONFIG,
                10,
                ProducerConfig.BATCH_SIZE_CONFIG,
                Math.min(MAX_BATCH_BYTES, maxMessageBytes / 2),
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                1,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                maxMessageBytes);
    }
}
