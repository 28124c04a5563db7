package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import io.streamforge.account.AccountAudit;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.sink.PostgresConnections;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Predicate;

/**
 * What every run has to end with, whatever happened on the way: the account balances, and table,
 * archive and dead letters are what the oracle makes of the input topic.
 */
public final class Invariant {

    private final Oracle oracle;
    private final OracleDiff table;
    private final OracleDiff archive;
    private final OracleDiff deadLetters;
    private final Account account;

    private Invariant(
            Oracle oracle,
            OracleDiff table,
            OracleDiff archive,
            OracleDiff deadLetters,
            Account account) {
        this.oracle = oracle;
        this.table = table;
        this.archive = archive;
        this.deadLetters = deadLetters;
        this.account = account;
    }

    /**
     * Asserts it for a pipeline that has processed all of its topic and is stopped.
     *
     * @return the account, for what more a test knows about it
     */
    static Account assertHolds(StreamForgeConfig config) throws IOException, SQLException {
        Invariant invariant = of(config, event -> false);
        invariant.assertHolds();
        Oracle oracle = invariant.oracle;
        assertThat(invariant.account.line())
                .startsWith(
                        String.format(
                                Locale.ROOT,
                                "consumed=%d stored=%d superseded=%d dead_lettered=%d"
                                        + " parquet_rows=%d ",
                                oracle.consumed(),
                                oracle.winners().size(),
                                oracle.valid().size() - oracle.winners().size(),
                                oracle.deadLetters().size(),
                                oracle.valid().size()));
        return invariant.account;
    }

    /**
     * Looks at the stores of such a pipeline.
     *
     * @param databaseRefuses the valid messages that the database does not take
     */
    public static Invariant of(StreamForgeConfig config, Predicate<OracleEvent> databaseRefuses)
            throws IOException, SQLException {
        return of(config, databaseRefuses, event -> false);
    }

    /**
     * As above.
     *
     * @param refusedForAWhile those that it has taken in the end, and that may have been
     *     dead-lettered before
     */
    public static Invariant of(
            StreamForgeConfig config,
            Predicate<OracleEvent> databaseRefuses,
            Predicate<OracleEvent> refusedForAWhile)
            throws IOException, SQLException {
        Properties kafka = config.kafka().clientProperties();
        String input = config.kafka().inputTopic();
        String dlq = config.kafka().dlqTopic();
        String parking = config.kafka().parkingTopic();
        Oracle oracle =
                Oracle.ofTopic(kafka, input, config.maxEventBytes(), databaseRefuses)
                        .refusedForAWhile(refusedForAWhile);
        OracleDiff table;
        try (Connection database = PostgresConnections.open(config.postgres())) {
            table = oracle.table(database);
        }
        return new Invariant(
                oracle,
                table,
                oracle.archive(Path.of(config.parquet().root())),
                oracle.deadLetters(kafka, dlq, parking),
                account(config));
    }

    public void assertHolds() {
        table.assertNone();
        archive.assertNone();
        deadLetters.assertNone();
        assertThat(account.findings()).isEmpty();
        assertThat(account.balanced()).as(account.line()).isTrue();
        assertThat(account.consumed()).isEqualTo(oracle.consumed());
    }

    public Account account() {
        return account;
    }

    /** Messages in the input topic. */
    public int events() {
        return oracle.consumed();
    }

    /** Rows and dead letters that are missing, or are not what they should be. */
    public int lost() {
        return table.lost() + archive.lost() + deadLetters.lost();
    }

    /** Rows that are there twice, or should not be there at all. */
    public int doubled() {
        return table.extra() + archive.extra() + table.repeated() + archive.repeated();
    }

    /** Dead letters that should not be there. */
    public int wronglyDeadLettered() {
        return deadLetters.extra();
    }

    static Account account(StreamForgeConfig config) throws IOException, SQLException {
        return AccountAudit.of(config).compute();
    }
}
