package io.streamforge.sink;

import io.streamforge.config.PostgresConfig;
import io.streamforge.event.DeadLetter;
import io.streamforge.event.Event;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;

/**
 * Events to {@code events_normalized}. Effectively once: at least once with an upsert whose guard
 * makes replays and reordering harmless. A row that the database refuses becomes a dead letter,
 * durable before the checkpoint that covers it completes.
 *
 * <p>Written on flink-connector-jdbc's connection options and provider; its own JdbcSink retries a
 * batch with one bad row for ever, and may commit a part of it.
 */
public final class PostgresUpsertSink implements Sink<Event> {

    private static final long serialVersionUID = 1L;

    private final PostgresConfig postgres;
    private final Sink<DeadLetter> refusedRows;

    private PostgresUpsertSink(PostgresConfig postgres, Sink<DeadLetter> refusedRows) {
        this.postgres = postgres;
        this.refusedRows = refusedRows;
    }

    /** The sink, which writes the rows that the database refuses to {@code refusedRows}. */
    public static PostgresUpsertSink create(PostgresConfig postgres, Sink<DeadLetter> refusedRows) {
        return new PostgresUpsertSink(postgres, refusedRows);
    }

    @Override
    public SinkWriter<Event> createWriter(WriterInitContext context) throws IOException {
        return new PostgresUpsertWriter(
                context,
                new SimpleJdbcConnectionProvider(connectionOptions()),
                refusedRows.createWriter(context),
                postgres);
    }

    /** Built here, on the task manager, so that the password is never in the job graph. */
    private JdbcConnectionOptions connectionOptions() {
        JdbcConnectionOptions.JdbcConnectionOptionsBuilder options =
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                        .withUrl(postgres.url())
                        .withDriverName(PostgresConnections.DRIVER);
        PostgresConnections.properties(postgres)
                .forEach((name, value) -> options.withProperty((String) name, (String) value));
        return options.build();
    }
}
