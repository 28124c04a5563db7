package io.streamforge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Keeps what reaches it, for jobs that run in the test's own process. Like a producer that sends
 * later, it has a record only once it is flushed.
 */
public final class CollectingSink<T> implements Sink<T> {

    private static final long serialVersionUID = 1L;
    private static final Map<String, List<Object>> FLUSHED = new ConcurrentHashMap<>();

    /** Copies of the sink in the tasks find the same list by it. */
    private final String id = UUID.randomUUID().toString();

    public CollectingSink() {
        FLUSHED.put(id, new CopyOnWriteArrayList<>());
    }

    /** What was flushed so far, in the order of the flushes. */
    @SuppressWarnings("unchecked") // only this sink's writers add to the list
    public List<T> flushed() {
        return (List<T>) List.copyOf(FLUSHED.get(id));
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        return new Writer<>(FLUSHED.get(id));
    }

    private static final class Writer<T> implements SinkWriter<T> {

        private final List<Object> flushed;
        private final List<T> pending = new ArrayList<>();

        Writer(List<Object> flushed) {
            this.flushed = flushed;
        }

        @Override
        public void write(T element, Context context) {
            pending.add(element);
        }

        @Override
        public void flush(boolean endOfInput) {
            flushed.addAll(pending);
            pending.clear();
        }

        @Override
        public void close() {
            pending.clear();
        }
    }
}
