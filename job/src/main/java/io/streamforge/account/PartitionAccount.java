package io.streamforge.account;

/**
 * The {@link Account} of one partition of the input topic.
 *
 * @param partition its number
 * @param consumed as in the account
 * @param stored as in the account
 * @param superseded as in the account
 * @param deadLettered as in the account
 */
public record PartitionAccount(
        int partition, long consumed, long stored, long superseded, long deadLettered) {

    /** Every consumed message of the partition is in exactly one class. */
    public boolean balanced() {
        return consumed == stored + superseded + deadLettered;
    }
}
