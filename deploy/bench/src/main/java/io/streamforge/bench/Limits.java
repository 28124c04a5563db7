package io.streamforge.bench;

import io.streamforge.cli.SchemaMigration;
import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.local.PostgresProcess;
import io.streamforge.sink.BareUpsert;
import io.streamforge.validate.EventParser;
import io.streamforge.validate.ParseResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * What Postgres and Kafka take at best, with nothing else running: the valid events of the topic,
 * made and parsed beforehand in chunks, so that the clock runs while the database works and no
 * longer.
 */
final class Limits {

    /** Rows in a transaction of the bare upsert. */
    static final int UPSERT_ROWS = 5_000;

    private static final int CHUNK = 100_000;

    private final BenchStack stack;
    private final InputTopic topic;
    private final StartingTable table;

    Limits(BenchStack stack, InputTopic topic, StartingTable table) {
        this.stack = stack;
        this.topic = topic;
        this.table = table;
    }

    /** Takes a chunk of events; what it returns is the time that counts, in nanoseconds. */
    private interface Writer {
        long write(List<Event> chunk) throws SQLException, IOException;
    }

    /** One COPY on one connection; rows a second. */
    double copy(long warmUpRows) throws Exception {
        return inDatabase(
                "copy_limit",
                database -> {
                    PGConnection postgres = database.unwrap(PGConnection.class);
                    CopyIn copy = postgres.getCopyAPI().copyIn("COPY events_normalized FROM STDIN");
                    return rate(
                            warmUpRows,
                            chunk -> {
                                List<byte[]> blocks = new ArrayList<>();
                                for (int i = 0; i < chunk.size(); i += 500) {
                                    blocks.add(text(chunk, i, i + 500));
                                }
                                long begun = System.nanoTime();
                                for (byte[] block : blocks) {
                                    copy.writeToCopy(block, 0, block.length);
                                }
                                copy.flushCopy();
                                return System.nanoTime() - begun;
                            },
                            () -> {
                                long begun = System.nanoTime();
                                copy.endCopy();
                                return System.nanoTime() - begun;
                            });
                });
    }

    /** The job's own upsert on one connection, in transactions of so many rows; rows a second. */
    double upsert(int batchRows, long warmUpRows) throws Exception {
        return inDatabase("upsert_limit", database -> upsert(database, batchRows, warmUpRows));
    }

    private double upsert(Connection database, int batchRows, long warmUpRows)
            throws SQLException, IOException {
        return rate(
                warmUpRows,
                chunk -> {
                    List<List<Event>> batches = new ArrayList<>();
                    for (int i = 0; i < chunk.size(); i += batchRows) {
                        List<Event> batch =
                                new ArrayList<>(
                                        chunk.subList(i, Math.min(chunk.size(), i + batchRows)));
                        batch.sort(Comparator.comparing(Event::eventId));
                        batches.add(batch);
                    }
                    long begun = System.nanoTime();
                    for (List<Event> batch : batches) {
                        BareUpsert.execute(database, batch);
                    }
                    return System.nanoTime() - begun;
                },
                () -> 0);
    }

    /** Polling alone, one thread; messages a second. */
    double poll() {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", stack.brokers(), "max.poll.records", 5_000),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    IntStream.range(0, topic.partitions())
                            .mapToObj(number -> new TopicPartition(topic.name(), number))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long seen = 0;
            long begun = System.nanoTime();
            while (seen < topic.events()) {
                seen += consumer.poll(Duration.ofSeconds(10)).count();
            }
            return seen * 1e9 / (System.nanoTime() - begun);
        }
    }

    private interface Work {
        double in(Connection database) throws SQLException, IOException;
    }

    private double inDatabase(String name, Work work) throws Exception {
        stack.drop(name);
        stack.createDatabase(name, table);
        String url = stack.postgres().jdbcUrl(name);
        SchemaMigration.migrate(url, PostgresProcess.NAME, PostgresProcess.NAME);
        try (Connection database =
                java.sql.DriverManager.getConnection(
                        url, PostgresProcess.NAME, PostgresProcess.NAME)) {
            return work.in(database);
        } finally {
            stack.drop(name);
        }
    }

    /** The end of the work. */
    private interface End {
        long finish() throws SQLException;
    }

    private double rate(long warmUpRows, Writer writer, End end) throws SQLException, IOException {
        BenchEvents source = new BenchEvents(topic.shape());
        EventParser parser = new EventParser(InputTopic.MAX_EVENT_BYTES);
        List<Event> chunk = new ArrayList<>(CHUNK);
        long nanos = 0;
        long rows = 0;
        long counted = 0;
        while (source.made() < topic.events()) {
            RawEvent raw = raw(source);
            if (parser.parse(raw, 1_772_323_200_000_000L + source.made())
                    instanceof ParseResult.Accepted accepted) {
                chunk.add(accepted.event());
            }
            if (chunk.size() == CHUNK || source.made() == topic.events()) {
                long took = writer.write(chunk);
                rows += chunk.size();
                if (rows > warmUpRows) {
                    nanos += took;
                    counted += chunk.size();
                }
                chunk.clear();
            }
        }
        nanos += end.finish();
        return counted * 1e9 / nanos;
    }

    private RawEvent raw(BenchEvents source) {
        byte[] value = source.next();
        int partition = (int) ((source.made() - 1) % topic.partitions());
        return new RawEvent(
                source.key(),
                value,
                List.of(),
                topic.name(),
                partition,
                (source.made() - 1) / topic.partitions(),
                0);
    }

    private static byte[] text(List<Event> chunk, int from, int to) {
        StringBuilder rows = new StringBuilder();
        for (Event event : chunk.subList(from, Math.min(chunk.size(), to))) {
            rows.append(event.eventId()).append('\t').append(event.eventType()).append('\t');
            rows.append(time(event.occurredAtMicros())).append('\t');
            rows.append(event.userId()).append('\t').append(event.amountCents()).append('\t');
            rows.append(event.path()).append('\t');
            rows.append(event.referrer() == null ? "\\N" : event.referrer()).append('\t');
            rows.append(time(event.processedAtMicros())).append('\t');
            rows.append(event.raw().partition()).append('\t');
            rows.append(event.raw().offset()).append('\n');
        }
        return rows.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Instant time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
