package io.streamforge.account;

import io.streamforge.config.KafkaConfig;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.event.RejectionReason.Stage;
import io.streamforge.sink.PostgresConnections;
import io.streamforge.validate.EventParser;
import io.streamforge.validate.ParseResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
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
    private Progress progress = (what, done, total) -> {};
    private int maxEventBytes;

    /**
     * The audit of the job with these settings.
     *
     * @throws IllegalArgumentException where the archive is not on a local path
     */
    public static AccountAudit of(StreamForgeConfig config) {
        KafkaConfig kafka = config.kafka();
        AccountAudit audit =
                new AccountAudit(
                        kafka.clientProperties(),
                        kafka.groupId(),
                        kafka.inputTopic(),
                        kafka.dlqTopic(),
                        kafka.parkingTopic(),
                        () -> PostgresConnections.open(config.postgres()),
                        ParquetFiles.below(config.parquet().root()));
        audit.maxEventBytes = config.maxEventBytes();
        return audit;
    }

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

    /** Reports how far it is. */
    public AccountAudit reporting(Progress to) {
        progress = to;
        return this;
    }

    /**
     * The account of all that is consumed.
     *
     * @throws IOException if a Parquet file can't be read
     * @throws SQLException if the database can't
     * @throws IllegalStateException if a topic doesn't exist or Kafka gives nothing more
     * @throws org.apache.kafka.common.KafkaException if Kafka refuses
     */
    public Account compute() throws IOException, SQLException {
        return compute(Position.BEGINNING, Position.END);
    }

    /**
     * The account of what is consumed and lies between two places of the input topic. Reads
     * everything once; of the Parquet files the messages that are in no other store once more, and
     * of the input topic the stretch with those that are in none at all.
     *
     * @throws IOException if a Parquet file can't be read
     * @throws SQLException if the database can't
     * @throws IllegalStateException if a topic doesn't exist or Kafka gives nothing more
     * @throws org.apache.kafka.common.KafkaException if Kafka refuses
     */
    public Account compute(Position from, Position to) throws IOException, SQLException {
        return new Run().compute(from, to);
    }

    /**
     * The counts between two places, by partition: in the memory of the dead letters' coordinates,
     * and without proving which messages they are.
     *
     * @throws IOException as {@link #compute()}
     * @throws SQLException as {@link #compute()}
     */
    public List<PartitionCounts> count(Position from, Position to)
            throws IOException, SQLException {
        CountsByPartition counts = new CountsByPartition();
        try (TopicReader reader = new TopicReader(kafkaClient, groupId)) {
            Findings ignored = new Findings();
            Window window =
                    reader.committedWindow(inputTopic, ignored)
                            .and(reader.window(inputTopic, from, to));
            Meter consumed = new Meter(progress, "messages of " + inputTopic, window.size());
            reader.read(
                    inputTopic,
                    window,
                    message -> {
                        counts.consumed(message.partition());
                        consumed.add();
                    });
            for (String topic : deadLetterTopics) {
                reader.readAll(topic, message -> counts.deadLetter(message, inputTopic, window));
            }
            readArchive(parquet.list(), window, (p, o) -> counts.archived(p));
            try (TableSnapshot snapshot = new TableSnapshot(database)) {
                Meter rows = new Meter(progress, "rows of events_normalized", -1);
                snapshot.coordinates(
                        (partition, offset) -> {
                            rows.add();
                            if (window.contains(partition, offset)) {
                                counts.row(partition);
                            }
                        });
            }
            return counts.list(window);
        }
    }

    /**
     * @return how many files have rows of the window
     */
    private int readArchive(List<Path> files, Window window, CoordinatesVisitor visitor)
            throws IOException {
        Meter read = new Meter(progress, "Parquet files", files.size());
        int filesWithRows = 0;
        for (Path file : files) {
            boolean[] any = {false};
            new ParquetRows(file)
                    .coordinates(
                            (partition, offset) -> {
                                if (window.contains(partition, offset)) {
                                    any[0] = true;
                                    visitor.visit(partition, offset);
                                }
                            });
            filesWithRows += any[0] ? 1 : 0;
            read.add();
        }
        return filesWithRows;
    }

    /** One computation: what it has gathered so far. */
    private final class Run {

        private final Findings findings = new Findings();
        private final OffsetSet consumed = new OffsetSet();
        private final OffsetSet rejected = new OffsetSet();
        private final OffsetSet refused = new OffsetSet();
        private final OffsetSet refusedAnywhere = new OffsetSet();
        private final OffsetSet archived = new OffsetSet();
        private final OffsetSet archivedRepeats = new OffsetSet();
        private final OffsetSet table = new OffsetSet();
        private final OffsetSet tableRepeats = new OffsetSet();
        private final Set<UUID> refusedEvents = new HashSet<>();
        private long parquetRows;
        private int parquetFiles;

        Account compute(Position from, Position to) throws IOException, SQLException {
            try (TopicReader reader = new TopicReader(kafkaClient, groupId)) {
                // The commits come first: whatever they cover has reached the stores read after
                // them.
                Window window = readTopics(reader, from, to);
                List<Path> files = parquet.list();
                parquetFiles = readArchive(files, window, this::addArchived);
                try (TableSnapshot snapshot = new TableSnapshot(database)) {
                    readTable(snapshot, window);
                    return judge(reader, files, snapshot, window);
                }
            }
        }

        private Account judge(
                TopicReader reader, List<Path> files, TableSnapshot snapshot, Window window)
                throws IOException, SQLException {
            Evidence evidence =
                    new Evidence(
                            consumed,
                            archived,
                            archivedRepeats,
                            rejected,
                            refused,
                            table,
                            tableRepeats);
            nameTheMissing(reader, evidence.neither());
            evidence.check(findings);
            SupersededCheck check = checkSuperseded(files, evidence, snapshot);
            findings.add(
                    Store.POSTGRES,
                    "valid, but not in the table, not dead-lettered and not superseded",
                    check.lost());
            OffsetSet stored = evidence.stored();
            OffsetSet superseded = check.superseded();
            OffsetSet deadLettered = evidence.deadLettered();
            List<PartitionAccount> partitions = new ArrayList<>();
            for (int partition : window.numbers()) {
                partitions.add(
                        new PartitionAccount(
                                partition,
                                consumed.size(partition),
                                stored.size(partition),
                                superseded.size(partition),
                                deadLettered.size(partition)));
            }
            return new Account(
                    consumed.size(),
                    stored.size(),
                    superseded.size(),
                    deadLettered.size(),
                    evidence.overlap().size(),
                    parquetRows,
                    parquetFiles,
                    findings.list(),
                    partitions);
        }

        /** Which store lacks them follows from whether they are valid. */
        private void nameTheMissing(TopicReader reader, OffsetSet neither) {
            if (neither.isEmpty()) {
                return;
            }
            if (maxEventBytes == 0) {
                findings.add(
                        Store.PARQUET,
                        "consumed, but neither in Parquet nor dead-lettered by decode or validate",
                        neither);
                return;
            }
            EventParser parser = new EventParser(maxEventBytes);
            OffsetSet valid = new OffsetSet();
            OffsetSet invalid = new OffsetSet();
            Window window = neither.window();
            Meter read = new Meter(progress, "messages once more", window.size());
            reader.read(
                    inputTopic,
                    window,
                    message -> {
                        read.add();
                        if (neither.contains(message.partition(), message.offset())) {
                            ParseResult result = parser.parse(Messages.raw(message), 0);
                            (result instanceof ParseResult.Accepted ? valid : invalid)
                                    .add(message.partition(), message.offset());
                        }
                    });
            findings.add(Store.PARQUET, "valid, but not in Parquet", valid);
            findings.add(
                    Store.DEAD_LETTERS,
                    "breaks the input contract, but is in no dead-letter topic",
                    invalid);
            findings.add(
                    Store.INPUT_TOPIC,
                    "in no store, and by now not in the input topic either",
                    neither.andNot(valid).andNot(invalid));
        }

        private Window readTopics(TopicReader reader, Position from, Position to) {
            Window window =
                    reader.committedWindow(inputTopic, findings)
                            .and(reader.window(inputTopic, from, to));
            Meter read = new Meter(progress, "messages of " + inputTopic, window.size());
            reader.read(
                    inputTopic,
                    window,
                    message -> {
                        consumed.add(message.partition(), message.offset());
                        read.add();
                    });
            for (String topic : deadLetterTopics) {
                OffsetSet foreign = new OffsetSet();
                Meter letters = new Meter(progress, "dead letters of " + topic, -1);
                reader.readAll(
                        topic,
                        message -> {
                            addDeadLetter(message, window, foreign);
                            letters.add();
                        });
                findings.add(
                        Store.DEAD_LETTERS,
                        "in " + topic + " without its source's coordinates",
                        foreign);
            }
            return window;
        }

        private void addDeadLetter(
                ConsumerRecord<ByteBuffer, ByteBuffer> message, Window window, OffsetSet foreign) {
            try {
                DeadLetterCoordinates source = DeadLetterCoordinates.of(message.headers());
                if (!source.topic().equals(inputTopic)) {
                    return;
                }
                if (source.stage() == Stage.STORE) {
                    refusedAnywhere.add(source.partition(), source.offset());
                }
                if (window.contains(source.partition(), source.offset())) {
                    (source.stage() == Stage.STORE ? refused : rejected)
                            .add(source.partition(), source.offset());
                }
            } catch (IllegalArgumentException e) {
                foreign.add(message.partition(), message.offset());
            }
        }

        private void addArchived(int partition, long offset) {
            parquetRows++;
            if (!archived.add(partition, offset)) {
                archivedRepeats.add(partition, offset);
            }
        }

        private void readTable(TableSnapshot snapshot, Window window) throws SQLException {
            Meter rows = new Meter(progress, "rows of events_normalized", -1);
            snapshot.coordinates(
                    (partition, offset) -> {
                        rows.add();
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
                Meter read = new Meter(progress, "Parquet files once more", files.size());
                for (Path file : files) {
                    new ParquetRows(file).versions(candidates, check::add);
                    read.add();
                }
                check.flush();
            }
            return check;
        }

        private void readRefusedEvents(List<Path> files) throws IOException {
            if (!refusedAnywhere.isEmpty()) {
                for (Path file : files) {
                    new ParquetRows(file)
                            .versions(
                                    refusedAnywhere,
                                    version -> refusedEvents.add(version.eventId()));
                }
            }
        }
    }
}
