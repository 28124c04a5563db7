package io.streamforge.bench;

import io.streamforge.account.Account;
import io.streamforge.account.AccountAudit;
import io.streamforge.account.ParquetRows;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.sink.PostgresConnections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether all stores hold what the topic held, once a job has ended: a benchmark that lost
 * something is none. Of every system the numbers; of StreamForge the account, message by message.
 */
final class StoreCheck {

    private final SystemUnderTest system;
    private final InputTopic topic;
    private final StartingTable table;

    StoreCheck(SystemUnderTest system, InputTopic topic, StartingTable table) {
        this.system = system;
        this.topic = topic;
        this.table = table;
    }

    /**
     * @throws IllegalStateException where a store does not hold what it should
     */
    void check(JobProcess job) throws IOException, SQLException, InterruptedException {
        StreamForgeConfig config = job.config();
        if (system == SystemUnderTest.STREAMFORGE) {
            Account account = AccountAudit.of(config).compute();
            require(account.balanced(), account.findings().toString());
            require("consumed", topic.events(), account.consumed());
        }
        try (Connection database = PostgresConnections.open(config.postgres())) {
            require(
                    "rows in the table",
                    table.rows() + topic.rows(),
                    Commits.count(database, "SELECT count(*) FROM events_normalized"));
        }
        require("dead letters", topic.invalid(), job.messages(job.deadLetterTopic()));
        require("rows in Parquet", topic.events() - topic.invalid(), parquetRows(job.archive()));
    }

    private void require(String what, long expected, long actual) {
        require(expected == actual, what + ": expected " + expected + ", found " + actual);
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(system.title() + ": " + otherwise);
        }
    }

    /** Files that a reader sees; none, nor the directory, where no event was valid. */
    static List<Path> parquetFiles(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(file -> !file.getFileName().toString().startsWith("_"))
                    .toList();
        }
    }

    private static long parquetRows(Path root) throws IOException {
        long rows = 0;
        for (Path file : parquetFiles(root)) {
            rows += new ParquetRows(file).count();
        }
        return rows;
    }
}
