package io.streamforge.account;

import io.streamforge.event.RejectionReason.Stage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Computes the {@link Account} from the stores: consumed by reading the topic, dead letters from
 * their topics, valid messages from Parquet, winners from the table. Nothing is written anywhere
 * and the group is not joined.
 *
 * <p>The account is exact for a job that is idle or stopped after a completed checkpoint. While the
 * job runs, a checkpoint may have committed its offsets and not yet its files; the account then
 * shows messages as missing that a moment later are there.
 *
 * <p>Memory: about 13 MB a class for 100 million messages, and the {@code event_id}s of messages
 * that the database refused, some 100 bytes each; the job's breaker keeps these few.
 */
public final class AccountAudit {

    private final Properties kafkaClient;
    private final String groupId;
    private final String inputTopic;
    private final Set<String> deadLetterTopics = new LinkedHashSet<>();
    private final ConnectionSource database;
    private final ParquetFiles parquet;

    /**
     * @param kafkaClient {@code bootstrap.servers} and whatever else a client needs to connect
     * @param groupId the job's consumer group, whose commits bound the window
     * @param inputTopic the topic that the job consumes
     * @param dlqTopic the dead-letter topic
     * @param parkingTopic the topic of messages that failed too often
     * @param database where {@code events_normalized} is
     * @param parquet the archive
     */
    public AccountAudit(
            Properties kafkaClient,
            String groupId,
            String inputTopic,
            String dlqTopic,
            String parkingTopic,
            ConnectionSource database,
            ParquetFiles parquet) {
        this.kafkaClient = kafkaClient;
        this.groupId = groupId;
        this.inputTopic = inputTopic;
        this.deadLetterTopics.addAll(List.of(dlqTopic, parkingTopic));
        this.database = database;
        this.parquet = parquet;
    }

    /**
     * Reads everything once, and of the Parquet files the messages that are in no other store once
     * more.
     *
     * @throws IOException if a Parquet file can't be read
     * @throws SQLException if the database can't
     * @throws IllegalStateException if a topic doesn't exist or Kafka gives nothing more
     * @throws org.apache.kafka.common.KafkaException if Kafka refuses
     */
    public Account compute() throws IOException, SQLException {
        return new Run().compute();
    }

    /** One computation: what it has gathered so far. */
    private final class Run {

        private final Findings findings = new Findings();
        private final OffsetSet consumed = new OffsetSet();
        private final OffsetSet rejected = new OffsetSet();
        private final OffsetSet refused = new OffsetSet();
        private final OffsetSet archived = new OffsetSet();
        private final OffsetSet archivedRepeats = new OffsetSet();
        private final OffsetSet table = new OffsetSet();
        private final OffsetSet tableRepeats = new OffsetSet();
        private final Set<UUID> refusedEvents = new HashSet<>();
        private long parquetRows;
        private int parquetFiles;

        Account compute() throws IOException, SQLException {
            // The commits come first: whatever they cover has reached the stores read after them.
            Window window = readTopics();
            List<Path> files = parquet.list();
            readArchive(files, window);
            try (TableSnapshot snapshot = new TableSnapshot(database)) {
                readTable(snapshot, window);
                Evidence evidence =
                        new Evidence(
                                consumed,
                                archived,
                                archivedRepeats,
                                rejected,
                                refused,
                                table,
                                tableRepeats);
                evidence.check(findings);
                SupersededCheck check = checkSuperseded(files, evidence, snapshot);
                findings.add(
                        "valid, but not in the table, not dead-lettered and not superseded",
                        check.lost());
                return new Account(
                        consumed.size(),
                        evidence.stored().size(),
                        check.superseded().size(),
                        evidence.deadLettered().size(),
                        evidence.overlap().size(),
                        parquetRows,
                        parquetFiles,
                        findings.list());
            }
        }

        private Window readTopics() {
            try (TopicReader reader = new TopicReader(kafkaClient, groupId)) {
                Window window = reader.committedWindow(inputTopic, findings);
                reader.read(
                        inputTopic,
                        window,
                        message -> consumed.add(message.partition(), message.offset()));
                for (String topic : deadLetterTopics) {
                    OffsetSet foreign = new OffsetSet();
                    reader.readAll(topic, message -> addDeadLetter(message, window, foreign));
                    findings.add("in " + topic + " without its source's coordinates", foreign);
                }
                return window;
            }
        }

        private void addDeadLetter(
                ConsumerRecord<ByteBuffer, ByteBuffer> message, Window window, OffsetSet foreign) {
            try {
                DeadLetterCoordinates source = DeadLetterCoordinates.of(message.headers());
                if (source.topic().equals(inputTopic)
                        && window.contains(source.partition(), source.offset())) {
                    (source.stage() == Stage.STORE ? refused : rejected)
                            .add(source.partition(), source.offset());
                }
            } catch (IllegalArgumentException e) {
                foreign.add(message.partition(), message.offset());
            }
        }

        private void readArchive(List<Path> files, Window window) throws IOException {
            for (Path file : files) {
                long before = parquetRows;
                new ParquetRows(file)
                        .coordinates(
                                (partition, offset) -> {
                                    if (window.contains(partition, offset)) {
                                        parquetRows++;
                                        if (!archived.add(partition, offset)) {
                                            archivedRepeats.add(partition, offset);
                                        }
                                    }
                                });
                if (parquetRows > before) {
                    parquetFiles++;
                }
            }
        }

        private void readTable(TableSnapshot snapshot, Window window) throws SQLException {
            snapshot.coordinates(
                    (partition, offset) -> {
                        if (window.contains(partition, offset) && !table.add(partition, offset)) {
                            tableRepeats.add(partition, offset);
                        }
                    });
        }

        private SupersededCheck checkSuperseded(
                List<Path> files, Evidence evidence, TableSnapshot snapshot)
                throws IOException, SQLException {
            OffsetSet candidates = evidence.supersededCandidates();
            SupersededCheck check = new SupersededCheck(snapshot, refusedEvents);
            if (!candidates.isEmpty()) {
                readRefusedEvents(files);
                for (Path file : files) {
                    new ParquetRows(file).versions(candidates, check::add);
                }
                check.flush();
            }
            return check;
        }

        private void readRefusedEvents(List<Path> files) throws IOException {
            if (!refused.isEmpty()) {
                for (Path file : files) {
                    new ParquetRows(file)
                            .versions(refused, version -> refusedEvents.add(version.eventId()));
                }
            }
        }
    }
}
