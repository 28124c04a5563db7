package io.streamforge.sink;

import io.streamforge.event.Event;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * An endless source for jobs in the test's own process, at parallelism one: emits what the test
 * sends, and is idle between. It has no position, so after a restart it repeats nothing.
 */
final class FakeSource
        implements Source<Event, NumberSequenceSplit, Collection<NumberSequenceSplit>> {

    private static final long serialVersionUID = 1L;
    private static final Map<String, Reader> READERS = new ConcurrentHashMap<>();

    /** Copies of the source in the tasks find the same queue by it. */
    private final String id = UUID.randomUUID().toString();

    /** Its splits are never asked for. */
    private final NumberSequenceSource splits = new NumberSequenceSource(0, 0);

    FakeSource() {
        READERS.put(id, new Reader());
    }

    void send(List<Event> events) {
        READERS.get(id).send(events);
    }

    @Override
    public SourceReader<Event, NumberSequenceSplit> createReader(SourceReaderContext context) {
        return READERS.get(id);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<NumberSequenceSplit, Collection<NumberSequenceSplit>> createEnumerator(
            SplitEnumeratorContext<NumberSequenceSplit> context) {
        return splits.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<NumberSequenceSplit, Collection<NumberSequenceSplit>> restoreEnumerator(
            SplitEnumeratorContext<NumberSequenceSplit> context,
            Collection<NumberSequenceSplit> state) {
        return splits.restoreEnumerator(context, state);
    }

    @Override
    public SimpleVersionedSerializer<NumberSequenceSplit> getSplitSerializer() {
        return splits.getSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<Collection<NumberSequenceSplit>>
            getEnumeratorCheckpointSerializer() {
        return splits.getEnumeratorCheckpointSerializer();
    }

    private static final class Reader implements SourceReader<Event, NumberSequenceSplit> {

        private final Queue<Event> queue = new ConcurrentLinkedQueue<>();
        private CompletableFuture<Void> available = new CompletableFuture<>();

        synchronized void send(List<Event> events) {
            queue.addAll(events);
            available.complete(null);
        }

        @Override
        public void start() {}

        @Override
        public synchronized InputStatus pollNext(ReaderOutput<Event> output) {
            Event next = queue.poll();
            if (next == null) {
                available = new CompletableFuture<>();
                return InputStatus.NOTHING_AVAILABLE;
            }
            output.collect(next);
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public synchronized CompletableFuture<Void> isAvailable() {
            return available;
        }

        @Override
        public List<NumberSequenceSplit> snapshotState(long checkpointId) {
            return List.of();
        }

        @Override
        public void addSplits(List<NumberSequenceSplit> assigned) {}

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }
}
