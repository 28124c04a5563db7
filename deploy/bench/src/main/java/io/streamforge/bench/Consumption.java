package io.streamforge.bench;

import io.streamforge.account.DeadLetterCoordinates;
import io.streamforge.account.TopicReader;
import io.streamforge.sink.PostgresConnections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * How many events of a topic were done with when, whether they became rows, dead letters or copies
 * that left no trace: the {@link Clock} that is the same for all of them.
 *
 * <p>Postgres tells when each row was committed, and Kafka's broker when each dead letter was
 * appended; both have the coordinates of the event that they came from. Of each partition the
 * events up to an offset are done with once the table and the dead letters have both got that far;
 * where a topic has only valid or only invalid events, one of them is enough. Within a partition
 * the job keeps the order but for what is in one batch, so the curve is exact but for a batch,
 * which it leads by at its start as at its end.
 */
final class Consumption {

    private static final int TABLE = 0;
    private static final int DEAD_LETTERS = 1;

    private static final String ROWS =
            """
            SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint,
                src_partition, last
            FROM (SELECT xmin, src_partition, max(src_offset) AS last FROM events_normalized
                WHERE src_partition < ? GROUP BY xmin, src_partition) AS transactions
            """;

    /** By then the store held this event. */
    private record Mark(long micros, int store, int partition, long offset) {}

    private final InputTopic topic;
    private final List<Mark> marks = new ArrayList<>();

    private Consumption(InputTopic topic) {
        this.topic = topic;
    }

    static Curve of(JobProcess job, InputTopic topic) throws SQLException {
        Consumption consumption = new Consumption(topic);
        consumption.addRows(job);
        consumption.addDeadLetters(job);
        return consumption.curve();
    }

    private void addRows(JobProcess job) throws SQLException {
        try (Connection database = PostgresConnections.open(job.config().postgres());
                PreparedStatement statement = database.prepareStatement(ROWS)) {
            statement.setInt(1, topic.partitions());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    marks.add(new Mark(rows.getLong(1), TABLE, rows.getInt(2), rows.getLong(3)));
                }
            }
        }
    }

    private void addDeadLetters(JobProcess job) {
        try (TopicReader reader =
                new TopicReader(
                        job.config().kafka().clientProperties(), job.config().kafka().groupId())) {
            reader.readAll(
                    job.deadLetterTopic(),
                    letter -> {
                        DeadLetterCoordinates source = DeadLetterCoordinates.of(letter.headers());
                        marks.add(
                                new Mark(
                                        TimeUnit.MILLISECONDS.toMicros(letter.timestamp()),
                                        DEAD_LETTERS,
                                        source.partition(),
                                        source.offset()));
                    });
        }
    }

    private Curve curve() {
        marks.sort(Comparator.comparingLong(Mark::micros));
        long[][] reached = new long[2][topic.partitions()];
        SortedMap<Long, Long> counts = new TreeMap<>();
        long total = 0;
        for (Mark mark : marks) {
            long before = done(reached, mark.partition());
            long[] store = reached[mark.store()];
            store[mark.partition()] = Math.max(store[mark.partition()], mark.offset() + 1);
            total += done(reached, mark.partition()) - before;
            counts.put(mark.micros(), total);
        }
        return new Curve(counts);
    }

    private long done(long[][] reached, int partition) {
        if (topic.invalid() == 0) {
            return reached[TABLE][partition];
        }
        if (topic.rows() == 0) {
            return reached[DEAD_LETTERS][partition];
        }
        return Math.min(reached[TABLE][partition], reached[DEAD_LETTERS][partition]);
    }
}
