package io.streamforge.dlq;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.account.DeadLetterCoordinates;
import io.streamforge.config.KafkaConfig;
import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RawHeader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes corrected messages to the input topic, each with its note to the audit topic in the same
 * transaction. There is one transactional id for each audit topic, so whoever opens a sender ends
 * the one before: its open transaction is aborted and its next write fails.
 */
public final class ReplaySender implements AutoCloseable {

    /** Another replay has begun since. */
    public static final class FencedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private FencedException(KafkaException cause) {
            super(
                    "another replay has begun and ended this one; what this one has sent is noted,"
                            + " and nothing is sent twice",
                    cause);
        }
    }

    private static final int MAX_BATCH = 100;
    private static final long MAX_BATCH_BYTES = 4 << 20;

    /** Nothing waits in an open transaction, so that a kill holds no reader back for long. */
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(15);

    private static final JsonMapper JSON = new JsonMapper();

    private final String inputTopic;
    private final String auditTopic;
    private final String fixes;
    private final int inputPartitions;
    private final int maxMessageBytes;
    private final long nanosPerMessage;
    private final int batchSize;
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
    private long batchBytes;
    private long due = System.nanoTime();

    /**
     * Creates the audit topic where it is missing, and fences every other replay.
     *
     * @param rate messages a second, or 0 for as fast as it goes
     * @param fixes what was corrected, for the note
     * @throws IllegalStateException where the audit topic is not compacted
     */
    public ReplaySender(KafkaConfig kafka, double rate, String fixes)
            throws ExecutionException, InterruptedException {
        this.inputTopic = kafka.inputTopic();
        this.auditTopic = kafka.auditTopic();
        this.fixes = fixes;
        this.nanosPerMessage = rate > 0 ? (long) (TimeUnit.SECONDS.toNanos(1) / rate) : 0;
        this.batchSize = rate > 0 ? (int) Math.max(1, Math.min(MAX_BATCH, rate / 4)) : MAX_BATCH;
        try (Admin admin = Admin.create(kafka.clientProperties())) {
            new AuditTopic(auditTopic).require(admin);
            inputPartitions =
                    admin.describeTopics(List.of(inputTopic))
                            .allTopicNames()
                            .get()
                            .get(inputTopic)
                            .partitions()
                            .size();
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, inputTopic);
            maxMessageBytes =
                    Integer.parseInt(
                            admin.describeConfigs(List.of(topic))
                                    .all()
                                    .get()
                                    .get(topic)
                                    .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                                    .value());
        }
        Properties properties = kafka.clientProperties();
        properties.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, auditTopic + ".replay");
        properties.setProperty(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                Long.toString(TRANSACTION_TIMEOUT.toMillis()));
        // Below the timeout of the transaction, so that a send gives up before it.
        properties.setProperty(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "12000");
        properties.setProperty(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
        properties.setProperty(ProducerConfig.LINGER_MS_CONFIG, "0");
        properties.setProperty(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(maxMessageBytes + 1024));
        properties.setProperty(
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                Long.toString(Math.max(32L << 20, 2L * maxMessageBytes)));
        producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    /** Why the topic would not take this message; null if it would. */
    String refusal(RawEvent message) {
        int size =
                AbstractRecords.estimateSizeInBytesUpperBound(
                        RecordBatch.CURRENT_MAGIC_VALUE,
                        CompressionType.NONE,
                        message.key(),
                        message.value(),
                        headers(message).toArray(new Header[0]));
        return size <= maxMessageBytes
                ? null
                : "has "
                        + size
                        + " bytes as a record, and topic "
                        + inputTopic
                        + " takes at most "
                        + maxMessageBytes;
    }

    /** Queues it; it is sent with the batch that it belongs to. */
    void send(RawEvent message, StoredDeadLetter letter) {
        pace();
        // Where it came from if that partition is still there, else by its key. Its time is now:
        // by the original's, retention might remove it at once.
        Integer partition = message.partition() < inputPartitions ? message.partition() : null;
        batch.add(
                new ProducerRecord<>(
                        inputTopic,
                        partition,
                        null,
                        message.key(),
                        message.value(),
                        headers(message)));
        batch.add(note(letter));
        batchBytes += message.value().length;
        if (batch.size() >= 2 * batchSize || batchBytes >= MAX_BATCH_BYTES) {
            flush();
        }
    }

    /**
     * Sends what is queued, in one transaction.
     *
     * @throws FencedException where another replay has begun
     * @throws KafkaException where Kafka fails; nothing of the batch is sent then
     */
    void flush() {
        if (batch.isEmpty()) {
            return;
        }
        try {
            producer.beginTransaction();
            batch.forEach(producer::send);
            producer.commitTransaction();
        } catch (KafkaException e) {
            if (isFenced(e) || e instanceof TransactionAbortableException && fencedOnAbort()) {
                throw new FencedException(e);
            }
            producer.close(Duration.ZERO);
            throw e;
        }
        batch.clear();
        batchBytes = 0;
    }

    /** Whether nothing is queued. */
    boolean isFlushed() {
        return batch.isEmpty();
    }

    /** What was queued and not flushed is not sent. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }

    /** A transaction that a newer replay has ended may only look as if it had failed. */
    private boolean fencedOnAbort() {
        try {
            producer.abortTransaction();
            return false;
        } catch (KafkaException e) {
            return isFenced(e);
        }
    }

    private static boolean isFenced(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException
                    || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    private void pace() {
        if (nanosPerMessage == 0) {
            return;
        }
        due = Math.max(due, System.nanoTime() - TimeUnit.SECONDS.toNanos(1)) + nanosPerMessage;
        long wait;
        while ((wait = due - System.nanoTime()) > 0) {
            LockSupport.parkNanos(wait);
        }
    }

    private ProducerRecord<byte[], byte[]> note(StoredDeadLetter letter) {
        DeadLetterCoordinates source = letter.source().orElseThrow();
        ObjectNode note = JSON.createObjectNode();
        note.put("replayed_at", Instant.now().toString());
        note.put("reason", letter.header(DeadLetterHeaders.REASON).orElse(null));
        note.put("attempt", letter.header(DeadLetterHeaders.ATTEMPT).orElse(null));
        note.put("dead_letter", letter.topic() + "-" + letter.partition() + "@" + letter.offset());
        note.put("fix", fixes);
        return new ProducerRecord<>(
                auditTopic,
                AuditTopic.key(source).getBytes(UTF_8),
                note.toString().getBytes(UTF_8));
    }

    private static List<Header> headers(RawEvent message) {
        List<Header> headers = new ArrayList<>(message.headers().size());
        for (RawHeader header : message.headers()) {
            headers.add(new RecordHeader(header.key(), header.value()));
        }
        return headers;
    }
}
