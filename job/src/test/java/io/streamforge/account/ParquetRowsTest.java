package io.streamforge.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.streamforge.sink.ParquetCodecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The columns asked for are read exactly, over row groups and pages, whoever wrote the file. */
class ParquetRowsTest {

    private static final int ROWS = 50_000;

    @TempDir private Path directory;

    @ParameterizedTest
    @CsvSource({
        "required, ZSTD",
        "required, SNAPPY",
        "required, GZIP",
        "required, UNCOMPRESSED",
        "optional, ZSTD"
    })
    void readsCoordinatesOfEveryRow(String repetition, CompressionCodecName codec)
            throws IOException {
        Path file = write(repetition, codec, ROWS);
        OffsetSet seen = new OffsetSet();
        long[] rows = new long[1];

        new ParquetRows(file)
                .coordinates(
                        (partition, offset) -> {
                            rows[0]++;
                            seen.add(partition, offset);
                        });

        assertThat(rows[0]).isEqualTo(ROWS);
        assertThat(seen.size()).isEqualTo(ROWS);
        for (int row = 0; row < ROWS; row++) {
            assertThat(seen.contains(row % 3, offset(row))).isTrue();
        }
    }

    @Test
    void readsVersionsOfWantedRowsOnly() throws IOException {
        Path file = write("required", CompressionCodecName.ZSTD, ROWS);
        OffsetSet wanted = OffsetSetTest.set(1, offset(1), offset(1 + 3 * 15_000), 77);
        List<EventVersion> versions = new ArrayList<>();

        new ParquetRows(file).versions(wanted, versions::add);

        assertThat(versions)
                .containsExactly(
                        new EventVersion(eventId(1), -1, 1, offset(1)),
                        new EventVersion(eventId(45_001), -45_001, 1, offset(45_001)));
    }

    @Test
    void whatTheVisitorThrowsComesThrough() throws IOException {
        Path file = write("required", CompressionCodecName.ZSTD, 1);

        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(
                        () ->
                                new ParquetRows(file)
                                        .versions(
                                                OffsetSetTest.set(0, offset(0)),
                                                version -> {
                                                    throw new SQLException("gone");
                                                }))
                .withMessage("gone");
    }

    @Test
    void aNullIsAnErrorThatNamesTheFile() throws IOException {
        MessageType schema = schema("optional");
        Path file = directory.resolve("nulls.parquet");
        try (ParquetWriter<Group> writer = writer(file, schema, CompressionCodecName.ZSTD)) {
            writer.write(new SimpleGroup(schema).append("src_partition", 1));
        }

        assertUnreadable(file, "a null in");
    }

    @Test
    void aForeignFileIsAnErrorThatNamesIt() throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType("message m { required int32 a; }");
        Path other = directory.resolve("other.parquet");
        try (ParquetWriter<Group> writer = writer(other, schema, CompressionCodecName.ZSTD)) {
            writer.write(new SimpleGroup(schema).append("a", 1));
        }
        assertUnreadable(other, "has no column src_partition");

        MessageType wide =
                MessageTypeParser.parseMessageType(
                        "message m { required int64 src_partition; required int64 src_offset; }");
        Path wider = directory.resolve("wider.parquet");
        try (ParquetWriter<Group> writer = writer(wider, wide, CompressionCodecName.ZSTD)) {
            writer.write(
                    new SimpleGroup(wide).append("src_partition", 1L).append("src_offset", 1L));
        }
        assertUnreadable(wider, "src_partition is not INT32");
    }

    @Test
    void aDamagedFileIsAnErrorThatNamesIt() throws IOException {
        Path text = Files.writeString(directory.resolve("text.parquet"), "no Parquet at all");
        assertUnreadable(text, "not a Parquet file");

        Path empty = Files.createFile(directory.resolve("empty.parquet"));
        assertUnreadable(empty, "not a Parquet file");

        Path file = write("required", CompressionCodecName.ZSTD, ROWS);
        byte[] bytes = Files.readAllBytes(file);
        // The footer stays, every page is overwritten.
        for (int i = 4; i < bytes.length / 2; i++) {
            bytes[i] = 0;
        }
        Files.write(file, bytes);
        assertUnreadable(file, "cannot read");
    }

    private static void assertUnreadable(Path file, String why) {
        assertThatIOException()
                .isThrownBy(() -> new ParquetRows(file).coordinates((partition, offset) -> {}))
                .withMessageContaining(file.toString())
                .withMessageContaining(why);
    }

    private Path write(String repetition, CompressionCodecName codec, int rows) throws IOException {
        MessageType schema = schema(repetition);
        Path file = directory.resolve(repetition + codec + rows + ".parquet");
        try (ParquetWriter<Group> writer = writer(file, schema, codec)) {
            for (int row = 0; row < rows; row++) {
                Group group =
                        new SimpleGroup(schema)
                                .append("event_id", eventId(row).toString())
                                .append("occurred_at", (long) -row)
                                .append("src_partition", row % 3)
                                .append("src_offset", offset(row));
                writer.write(row % 2 == 0 ? group : group.append("path", "/" + row));
            }
        }
        return file;
    }

    private static MessageType schema(String repetition) {
        return MessageTypeParser.parseMessageType(
                """
                message event {
                  R binary event_id (STRING);
                  R int64 occurred_at (TIMESTAMP(MICROS,true));
                  optional binary path (STRING);
                  R int32 src_partition;
                  R int64 src_offset;
                }
                """
                        .replace("R ", repetition + " "));
    }

    /** Small row groups and pages, so that a file has several of each. */
    private static ParquetWriter<Group> writer(
            Path file, MessageType schema, CompressionCodecName codec) throws IOException {
        return ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withConf(new PlainParquetConfiguration())
                .withType(schema)
                .withCodecFactory(new ParquetCodecs())
                .withCompressionCodec(codec)
                .withRowGroupSize(200_000L)
                .withPageSize(10_000)
                .build();
    }

    private static long offset(int row) {
        return row * 5_000_000_000L;
    }

    private static UUID eventId(int row) {
        return new UUID(row, ~row);
    }
}
