package io.streamforge.compact;

import io.streamforge.account.ParquetFiles;
import io.streamforge.account.ParquetRows;
import io.streamforge.config.ParquetConfig;
import io.streamforge.config.ParquetConfig.Compression;
import io.streamforge.config.ParquetConfig.Partition;
import io.streamforge.config.ParquetConfig.PartitionTime;
import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.Uuid;
import io.streamforge.sink.EventParquetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;

/** An archive on disk whose offsets are 0, 1, 2 …, and what readers see of it. */
final class SampleArchive implements AutoCloseable {

    /** Of a file, unless told otherwise. */
    static final FileTime OLD = FileTime.from(Instant.parse("2024-02-01T00:00:00Z"));

    static final String PARTITION = "dt=2024-01-15";

    private final Path root;
    private final Connection duckdb;
    private long offsets;
    private int files;

    SampleArchive(Path root) throws IOException, SQLException {
        this.root = Files.createDirectories(root);
        this.duckdb = DriverManager.getConnection("jdbc:duckdb:");
    }

    ParquetConfig config(long maxRows, long maxBytes) {
        return new ParquetConfig(
                root.toString(),
                Partition.DATE,
                PartitionTime.EVENT,
                maxRows,
                maxBytes,
                Compression.ZSTD,
                3,
                16 << 20,
                false);
    }

    ParquetConfig config() {
        return config(1_000_000, 128 << 20);
    }

    Path file(String partition, int rows) throws IOException {
        return file(partition, rows, OLD);
    }

    Path file(String partition, int rows, FileTime time) throws IOException {
        Path file =
                Files.createDirectories(root.resolve(partition))
                        .resolve("part-%s-%d.parquet".formatted(new UUID(7, 7), files++));
        try (ParquetWriter<Event> writer =
                EventParquetWriter.open(new LocalOutputFile(file), config(), "1.2.3")) {
            for (int i = 0; i < rows; i++) {
                writer.write(event(offsets++));
            }
        }
        Files.setLastModifiedTime(file, time);
        return file;
    }

    static Event event(long offset) {
        return new Event(
                new Uuid(offset, offset),
                EventType.values()[(int) (offset % 3)],
                1_705_320_000_000_000L + offset,
                new Uuid(1, offset % 10),
                offset % 3 == 0 ? null : (Long) (offset * 7),
                offset % 5 == 0 ? null : "/ä/" + offset,
                offset % 4 == 0 ? null : "https://example.org/" + offset % 7,
                1_705_320_000_500_000L - offset,
                new RawEvent(null, new byte[0], List.of(), "in", (int) (offset % 4), offset, 0));
    }

    /** All rows that were written, in all columns, as DuckDB would print them sorted. */
    long rows() {
        return offsets;
    }

    /** Whether DuckDB sees each offset once, by each of the patterns that the documents have. */
    String seenByDuckDb() throws SQLException {
        List<String> seen = new ArrayList<>();
        for (String glob : List.of("/**/*.parquet", "/*/*.parquet", "/dt=*/*.parquet")) {
            seen.add(seen(glob));
        }
        return String.join(" | ", seen);
    }

    String seen(String glob) throws SQLException {
        return query(
                "select count(*) || ' ' || count(distinct src_offset) || ' ' || sum(src_offset)"
                        + " from read_parquet('"
                        + root
                        + glob
                        + "', hive_partitioning = true)");
    }

    /** What that is when nothing is lost or doubled. */
    String allOnce() {
        String once = offsets + " " + offsets + " " + offsets * (offsets - 1) / 2;
        return String.join(" | ", once, once, once);
    }

    /** All values of all rows. */
    String content() throws SQLException {
        return query(
                "select md5(string_agg(r::varchar, chr(10) order by r.src_offset)) from read_parquet('"
                        + root
                        + "/**/*.parquet') r");
    }

    private String query(String sql) throws SQLException {
        try (Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Offsets as the account sees them, sorted. */
    List<Long> seenByAccount() throws IOException {
        List<Long> seen = new ArrayList<>();
        for (Path file : files()) {
            new ParquetRows(file).<IOException>events(event -> seen.add(event.raw().offset()));
        }
        return seen.stream().sorted().toList();
    }

    List<Path> files() throws IOException {
        return ParquetFiles.below(root.toString()).list();
    }

    Path root() {
        return root;
    }

    @Override
    public void close() throws SQLException {
        duckdb.close();
    }
}
