package io.streamforge.account;

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
final class ParquetRows {

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
        OCCURRED_AT("occurred_at", PrimitiveTypeName.INT64);

        private final String wireName;
        private final PrimitiveTypeName type;

        Column(String wireName, PrimitiveTypeName type) {
            this.wireName = wireName;
            this.type = type;
        }
    }

    private final Path file;

    ParquetRows(Path file) {
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
                List.of(Column.values()),
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

    private static ColumnReader present(ColumnReader column) {
        if (column.getCurrentDefinitionLevel() < column.getDescriptor().getMaxDefinitionLevel()) {
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
