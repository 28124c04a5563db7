package io.streamforge.sink;

import java.sql.SQLException;
import java.util.Set;

/**
 * What a failed statement means for the rows in it, by its SQLSTATE (PostgreSQL manual, appendix
 * A).
 *
 * <table>
 * <caption>The policy</caption>
 * <tr><th>kind</th><th>SQLSTATE</th><th>what happens</th></tr>
 * <tr><td>TRANSIENT</td><td>08, 57P01–57P03, 40001, 40P01, 55P03, 57014, 53300, 25006</td>
 *     <td>retried with backoff; never a dead letter</td></tr>
 * <tr><td>ROW</td><td>22, 23, 44000, 54000, P0001</td>
 *     <td>isolated by halving; the good rows are stored, the bad one is dead-lettered</td></tr>
 * <tr><td>SYSTEMIC</td><td>everything else, and none at all</td>
 *     <td>retried with backoff, reported once; never a dead letter</td></tr>
 * </table>
 */
enum SqlFailure {
    /** The same statement may succeed later or on another connection. */
    TRANSIENT,
    /** One of the rows is to blame. */
    ROW,
    /** The table, the privileges, the disk: no row is to blame and a person has to act. */
    SYSTEMIC;

    private static final Set<String> TRANSIENT_STATES =
            Set.of(
                    "57P01", // admin_shutdown
                    "57P02", // crash_shutdown
                    "57P03", // cannot_connect_now
                    "40001", // serialization_failure
                    "40P01", // deadlock_detected
                    "55P03", // lock_not_available
                    "57014", // query_canceled: statement_timeout
                    "53300", // too_many_connections
                    "25006"); // read_only_sql_transaction: a failover left us on a replica

    private static final Set<String> ROW_STATES =
            Set.of(
                    "44000", // with_check_option_violation
                    "54000", // program_limit_exceeded: an index row too large
                    "P0001"); // raise_exception: a trigger

    static SqlFailure of(SQLException failure) {
        String state = failure.getSQLState();
        if (state == null || state.length() != 5) {
            return SYSTEMIC;
        }
        if (state.startsWith("08") || TRANSIENT_STATES.contains(state)) {
            return TRANSIENT;
        }
        if (state.startsWith("22") || state.startsWith("23") || ROW_STATES.contains(state)) {
            return ROW;
        }
        return SYSTEMIC;
    }
}
