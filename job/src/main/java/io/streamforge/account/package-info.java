/**
 * The proof that nothing got lost: every consumed message in exactly one class, computed from the
 * stores themselves.
 *
 * <p>Start at {@link io.streamforge.account.AccountAudit}. It gathers an {@code Evidence} from
 * Kafka, Postgres and Parquet, whose set algebra gives the classes and the findings of an {@link
 * io.streamforge.account.Account}. Nothing here refers to Flink, so that the command line can run
 * it on a bare JDK.
 */
package io.streamforge.account;
