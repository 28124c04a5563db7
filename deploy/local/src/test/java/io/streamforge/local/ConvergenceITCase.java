package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The table is a function of the set of messages, not of their order, of the number of subtasks or
 * of how they are batched.
 */
class ConvergenceITCase {

    /** {@code -Dstreamforge.test.convergence.events=100000} for a longer run. */
    private static final int EVENTS =
            Integer.getInteger("streamforge.test.convergence.events", 30_000);

    private static final int PARTITIONS = Topics.DEFAULT_PARTITIONS;
    private static final String INPUT = "convergence.input";

    @TempDir Path data;

    @Test
    void threeGroupsOfDifferentParallelismMakeTheSameTable() throws Exception {
        try (Pipeline one = reader("convergence-1", "1000");
                Pipeline two = reader("convergence-2", "333");
                Pipeline four = reader("convergence-4", "50")) {
            sendInRandomOrder(one);

            one.start(1);
            two.start(2);
            four.start(4);

            Account account = one.finish();
            assertThat(account.consumed()).isEqualTo(EVENTS);
            assertThat(account.superseded()).isBetween(EVENTS * 2L / 5, EVENTS * 3L / 5);
            assertThat(two.finish().line()).startsWith(classes(account));
            assertThat(four.finish().line()).startsWith(classes(account));

            List<String> table = table(one);
            assertThat(table).hasSize((int) account.stored());
            // Not containsExactly: its report of two such tables would take for ever.
            assertThat(table.equals(table(two))).as("1 and 2 subtasks").isTrue();
            assertThat(table.equals(table(four))).as("1 and 4 subtasks").isTrue();
        }
    }

    private Pipeline reader(String name, String batchSize) throws Exception {
        return Pipeline.reading(INPUT, name, data).with(Setting.BATCH_SIZE, batchSize);
    }

    /** Half of them are copies and corrections, often before what they repeat and elsewhere. */
    private static void sendInRandomOrder(Pipeline pipeline) {
        EventFactory factory =
                new EventFactory(
                        new GeneratorOptions(EVENTS, 0, 1, 50, 7),
                        Pipeline.MAX_EVENT_BYTES,
                        InstantSource.system());
        List<GeneratedEvent> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            events.add(factory.next());
        }
        Random random = new Random(7);
        Collections.shuffle(events, random);
        for (GeneratedEvent event : events) {
            pipeline.send(random.nextInt(PARTITIONS), event.key(), event.value());
        }
        pipeline.flush();
    }

    /** The numbers that don't depend on how the run went, unlike those of files. */
    private static String classes(Account account) {
        return account.line().replaceFirst("parquet_files=.*", "");
    }

    private static List<String> table(Pipeline pipeline) throws SQLException {
        List<String> table = new ArrayList<>();
        try (Connection connection = pipeline.connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT (to_jsonb(row) - 'processed_at')::text"
                                        + " FROM events_normalized AS row ORDER BY event_id")) {
            while (rows.next()) {
                table.add(rows.getString(1));
            }
        }
        return table;
    }
}
