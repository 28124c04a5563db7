package io.streamforge.local;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * What the stores have to hold, computed from the input topic alone: the winner per {@code
 * event_id} in the table, every valid message in Parquet, every other one among the dead letters.
 * Everything is kept in memory, so it is for topics of a test's size.
 */
public final class Oracle {

    /** The columns of the archive, which are the table's, and DuckDB's names of their types. */
    private static final List<String> PARQUET_COLUMNS =
            List.of(
                    "event_id VARCHAR",
                    "event_type VARCHAR",
                    "occurred_at TIMESTAMP WITH TIME ZONE",
                    "user_id VARCHAR",
                    "amount_cents BIGINT",
                    "path VARCHAR",
                    "referrer VARCHAR",
                    "processed_at TIMESTAMP WITH TIME ZONE",
                    "src_partition INTEGER",
                    "src_offset BIGINT");

    private static final String REFUSED = "REJECTED_BY_DATABASE";

    private final Map<String, OracleMessage> messages = new TreeMap<>();
    private final List<OracleEvent> valid = new ArrayList<>();
    private final Map<String, String> rejected = new TreeMap<>();
    private final Predicate<OracleEvent> databaseRefuses;
    private Predicate<OracleEvent> refusedForAWhile = event -> false;

    private Oracle(
            List<OracleMessage> input, int maxEventBytes, Predicate<OracleEvent> databaseRefuses) {
        this.databaseRefuses = databaseRefuses;
        OracleContract contract = new OracleContract(maxEventBytes);
        for (OracleMessage message : input) {
            messages.put(message.coordinates(), message);
            try {
                valid.add(contract.judge(message));
            } catch (OracleContract.Rejected e) {
                rejected.put(message.coordinates(), e.reason());
            }
        }
    }

    /** The oracle of everything that is in the topic now. */
    static Oracle ofTopic(Properties kafka, String topic, int maxEventBytes) {
        return ofTopic(kafka, topic, maxEventBytes, event -> false);
    }

    /** As above, for a database that refuses some valid messages, say by a trigger. */
    static Oracle ofTopic(
            Properties kafka,
            String topic,
            int maxEventBytes,
            Predicate<OracleEvent> databaseRefuses) {
        return of(
                OracleTopic.read(kafka, topic).stream().map(OracleMessage::of).toList(),
                maxEventBytes,
                databaseRefuses);
    }

    static Oracle of(
            List<OracleMessage> messages,
            int maxEventBytes,
            Predicate<OracleEvent> databaseRefuses) {
        return new Oracle(messages, maxEventBytes, databaseRefuses);
    }

    /**
     * Takes these for messages that the database took in the end and refused before: they belong
     * into the table, and may be among the dead letters as well.
     */
    Oracle refusedForAWhile(Predicate<OracleEvent> before) {
        refusedForAWhile = before;
        return this;
    }

    /** All messages. */
    public int consumed() {
        return messages.size();
    }

    /** Every valid message, in the order of its topic's partitions. */
    public List<OracleEvent> valid() {
        return List.copyOf(valid);
    }

    /** The table's rows by {@code event_id}. */
    public Map<String, OracleEvent> winners() {
        Map<String, OracleEvent> winners = new TreeMap<>();
        for (OracleEvent event : valid) {
            if (!databaseRefuses.test(event)) {
                winners.merge(event.eventId(), event, (a, b) -> a.beats(b) ? a : b);
            }
        }
        return winners;
    }

    /** Reasons by coordinates. */
    public Map<String, String> deadLetters() {
        Map<String, String> reasons = new TreeMap<>(rejected);
        Map<String, OracleEvent> winners = winners();
        for (OracleEvent event : refused()) {
            OracleEvent winner = winners.get(event.eventId());
            if (winner == null || event.beats(winner)) {
                reasons.put(event.coordinates(), REFUSED);
            }
        }
        return reasons;
    }

    /**
     * Asserts that the table has exactly the winners, equal in all columns but {@code
     * processed_at}.
     */
    void assertTable(Connection database) throws SQLException {
        table(database).assertNone();
    }

    /** How the table differs from the winners in any column but {@code processed_at}. */
    OracleDiff table(Connection database) throws SQLException {
        Map<String, String> expected = new TreeMap<>();
        winners().values().forEach(event -> expected.put(event.eventId(), text(event)));
        Map<String, String> actual = new TreeMap<>();
        String query =
                "SELECT event_id::text AS event_id, event_type,"
                        + " (extract(epoch FROM occurred_at) * 1000000)::bigint AS occurred_at,"
                        + " user_id::text AS user_id, amount_cents, path, referrer,"
                        + " src_partition, src_offset FROM events_normalized";
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                OracleEvent event = event(rows);
                actual.put(event.eventId(), text(event));
            }
        }
        return new OracleDiff("the table", expected, actual, Map.of(), List.of());
    }

    /**
     * Asserts that the archive, as DuckDB reads it, has exactly the valid messages, each once, all
     * values equal, and each in the directory of its UTC date.
     */
    void assertParquet(Path root) throws SQLException {
        archive(root).assertNone();
    }

    /** How the archive differs from that. */
    OracleDiff archive(Path root) throws SQLException {
        Map<String, String> expected = new TreeMap<>();
        valid.forEach(
                event -> expected.put(event.coordinates(), text(event) + " dt=" + event.date()));
        Map<String, String> actual = new TreeMap<>();
        List<String> repeated = new ArrayList<>();
        String glob = "'" + root.toString().replace("'", "''") + "/**/*.parquet'";
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            // DuckDB refuses a pattern without files.
            if (exists(statement, "SELECT * FROM glob(" + glob + ")")) {
                String files = "read_parquet(" + glob + ", hive_partitioning = true)";
                assertColumns(statement, files);
                readArchive(statement, files, actual, repeated);
            }
        }
        return new OracleDiff("the archive", expected, actual, Map.of(), repeated);
    }

    /**
     * Asserts that the topics together hold exactly the expected dead letters, repeats aside: each
     * with its reason and stage, and with the original's key, value and headers byte for byte. Of a
     * refused message that another one beats, the database may have seen nothing; it may be there
     * or not.
     */
    void assertDeadLetters(Properties kafka, String... topics) {
        deadLetters(kafka, topics).assertNone();
    }

    /** How the topics differ from that. */
    OracleDiff deadLetters(Properties kafka, String... topics) {
        List<ConsumerRecord<byte[], byte[]>> deadLetters = new ArrayList<>();
        for (String topic : topics) {
            deadLetters.addAll(OracleTopic.read(kafka, topic));
        }
        return deadLetters(deadLetters);
    }

    void assertDeadLetters(List<ConsumerRecord<byte[], byte[]>> deadLetters) {
        deadLetters(deadLetters).assertNone();
    }

    private OracleDiff deadLetters(List<ConsumerRecord<byte[], byte[]>> deadLetters) {
        Map<String, String> expected = new TreeMap<>();
        deadLetters().forEach((at, reason) -> expected.put(at, deadLetterText(at, reason)));
        Map<String, String> tolerated = new TreeMap<>();
        valid.stream()
                .filter(databaseRefuses.or(refusedForAWhile))
                .forEach(
                        event ->
                                tolerated.put(
                                        event.coordinates(),
                                        deadLetterText(event.coordinates(), REFUSED)));
        Map<String, String> actual = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> deadLetter : deadLetters) {
            String at =
                    header(deadLetter, "streamforge.source.partition")
                            + "@"
                            + header(deadLetter, "streamforge.source.offset");
            // A repeat that differs from the first one must not hide behind it.
            actual.merge(at, text(deadLetter, at), (a, b) -> a.equals(b) ? a : a + " AND " + b);
        }
        return new OracleDiff("the dead letters", expected, actual, tolerated, List.of());
    }

    private List<OracleEvent> refused() {
        return valid.stream().filter(databaseRefuses).toList();
    }

    private String deadLetterText(String coordinates, String reason) {
        return reason + " " + stage(reason) + " " + messages.get(coordinates).text();
    }

    private String text(ConsumerRecord<byte[], byte[]> deadLetter, String coordinates) {
        OracleMessage copy = OracleMessage.of(deadLetter);
        OracleMessage original = messages.get(coordinates);
        byte[] value = copy.value();
        if (header(deadLetter, "streamforge.truncated") != null
                && original != null
                && Arrays.mismatch(original.value(), value) == value.length) {
            // Cut, as it has to be: what is left is the original's beginning.
            value = original.value();
        }
        return header(deadLetter, "streamforge.reason")
                + " "
                + header(deadLetter, "streamforge.stage")
                + " "
                + new OracleMessage(
                                copy.partition(), copy.offset(), copy.key(), value, copy.headers())
                        .text();
    }

    private static String stage(String reason) {
        return switch (reason) {
            case "EMPTY_PAYLOAD",
                    "TOO_LARGE",
                    "INVALID_ENCODING",
                    "MALFORMED_JSON",
                    "NOT_AN_OBJECT",
                    "DUPLICATE_FIELD" ->
                    "decode";
            case REFUSED -> "store";
            default -> "validate";
        };
    }

    private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
        Header header = message.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static boolean exists(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        }
    }

    private static void assertColumns(Statement statement, String files) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (ResultSet rows =
                statement.executeQuery("DESCRIBE SELECT * EXCLUDE (dt) FROM " + files)) {
            while (rows.next()) {
                columns.add(rows.getString("column_name") + " " + rows.getString("column_type"));
            }
        }
        if (!columns.equals(PARQUET_COLUMNS)) {
            throw new AssertionError(
                    "the archive's columns are " + columns + " and not " + PARQUET_COLUMNS);
        }
    }

    private static void readArchive(
            Statement statement, String files, Map<String, String> actual, List<String> repeated)
            throws SQLException {
        String query =
                "SELECT event_id, event_type, epoch_us(occurred_at) AS occurred_at, user_id,"
                        + " amount_cents, path, referrer, src_partition, src_offset,"
                        + " CAST(dt AS VARCHAR) AS dt, processed_at IS NOT NULL AS processed FROM "
                        + files;
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                OracleEvent event = event(rows);
                String text = text(event) + " dt=" + rows.getString("dt");
                if (!rows.getBoolean("processed")) {
                    text += " without processed_at";
                }
                if (actual.put(event.coordinates(), text) != null) {
                    repeated.add(event.coordinates());
                }
            }
        }
    }

    private static OracleEvent event(ResultSet row) throws SQLException {
        long amount = row.getLong("amount_cents");
        Long amountCents = row.wasNull() ? null : amount;
        return new OracleEvent(
                row.getString("event_id"),
                row.getString("event_type"),
                row.getLong("occurred_at"),
                row.getString("user_id"),
                amountCents,
                row.getString("path"),
                row.getString("referrer"),
                row.getInt("src_partition"),
                row.getLong("src_offset"));
    }

    /** All values; texts in quotes, so that none looks like null. */
    private static String text(OracleEvent event) {
        return event.eventId()
                + " "
                + event.eventType()
                + " occurred_at="
                + event.occurredAtMicros()
                + " user_id="
                + event.userId()
                + " amount_cents="
                + event.amountCents()
                + " path="
                + quoted(event.path())
                + " referrer="
                + quoted(event.referrer())
                + " at "
                + event.coordinates();
    }

    private static String quoted(String text) {
        return text == null ? "null" : '"' + text + '"';
    }
}
