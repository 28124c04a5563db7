package io.streamforge.sink;

import static io.streamforge.sink.SqlFailure.ROW;
import static io.streamforge.sink.SqlFailure.SYSTEMIC;
import static io.streamforge.sink.SqlFailure.TRANSIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The policy's table, state by state; a row is blamed only where the list says so. */
class SqlFailureTest {

    private static Stream<Arguments> policy() {
        return Stream.of(
                        states(TRANSIENT, "08000", "08001", "08003", "08004", "08006", "08007"),
                        states(TRANSIENT, "08P01", "57P01", "57P02", "57P03", "40001", "40P01"),
                        states(TRANSIENT, "55P03", "57014", "53300", "25006"),
                        states(ROW, "22001", "22003", "22007", "22008", "22021", "22P02", "22P05"),
                        states(ROW, "23000", "23001", "23502", "23503", "23505", "23514", "23P01"),
                        states(ROW, "44000", "54000", "P0001"),
                        // Privileges, missing or changed tables, missing databases and schemas.
                        states(SYSTEMIC, "42501", "42601", "42703", "42804", "42883", "42P01"),
                        states(SYSTEMIC, "28000", "28P01", "3D000", "3F000"),
                        // Disk, memory and the server's other limits.
                        states(SYSTEMIC, "53000", "53100", "53200", "53400", "58000", "58030"),
                        states(SYSTEMIC, "54001", "54011", "54023"),
                        // Neighbours of states that are transient or a row's.
                        states(SYSTEMIC, "57000", "57P04", "57P05", "40000", "40002", "40003"),
                        states(SYSTEMIC, "25000", "25001", "25P02", "55000", "55006", "55P02"),
                        states(SYSTEMIC, "P0000", "P0002", "P0003", "P0004"),
                        states(SYSTEMIC, "0A000", "XX000", "XX001", "XX002"),
                        // 21000 would be two rows of one key in a statement: a fault of our own.
                        states(SYSTEMIC, "21000", "F0000", "HV000", "ZZZZZ", "99999"),
                        states(SYSTEMIC, null, "", "22", "230", "2350", "235050"))
                .flatMap(group -> group);
    }

    private static Stream<Arguments> states(SqlFailure kind, String... states) {
        return Arrays.stream(states).map(state -> Arguments.of(state, kind));
    }

    @ParameterizedTest
    @MethodSource("policy")
    void everyStateHasItsKind(String state, SqlFailure kind) {
        assertThat(SqlFailure.of(new SQLException("refused", state))).isEqualTo(kind);
    }
}
