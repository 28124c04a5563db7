package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The archive beside the table, both as somebody would query them. */
@Timeout(180)
class ArchiveITCase {

    private static final String COLUMNS =
            "event_id, event_type, epoch_us(occurred_at) AS occurred_at, user_id, amount_cents,"
                    + " path, referrer, src_partition, src_offset";

    @TempDir Path data;

    @Test
    void hasTheRowsOfTheTable() throws Exception {
        try (Pipeline pipeline = Pipeline.create("archive", data);
                Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            // No copies: the table has only the latest version of each, the archive has them all.
            pipeline.generate(new GeneratorOptions(6_000, 0, 2, 0, 51));
            pipeline.start(2);
            pipeline.finish();

            Path root = Path.of(pipeline.config().parquet().root());
            statement.execute(
                    "CREATE VIEW archive AS SELECT * FROM read_parquet('"
                            + root
                            + "/**/*.parquet', hive_partitioning = true)");
            copyTable(pipeline, (DuckDBConnection) duckdb);

            assertThat(one(statement, "SELECT count(*) FROM archive"))
                    .isEqualTo(one(statement, "SELECT count(*) FROM events"))
                    .isEqualTo(
                            one(
                                    statement,
                                    "SELECT count(DISTINCT (src_partition, src_offset)) FROM"
                                            + " archive"));
            String archive = "SELECT " + COLUMNS + " FROM archive";
            String table = "SELECT * FROM events";
            assertThat(rows(statement, archive + " EXCEPT " + table)).isEmpty();
            assertThat(rows(statement, table + " EXCEPT " + archive)).isEmpty();
            assertOnlyItsDirectoryIsRead(statement, root);
            assertNothingIsOpen(root);
        }
    }

    private static void copyTable(Pipeline pipeline, DuckDBConnection duckdb) throws SQLException {
        try (Statement create = duckdb.createStatement()) {
            create.execute(
                    "CREATE TABLE events (event_id VARCHAR, event_type VARCHAR, occurred_at BIGINT,"
                            + " user_id VARCHAR, amount_cents BIGINT, path VARCHAR, referrer"
                            + " VARCHAR, src_partition INTEGER, src_offset BIGINT)");
        }
        try (Connection postgres = pipeline.connect();
                Statement statement = postgres.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT event_id, event_type, (extract(epoch FROM occurred_at) *"
                                        + " 1000000)::bigint, user_id, amount_cents, path,"
                                        + " referrer, src_partition, src_offset FROM"
                                        + " events_normalized");
                DuckDBAppender appender = duckdb.createAppender("main", "events")) {
            while (row.next()) {
                appender.beginRow();
                appender.append(row.getString(1));
                appender.append(row.getString(2));
                appender.append(row.getLong(3));
                appender.append(row.getString(4));
                long cents = row.getLong(5);
                if (row.wasNull()) {
                    appender.appendNull();
                } else {
                    appender.append(cents);
                }
                appender.append(row.getString(6));
                appender.append(row.getString(7));
                appender.append(row.getInt(8));
                appender.append(row.getLong(9));
                appender.endRow();
            }
        }
    }

    /** Of many dates the files of one: DuckDB says in its plan which it would open. */
    private static void assertOnlyItsDirectoryIsRead(Statement statement, Path root)
            throws Exception {
        List<Path> directories;
        try (Stream<Path> entries = Files.list(root)) {
            directories = entries.filter(Files::isDirectory).sorted().toList();
        }
        assertThat(directories).hasSizeGreaterThan(1);
        Path directory = directories.get(0);
        String date = directory.getFileName().toString().substring("dt=".length());
        long files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.filter(file -> file.toString().endsWith(".parquet")).count();
        }
        long all = one(statement, "SELECT count(*) FROM glob('" + root + "/**/*.parquet')");
        String plan =
                String.join(
                        "\n",
                        rows(
                                statement,
                                "EXPLAIN SELECT * FROM archive WHERE dt = DATE '" + date + "'"));
        assertThat(plan).contains("Scanning Files: " + files + "/" + all);
    }

    private static void assertNothingIsOpen(Path root) throws Exception {
        try (Stream<Path> files = Files.walk(root)) {
            assertThat(files.filter(file -> file.toString().contains("inprogress"))).isEmpty();
        }
    }

    private static long one(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static List<String> rows(Statement statement, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                StringBuilder text = new StringBuilder();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    text.append(row.getString(i)).append(' ');
                }
                rows.add(text.toString());
            }
        }
        return rows;
    }
}
