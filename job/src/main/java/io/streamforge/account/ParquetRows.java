package io.streamforge.account;

import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.Uuid;
import io.streamforge.sink.ParquetCodecs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.ParquetRuntimeException;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * The rows of one Parquet file, column by column and only the columns asked for. Memory: the pages
 * of these columns in one row group.
 *
 * <p>Parquet's plain configuration and our own codecs keep Hadoop's configuration, and what it
 * drags in, off the class path. Columns may be declared optional, as files that another engine
 * rewrote have them; a null in them is an error all the same.
 */
public final class ParquetRows {

    /**
     * Receives one event after the other.
     *
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface EventVisitor<X extends Exception> {
        void visit(Event event) throws X;
    }

    /**
     * Receives one version after the other.
     *
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface VersionVisitor<X extends Exception> {
        void visit(EventVersion version) throws X;
    }

    private enum Column {
        SRC_PARTITION("src_partition", PrimitiveTypeName.INT32),
        SRC_OFFSET("src_offset", PrimitiveTypeName.INT64),
        EVENT_ID("event_id", PrimitiveTypeName.BINARY),
        OCCURRED_AT("occurred_at", PrimitiveTypeName.INT64),
        EVENT_TYPE("event_type", PrimitiveTypeName.BINARY),
        USER_ID("user_id", PrimitiveTypeName.BINARY),
        AMOUNT_CENTS("amount_cents", PrimitiveTypeName.INT64),
        PATH("path", PrimitiveTypeName.BINARY),
        REFERRER("referrer", PrimitiveTypeName.BINARY),
        PROCESSED_AT("processed_at", PrimitiveTypeName.INT64);

        private final String wireName;
        private final PrimitiveTypeName type;

        Column(String wireName, PrimitiveTypeName type) {
            this.wireName = wireName;
            this.type = type;
        }
    }

    private static final byte[] NO_BYTES = {};

    private final Path file;

    public ParquetRows(Path file) {
        this.file = file;
    }

    /**
     * Visits every row.
     *
     * @throws IOException if the file is not a readable Parquet file of events
     */
    void coordinates(CoordinatesVisitor visitor) throws IOException {
        List<Column> columns = List.of(Column.SRC_PARTITION, Column.SRC_OFFSET);
        scan(
                columns,
                (rows, readers) -> {
                    ColumnReader partitions = readers.get(0);
                    ColumnReader offsets = readers.get(1);
                    for (long row = 0; row < rows; row++) {
                        visitor.visit(present(partitions).getInteger(), present(offsets).getLong());
                        readers.forEach(ColumnReader::consume);
                    }
                });
    }

    /**
     * Visits the rows with wanted coordinates.
     *
     * @throws IOException if the file is not a readable Parquet file of events
     */
    <X extends Exception> void versions(OffsetSet wanted, VersionVisitor<X> visitor)
            throws IOException, X {
        this.<X>scan(
                List.of(
                        Column.SRC_PARTITION,
                        Column.SRC_OFFSET,
                        Column.EVENT_ID,
                        Column.OCCURRED_AT),
                (rows, readers) -> {
                    ColumnReader eventIds = readers.get(2);
                    ColumnReader times = readers.get(3);
                    for (long row = 0; row < rows; row++) {
                        int partition = present(readers.get(0)).getInteger();
                        long offset = present(readers.get(1)).getLong();
                        if (wanted.contains(partition, offset)) {
                            visitor.visit(
                                    new EventVersion(
                                            uuid(present(eventIds)),
                                            present(times).getLong(),
                                            partition,
                                            offset));
                        } else {
                            eventIds.skip();
                            times.skip();
                        }
                        readers.forEach(ColumnReader::consume);
                    }
                });
    }

    /**
     * The number of rows, from the footer.
     *
     * @throws IOException if the file is not a readable Parquet file
     */
    public long count() throws IOException {
        try (ParquetFileReader reader = open()) {
            return reader.getRecordCount();
        }
    }

    /**
     * Visits every row with all its columns; of the message it came from only the coordinates are
     * known.
     *
     * @throws IOException if the file is not a readable Parquet file of events, or has other
     *     columns as well
     */
    public <X extends Exception> void events(EventVisitor<X> visitor) throws IOException, X {
        try (ParquetFileReader reader = open()) {
            MessageType schema = reader.getFileMetaData().getSchema();
            if (schema.getFieldCount() != Column.values().length) {
                throw new IOException(file + " has columns that are not the archive's: " + schema);
            }
        }
        this.<X>scan(
                List.of(Column.values()),
                (rows, readers) -> {
                    for (long row = 0; row < rows; row++) {
                        visitor.visit(event(readers));
                        readers.forEach(ColumnReader::consume);
                    }
                });
    }

    private static Event event(List<ColumnReader> readers) {
        return new Event(
                canonicalUuid(present(reader(readers, Column.EVENT_ID))),
                eventType(text(readers, Column.EVENT_TYPE)),
                present(reader(readers, Column.OCCURRED_AT)).getLong(),
                canonicalUuid(present(reader(readers, Column.USER_ID))),
                isNull(reader(readers, Column.AMOUNT_CENTS))
                        ? null
                        : (Long) reader(readers, Column.AMOUNT_CENTS).getLong(),
                isNull(reader(readers, Column.PATH)) ? null : text(readers, Column.PATH),
                isNull(reader(readers, Column.REFERRER)) ? null : text(readers, Column.REFERRER),
                present(reader(readers, Column.PROCESSED_AT)).getLong(),
                new RawEvent(
                        null,
                        NO_BYTES,
                        List.of(),
                        "",
                        present(reader(readers, Column.SRC_PARTITION)).getInteger(),
                        present(reader(readers, Column.SRC_OFFSET)).getLong(),
                        0));
    }

    private static ColumnReader reader(List<ColumnReader> readers, Column column) {
        return readers.get(column.ordinal());
    }

    private static String text(List<ColumnReader> readers, Column column) {
        return present(reader(readers, column)).getBinary().toStringUsingUTF8();
    }

    /** Refuses what would be another text when it is written again. */
    private static Uuid canonicalUuid(ColumnReader column) {
        UUID uuid = uuid(column);
        if (!uuid.toString().equals(column.getBinary().toStringUsingUTF8())) {
            throw new ParquetDecodingException(
                    "no UUID in lower case in " + column.getDescriptor());
        }
        return new Uuid(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    private static EventType eventType(String name) {
        try {
            return EventType.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new ParquetDecodingException("no event type: " + name);
        }
    }

    private static boolean isNull(ColumnReader column) {
        return column.getCurrentDefinitionLevel() < column.getDescriptor().getMaxDefinitionLevel();
    }

    private static ColumnReader present(ColumnReader column) {
        if (isNull(column)) {
            throw new ParquetDecodingException("a null in " + column.getDescriptor());
        }
        return column;
    }

    private static UUID uuid(ColumnReader column) {
        try {
            return UUID.fromString(column.getBinary().toStringUsingUTF8());
        } catch (IllegalArgumentException e) {
            throw new ParquetDecodingException("no UUID in " + column.getDescriptor());
        }
    }

    @FunctionalInterface
    private interface RowGroupVisitor<X extends Exception> {
        void visit(long rows, List<ColumnReader> readers) throws X;
    }

    private <X extends Exception> void scan(List<Column> columns, RowGroupVisitor<X> visitor)
            throws IOException, X {
        try (ParquetFileReader reader = open()) {
            String createdBy = reader.getFileMetaData().getCreatedBy();
            MessageType schema = projection(reader.getFileMetaData().getSchema(), columns);
            reader.setRequestedSchema(schema);
            for (PageReadStore pages = next(reader); pages != null; pages = next(reader)) {
                ColumnReadStoreImpl store =
                        new ColumnReadStoreImpl(
                                pages,
                                new GroupRecordConverter(schema).getRootConverter(),
                                schema,
                                createdBy);
                visitor.visit(
                        pages.getRowCount(),
                        schema.getColumns().stream().map(store::getColumnReader).toList());
            }
        } catch (ParquetRuntimeException e) {
            throw unreadable(e);
        }
    }

    private ParquetFileReader open() throws IOException {
        ParquetReadOptions options =
                new ParquetReadOptions.Builder(new PlainParquetConfiguration())
                        .withCodecFactory(new ParquetCodecs())
                        .usePageChecksumVerification(true)
                        .build();
        try {
            return ParquetFileReader.open(new LocalInputFile(file), options);
        } catch (RuntimeException e) {
            // Parquet tells "not a Parquet file" by a plain RuntimeException.
            throw unreadable(e);
        }
    }

    private PageReadStore next(ParquetFileReader reader) throws IOException {
        try {
            return reader.readNextRowGroup();
        } catch (RuntimeException | IOException e) {
            throw unreadable(e);
        }
    }

    private MessageType projection(MessageType schema, List<Column> columns) throws IOException {
        List<Type> fields = new ArrayList<>();
        for (Column column : columns) {
            if (!schema.containsField(column.wireName)) {
                throw new IOException(file + " has no column " + column.wireName);
            }
            Type field = schema.getType(column.wireName);
            if (!field.isPrimitive()
                    || field.isRepetition(Type.Repetition.REPEATED)
                    || field.asPrimitiveType().getPrimitiveTypeName() != column.type) {
                throw new IOException(
                        file + ": column " + column.wireName + " is not " + column.type);
            }
            fields.add(field);
        }
        return new MessageType(schema.getName(), fields);
    }

    private IOException unreadable(Exception cause) {
        return new IOException("cannot read " + file + ": " + cause.getMessage(), cause);
    }
}
