package io.streamforge.source;

import io.streamforge.event.RawEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reader of {@link GapRefusingSource}: checks splits as they come, sees to it that offsets are
 * committed without delay, and passes on the rest.
 */
class GapRefusingReader implements SourceReader<RawEvent, KafkaPartitionSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(GapRefusingReader.class);

    private final SourceReader<RawEvent, KafkaPartitionSplit> kafka;
    private final Properties client;
    private final boolean acceptGap;
    private final Set<String> splitIds = new HashSet<>();

    GapRefusingReader(
            SourceReader<RawEvent, KafkaPartitionSplit> kafka,
            Properties client,
            boolean acceptGap) {
        this.kafka = kafka;
        this.client = client;
        this.acceptGap = acceptGap;
    }

    /**
     * Takes partitions, new ones and those of a checkpoint.
     *
     * @throws SuppressRestartsException where messages from a position on are gone and that is not
     *     accepted: a restart would not bring them back
     */
    @Override
    public void addSplits(List<KafkaPartitionSplit> splits) {
        splits.forEach(split -> splitIds.add(split.splitId()));
        List<TopicPartition> begun =
                splits.stream()
                        .filter(split -> split.getStartingOffset() >= 0)
                        .map(KafkaPartitionSplit::getTopicPartition)
                        .toList();
        if (begun.isEmpty()) {
            kafka.addSplits(splits);
            return;
        }
        Map<TopicPartition, Long> first = offsets(begun, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = offsets(begun, OffsetSpec.latest());
        List<String> gaps = new ArrayList<>();
        List<KafkaPartitionSplit> there = new ArrayList<>(splits.size());
        for (KafkaPartitionSplit split : splits) {
            TopicPartition partition = split.getTopicPartition();
            long position = split.getStartingOffset();
            if (!first.containsKey(partition)) {
                there.add(split);
            } else if (position < first.get(partition)) {
                gaps.add(
                        "%s offsets %d to %d are deleted"
                                .formatted(partition, position, first.get(partition) - 1));
                there.add(from(first.get(partition), split));
            } else if (position > end.get(partition)) {
                // Not a gap that one could go on behind: what is there now was never read, or was
                // read under other offsets.
                throw new SuppressRestartsException(
                        new IllegalStateException(
                                ("%s ends at offset %d, before the position %d: the topic was made"
                                                + " anew or cut. Begin without the old state, with"
                                                + " another KAFKA_GROUP_ID and PARQUET_ROOT.")
                                        .formatted(partition, end.get(partition), position)));
            } else {
                there.add(split);
            }
        }
        if (!gaps.isEmpty()) {
            String text = "messages of the input topic are gone: " + String.join("; ", gaps);
            if (!acceptGap) {
                throw new SuppressRestartsException(
                        new IllegalStateException(
                                text + ". Set ACCEPT_OFFSET_GAP=true to go on without them."));
            }
            LOG.warn("{}; going on without them, ACCEPT_OFFSET_GAP is set", text);
        }
        kafka.addSplits(there);
    }

    private static KafkaPartitionSplit from(long offset, KafkaPartitionSplit split) {
        return new KafkaPartitionSplit(
                split.getTopicPartition(),
                offset,
                split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET));
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> wanted =
                partitions.stream().collect(Collectors.toMap(p -> p, p -> which));
        try (Admin admin = Admin.create(client)) {
            Map<TopicPartition, ListOffsetsResultInfo> found =
                    admin.listOffsets(wanted).all().get();
            return found.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().offset()));
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "cannot look up the offsets of the input topic: " + e.getCause().getMessage(),
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking up offsets", e);
        }
    }

    @Override
    public void start() {
        kafka.start();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RawEvent> output) throws Exception {
        return kafka.pollNext(output);
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpointId) {
        return kafka.snapshotState(checkpointId);
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return kafka.isAvailable();
    }

    @Override
    public void notifyNoMoreSplits() {
        kafka.notifyNoMoreSplits();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        kafka.handleSourceEvents(event);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        kafka.notifyCheckpointComplete(checkpointId);
        // The commit waits behind the poll that is under way, up to ten seconds on an idle topic.
        // Resuming what is not paused changes nothing, but ends that poll. (Nothing here pauses
        // splits: there are no watermarks to align.)
        kafka.pauseOrResumeSplits(List.of(), splitIds);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        kafka.notifyCheckpointAborted(checkpointId);
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> toPause, Collection<String> toResume) {
        kafka.pauseOrResumeSplits(toPause, toResume);
    }

    @Override
    public void close() throws Exception {
        kafka.close();
    }
}
