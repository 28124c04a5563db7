package io.streamforge.source;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/**
 * Tells the readers of a restored run that no more partitions will come. KafkaSource's enumerator
 * tells it only after it has found a new one, so that a restored bounded run would never end
 * (FLINK-31006).
 */
final class EndingEnumerator implements SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> {

    private final SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> kafka;
    private final SplitEnumeratorContext<KafkaPartitionSplit> context;

    EndingEnumerator(
            SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> kafka,
            SplitEnumeratorContext<KafkaPartitionSplit> context) {
        this.kafka = kafka;
        this.context = context;
    }

    @Override
    public void addReader(int subtask) {
        kafka.addReader(subtask);
        context.signalNoMoreSplits(subtask);
    }

    @Override
    public void start() {
        kafka.start();
    }

    @Override
    public void handleSplitRequest(int subtask, String requesterHostname) {
        kafka.handleSplitRequest(subtask, requesterHostname);
    }

    @Override
    public void addSplitsBack(List<KafkaPartitionSplit> splits, int subtask) {
        kafka.addSplitsBack(splits, subtask);
    }

    @Override
    public KafkaSourceEnumState snapshotState(long checkpointId) throws Exception {
        return kafka.snapshotState(checkpointId);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        kafka.notifyCheckpointComplete(checkpointId);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        kafka.notifyCheckpointAborted(checkpointId);
    }

    @Override
    public void handleSourceEvent(int subtask, SourceEvent event) {
        kafka.handleSourceEvent(subtask, event);
    }

    @Override
    public void close() throws IOException {
        kafka.close();
    }
}
