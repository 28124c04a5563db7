package io.streamforge.sink;

import io.streamforge.event.Event;
import io.streamforge.event.Uuid;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one batch into the table: every row is stored, or loses against a newer one, or is refused
 * by the database on its own account. A database that is away, locked or broken costs no row: the
 * statement is tried again until the retry budget is spent, then the failure is thrown.
 *
 * <p>Used by one thread at a time, except {@link #abort()}.
 */
final class BatchStore {

    /** A row that the database will not take, and its reason. */
    record Refusal(Event event, SQLException cause) {}

    /**
     * What became of a batch.
     *
     * @param inserted rows that are new in the table
     * @param superseded rows that replaced an older one, or lost
     * @param refused rows that the database will not take
     */
    record Result(int inserted, int superseded, List<Refusal> refused) {}

    private static final Logger LOG = LoggerFactory.getLogger(BatchStore.class);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    /** No batch has more rows: BATCH_SIZE ends well below. */
    private static final int LARGEST_BATCH = 1 << 20;

    private static final String UNIQUE_VIOLATION = "23505";

    /**
     * One line for an outage, not one for each subtask, attempt and state that a server goes
     * through while it stops and starts; null while all is well.
     */
    private static final AtomicReference<Outage> OUTAGE = new AtomicReference<>();

    /**
     * @param noticedAt nanoseconds; a statement that began before it and succeeds does not end it
     */
    private record Outage(SqlFailure kind, long noticedAt) {}

    /** When the last outage was over: an attempt from before that fails late is a part of it. */
    private static volatile long recoveredAt = System.nanoTime();

    private static final Comparator<Event> BY_KEY_WINNER_FIRST =
            Comparator.comparing(Event::eventId).thenComparing(BatchStore::newerFirst);

    private final JdbcConnectionProvider connections;
    private final Duration retryBudget;
    private final Consumer<SqlFailure> onRetry;

    private final NewKeysExpected newKeys = new NewKeysExpected();

    /** Rows in one statement; less than all only where the database is slow. */
    private int rowsAtOnce = LARGEST_BATCH;

    private volatile boolean aborted;

    /**
     * @param retryBudget how long one statement is retried before its failure is thrown
     * @param onRetry called before each retry, for a counter
     */
    BatchStore(
            JdbcConnectionProvider connections,
            Duration retryBudget,
            Consumer<SqlFailure> onRetry) {
        this.connections = connections;
        this.retryBudget = retryBudget;
        this.onRetry = onRetry;
    }

    /**
     * Stores the batch. Of several messages with one event id the winner alone is sent; where the
     * database refuses it, the next best follows.
     *
     * @throws SQLException where the retry budget is spent
     * @throws InterruptedException where the thread is interrupted between two attempts
     */
    Result store(List<Event> batch) throws SQLException, InterruptedException {
        List<Event> sorted = new ArrayList<>(batch);
        sorted.sort(BY_KEY_WINNER_FIRST);
        List<Event> winners = new ArrayList<>(sorted.size());
        List<Event> runnersUp = new ArrayList<>();
        for (Event event : sorted) {
            boolean sameKey =
                    !winners.isEmpty()
                            && winners.get(winners.size() - 1).eventId().equals(event.eventId());
            (sameKey ? runnersUp : winners).add(event);
        }
        List<Refusal> refused = new ArrayList<>();
        int inserted = isolate(winners, refused);
        if (!refused.isEmpty() && !runnersUp.isEmpty()) {
            Set<Uuid> openKeys =
                    refused.stream().map(r -> r.event().eventId()).collect(Collectors.toSet());
            List<Event> second =
                    runnersUp.stream().filter(e -> openKeys.contains(e.eventId())).toList();
            if (!second.isEmpty()) {
                Result next = store(second);
                inserted += next.inserted();
                refused.addAll(next.refused());
            }
        }
        return new Result(inserted, batch.size() - inserted - refused.size(), refused);
    }

    /**
     * Upserts the rows, halving where the database refuses one, or does not finish so many in one
     * statement; returns the inserted ones.
     */
    private int isolate(List<Event> rows, List<Refusal> refused)
            throws SQLException, InterruptedException {
        if (rows.size() > rowsAtOnce) {
            return isolateHalves(rows, refused);
        }
        try {
            int inserted = upsert(rows).inserted();
            if (rowsAtOnce < LARGEST_BATCH) {
                rowsAtOnce += Math.max(1, rowsAtOnce / 16);
            }
            return inserted;
        } catch (SQLException e) {
            if (tooSlow(e, rows)) {
                rowsAtOnce = rows.size() / 2;
                return isolateHalves(rows, refused);
            }
            if (SqlFailure.of(e) != SqlFailure.ROW) {
                throw e;
            }
            if (rows.size() == 1) {
                refused.add(new Refusal(rows.get(0), e));
                return 0;
            }
            return isolateHalves(rows, refused);
        }
    }

    private int isolateHalves(List<Event> rows, List<Refusal> refused)
            throws SQLException, InterruptedException {
        int middle = rows.size() / 2;
        return isolate(rows.subList(0, middle), refused)
                + isolate(rows.subList(middle, rows.size()), refused);
    }

    /** Whether statement_timeout ended it, and fewer rows might do: trying the same again won't. */
    private static boolean tooSlow(SQLException e, List<Event> rows) {
        return rows.size() > 1 && "57014".equals(e.getSQLState());
    }

    private UpsertStatement.Outcome upsert(List<Event> rows)
            throws SQLException, InterruptedException {
        UpsertStatement statement = new UpsertStatement(rows);
        long deadline = System.nanoTime() + retryBudget.toNanos();
        for (int attempt = 0; ; attempt++) {
            long begun = System.nanoTime();
            try {
                UpsertStatement.Outcome outcome = execute(statement, rows.size());
                Outage outage = OUTAGE.get();
                if (outage != null
                        && begun - outage.noticedAt() > 0
                        && OUTAGE.compareAndSet(outage, null)) {
                    recoveredAt = System.nanoTime();
                    LOG.info("Postgres takes rows again");
                }
                return outcome;
            } catch (SQLException e) {
                SqlFailure kind = SqlFailure.of(e);
                if (kind == SqlFailure.ROW || aborted || tooSlow(e, rows)) {
                    throw e;
                }
                if (begun - recoveredAt > 0) {
                    report(kind, e);
                }
                // A connection that survived a failover or a time-out may look healthy and not be.
                connections.closeConnection();
                if (System.nanoTime() >= deadline) {
                    throw e;
                }
                onRetry.accept(kind);
                Thread.sleep(backoffMillis(attempt));
            }
        }
    }

    private UpsertStatement.Outcome execute(UpsertStatement statement, int rows)
            throws SQLException {
        if (newKeys.worthTrying(rows)) {
            try {
                UpsertStatement.Outcome outcome = statement.insert(connection());
                newKeys.won();
                return outcome;
            } catch (SQLException e) {
                if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                    throw e;
                }
                newKeys.lost();
            }
        }
        return statement.upsert(connection());
    }

    private Connection connection() throws SQLException {
        Connection open = connections.getConnection();
        if (open != null) {
            // Not asked whether it is valid, which would be a round trip: after a failure it is
            // closed, and then there is none.
            return open;
        }
        try {
            return connections.getOrEstablishConnection();
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the Postgres driver is not on the class path", e);
        }
    }

    private void report(SqlFailure kind, SQLException e) {
        Outage before = OUTAGE.get();
        boolean known = before != null && before.kind() == kind;
        if (!known && OUTAGE.compareAndSet(before, new Outage(kind, System.nanoTime()))) {
            LOG.warn(
                    "Postgres takes no rows ({} failure, SQLSTATE {}): {}; retrying for up to {},"
                            + " nothing is dead-lettered meanwhile",
                    kind,
                    e.getSQLState(),
                    // The rest is detail, position and context, each on a line of its own.
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    retryBudget);
        }
    }

    /** Exponential with full jitter, so that subtasks don't come back in step. */
    private static long backoffMillis(int attempt) {
        long ceiling =
                Math.min(
                        LONGEST_BACKOFF.toMillis(),
                        FIRST_BACKOFF.toMillis() << Math.min(attempt, 16));
        return ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1);
    }

    private static int newerFirst(Event left, Event right) {
        if (left.supersedes(right)) {
            return -1;
        }
        return right.supersedes(left) ? 1 : 0;
    }

    /** Breaks off whatever statement is running, from another thread, and closes the connection. */
    void abort() {
        aborted = true;
        Connection connection = connections.getConnection();
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("the connection was already gone", e);
            }
        }
    }
}
