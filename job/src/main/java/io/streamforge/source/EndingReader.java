package io.streamforge.source;

import io.streamforge.event.RawEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumerator.PartitionOffsetsRetrieverImpl;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The reader of a run that ends. It commits the offsets itself and is over only once the last ones
 * are: KafkaSource begins that commit, and then closes the client that was to do it. Until then a
 * partition that is read to its end stays in the state, from which KafkaSource takes it, so that a
 * restart still knows what to commit.
 *
 * <p>The last commit is that of the checkpoint after the one that has everything: by then that
 * one's files are visible everywhere, and the {@link EndMark} says so.
 */
final class EndingReader extends GapRefusingReader {

    private final Properties client;
    private final String group;
    private final LastOffsets last;
    private final Map<String, KafkaPartitionSplit> splits = new HashMap<>();
    private final NavigableMap<Long, Snapshot> snapshots = new TreeMap<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private AdminClient admin;
    private boolean read;
    private boolean filesVisible;

    /**
     * Positions in a checkpoint.
     *
     * @param all whether everything was read then
     */
    private record Snapshot(Map<TopicPartition, Long> positions, boolean all) {}

    /**
     * @param client connects a Kafka client
     * @param acceptGap as of {@link GapRefusingReader}
     * @param group whose offsets are committed
     * @param last where partitions end that have no end in the state
     */
    EndingReader(
            SourceReader<RawEvent, KafkaPartitionSplit> kafka,
            Properties client,
            boolean acceptGap,
            String group,
            LastOffsets last) {
        super(kafka, client, acceptGap);
        this.client = client;
        this.group = group;
        this.last = last;
    }

    @Override
    public void addSplits(List<KafkaPartitionSplit> added) {
        List<KafkaPartitionSplit> ending = withEnds(added);
        ending.forEach(split -> splits.put(split.splitId(), split));
        super.addSplits(ending);
    }

    /** In the state of a run without end partitions have none. */
    private List<KafkaPartitionSplit> withEnds(List<KafkaPartitionSplit> added) {
        List<TopicPartition> endless =
                added.stream()
                        .filter(split -> split.getStoppingOffset().isEmpty())
                        .map(KafkaPartitionSplit::getTopicPartition)
                        .toList();
        if (endless.isEmpty()) {
            return added;
        }
        Map<TopicPartition, Long> ends =
                last.getPartitionOffsets(
                        endless, new PartitionOffsetsRetrieverImpl(admin(), group));
        return added.stream().map(split -> withEnd(split, ends)).toList();
    }

    private static KafkaPartitionSplit withEnd(
            KafkaPartitionSplit split, Map<TopicPartition, Long> ends) {
        TopicPartition partition = split.getTopicPartition();
        return split.getStoppingOffset().isPresent()
                ? split
                : new KafkaPartitionSplit(
                        partition, split.getStartingOffset(), ends.get(partition));
    }

    private AdminClient admin() {
        if (admin == null) {
            admin = AdminClient.create(client);
        }
        return admin;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RawEvent> output) throws Exception {
        if (!read) {
            InputStatus status = super.pollNext(output);
            if (status != InputStatus.END_OF_INPUT) {
                return status;
            }
            read = true;
        }
        return over.isDone() ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return read ? over : super.isAvailable();
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpointId) {
        List<KafkaPartitionSplit> unfinished = super.snapshotState(checkpointId);
        Map<String, KafkaPartitionSplit> finished = new HashMap<>(splits);
        unfinished.forEach(split -> finished.remove(split.splitId()));
        List<KafkaPartitionSplit> all = new ArrayList<>(unfinished);
        finished.values()
                .forEach(
                        split ->
                                all.add(
                                        new KafkaPartitionSplit(
                                                split.getTopicPartition(),
                                                end(split),
                                                end(split))));
        Map<TopicPartition, Long> positions = new HashMap<>();
        all.forEach(split -> positions.put(split.getTopicPartition(), split.getStartingOffset()));
        snapshots.put(checkpointId, new Snapshot(positions, read));
        return all;
    }

    /** The group may have been further on already. */
    private static long end(KafkaPartitionSplit split) {
        return Math.max(split.getStartingOffset(), split.getStoppingOffset().orElseThrow());
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        Snapshot snapshot = snapshots.get(checkpointId);
        snapshots.headMap(checkpointId, true).clear();
        if (snapshot != null && !over.isDone()) {
            commit(snapshot.positions(), filesVisible ? EndMark.at(Instant.now()) : "");
            if (filesVisible) {
                over.complete(null);
            }
            filesVisible = snapshot.all();
        }
    }

    private void commit(Map<TopicPartition, Long> positions, String metadata)
            throws IOException, InterruptedException {
        if (positions.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        positions.forEach(
                (partition, position) ->
                        offsets.put(partition, new OffsetAndMetadata(position, metadata)));
        try {
            admin().alterConsumerGroupOffsets(group, offsets).all().get();
        } catch (ExecutionException e) {
            throw new IOException(
                    "cannot commit the offsets of group "
                            + group
                            + ": "
                            + e.getCause().getMessage(),
                    e.getCause());
        }
    }

    @Override
    public void close() throws Exception {
        if (admin != null) {
            admin.close();
        }
        super.close();
    }
}
