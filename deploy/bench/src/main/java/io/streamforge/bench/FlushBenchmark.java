package io.streamforge.bench;

import io.streamforge.bench.peer.DataStreamPeer;
import io.streamforge.bench.peer.PlainEvent;
import io.streamforge.bench.peer.PlainParser;
import io.streamforge.event.Event;
import io.streamforge.sink.BareUpsert;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;

/**
 * From a batch of events to the bytes on the wire and back, with pgjdbc's own code and a database
 * that takes no time ({@link FakePostgres}): what a flush costs the job's process. The job's upsert
 * from binary arrays stands beside the arrays that the driver makes itself, which has text for
 * UUIDs and times and binary for the rest, and beside the stock sink's batch, a row a statement,
 * which the driver rewrites to many rows a statement. What the forms cost in the database is not in
 * it.
 */
@OperationsPerInvocation(FlushBenchmark.ROWS)
public class FlushBenchmark extends EventBenchmark {

    /** The usual BATCH_SIZE. */
    static final int ROWS = 1_000;

    private static final String FROM_ARRAYS =
            "INSERT INTO events_normalized SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final FakePostgres database = new FakePostgres();
    private final FakePostgres batchDatabase = new FakePostgres();
    private final List<PlainEvent> plainEvents = new ArrayList<>();
    private Connection connection;
    private PreparedStatement batch;

    public FlushBenchmark() {
        super(ROWS);
    }

    @Setup
    public void check() throws SQLException, IOException {
        events.sort(Comparator.comparing(Event::eventId));
        PlainParser parser = new PlainParser();
        for (Event event : events) {
            PlainEvent plain = parser.parse(event.raw().value());
            plain.processedAt = event.processedAtMicros();
            plain.partition = event.raw().partition();
            plain.offset = event.raw().offset();
            plainEvents.add(plain);
        }
        connection = database.connect("");
        batch =
                batchDatabase
                        .connect(DataStreamPeer.URL_PARAMETERS)
                        .prepareStatement(DataStreamPeer.UPSERT);

        streamForge();
        List<List<String>> ours = SentRows.of(database.lastMessages());
        requireSame(ours, events.stream().map(FlushBenchmark::row).toList());
        driversArrays();
        requireSame(ours, SentRows.of(database.lastMessages()));
        rewrittenBatch();
        requireSame(ours, SentRows.of(batchDatabase.lastMessages()));
    }

    private static List<String> row(Event event) {
        return List.of(
                event.eventId().toString(),
                event.eventType().name(),
                String.valueOf(event.occurredAtMicros()),
                event.userId().toString(),
                String.valueOf(event.amountCents()),
                String.valueOf(event.path()),
                String.valueOf(event.referrer()),
                String.valueOf(event.processedAtMicros()),
                String.valueOf(event.raw().partition()),
                String.valueOf(event.raw().offset()));
    }

    @Benchmark
    public void streamForge() throws SQLException {
        BareUpsert.execute(connection, events);
    }

    @Benchmark
    public int driversArrays() throws SQLException {
        String[] eventId = new String[ROWS];
        String[] eventType = new String[ROWS];
        OffsetDateTime[] occurredAt = new OffsetDateTime[ROWS];
        String[] userId = new String[ROWS];
        Long[] amountCents = new Long[ROWS];
        String[] path = new String[ROWS];
        String[] referrer = new String[ROWS];
        OffsetDateTime[] processedAt = new OffsetDateTime[ROWS];
        Integer[] srcPartition = new Integer[ROWS];
        Long[] srcOffset = new Long[ROWS];
        for (int i = 0; i < ROWS; i++) {
            Event event = events.get(i);
            eventId[i] = plainEvents.get(i).event_id;
            eventType[i] = event.eventType().name();
            occurredAt[i] = time(event.occurredAtMicros());
            userId[i] = plainEvents.get(i).user_id;
            amountCents[i] = event.amountCents();
            path[i] = event.path();
            referrer[i] = event.referrer();
            processedAt[i] = time(event.processedAtMicros());
            srcPartition[i] = event.raw().partition();
            srcOffset[i] = event.raw().offset();
        }
        try (PreparedStatement statement = connection.prepareStatement(FROM_ARRAYS)) {
            statement.setArray(1, connection.createArrayOf("uuid", eventId));
            statement.setArray(2, connection.createArrayOf("text", eventType));
            statement.setArray(3, connection.createArrayOf("timestamptz", occurredAt));
            statement.setArray(4, connection.createArrayOf("uuid", userId));
            statement.setArray(5, connection.createArrayOf("int8", amountCents));
            statement.setArray(6, connection.createArrayOf("text", path));
            statement.setArray(7, connection.createArrayOf("text", referrer));
            statement.setArray(8, connection.createArrayOf("timestamptz", processedAt));
            statement.setArray(9, connection.createArrayOf("int4", srcPartition));
            statement.setArray(10, connection.createArrayOf("int8", srcOffset));
            return statement.executeUpdate();
        }
    }

    private static OffsetDateTime time(long micros) {
        return OffsetDateTime.ofInstant(
                Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
    }

    @Benchmark
    public int[] rewrittenBatch() throws SQLException {
        for (PlainEvent event : plainEvents) {
            DataStreamPeer.bind(batch, event);
            batch.addBatch();
        }
        return batch.executeBatch();
    }
}
