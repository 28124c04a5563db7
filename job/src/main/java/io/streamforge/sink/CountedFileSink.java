package io.streamforge.sink;

import io.streamforge.event.Event;
import java.io.IOException;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.sink.FileSinkCommittable;
import org.apache.flink.connector.file.sink.writer.FileWriter;
import org.apache.flink.connector.file.sink.writer.FileWriterBucketState;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A {@link FileSink} whose {@link ParquetParts} have metrics: FileSink tells its writer factory
 * nothing of the subtask it works in. State and committables are FileSink's own.
 */
final class CountedFileSink
        implements Sink<Event>,
                SupportsWriterState<Event, FileWriterBucketState>,
                SupportsWriterState.WithCompatibleState,
                SupportsCommitter<FileSinkCommittable> {

    private static final long serialVersionUID = 1L;

    private final FileSink<Event> files;

    /** The same object as in {@link #files}, also after both were serialised together. */
    private final ParquetParts parts;

    CountedFileSink(FileSink<Event> files, ParquetParts parts) {
        this.files = files;
        this.parts = parts;
    }

    @Override
    public FileWriter<Event> createWriter(WriterInitContext context) throws IOException {
        parts.count(new PartCounters(context.metricGroup()));
        return files.createWriter(context);
    }

    @Override
    public FileWriter<Event> restoreWriter(
            WriterInitContext context, Collection<FileWriterBucketState> state) throws IOException {
        parts.count(new PartCounters(context.metricGroup()));
        return files.restoreWriter(context, state);
    }

    @Override
    public SimpleVersionedSerializer<FileWriterBucketState> getWriterStateSerializer() {
        return files.getWriterStateSerializer();
    }

    @Override
    public Collection<String> getCompatibleWriterStateNames() {
        return files.getCompatibleWriterStateNames();
    }

    @Override
    public Committer<FileSinkCommittable> createCommitter(CommitterInitContext context)
            throws IOException {
        return files.createCommitter(context);
    }

    @Override
    public SimpleVersionedSerializer<FileSinkCommittable> getCommittableSerializer() {
        return files.getCommittableSerializer();
    }
}
