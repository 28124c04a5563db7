package io.streamforge.account;

import static io.streamforge.account.OffsetSetTest.set;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Every consumed message is in one class, and every broken rule is found and named. */
class EvidenceTest {

    private static final OffsetSet NONE = new OffsetSet();

    @Test
    void everyMessageIsInExactlyOneClass() {
        Evidence evidence =
                new Evidence(
                        set(0, 1, 2, 3, 4, 5),
                        set(0, 1, 2, 4, 5),
                        NONE,
                        set(0, 3),
                        set(0, 4, 5),
                        set(0, 1, 5),
                        NONE);

        assertThat(evidence.stored().first(9)).containsExactly("0@1", "0@5");
        assertThat(evidence.supersededCandidates().first(9)).containsExactly("0@2");
        assertThat(evidence.deadLettered().first(9)).containsExactly("0@3", "0@4");
        assertThat(evidence.overlap().first(9)).containsExactly("0@5");
        assertThat(findings(evidence)).isEmpty();
    }

    @Test
    void whatIsInNoStoreIsFound() {
        assertThat(
                        findings(
                                new Evidence(
                                        set(0, 1, 2, 3, 4, 5, 6, 7),
                                        NONE,
                                        NONE,
                                        set(0, 1),
                                        NONE,
                                        NONE,
                                        NONE)))
                .containsExactly(
                        "consumed, but neither in Parquet nor dead-lettered by decode or validate:"
                                + " 6 messages: 0@2, 0@3, 0@4, 0@5, 0@6, …");
    }

    @Test
    void aRefusedMessageMustBeInParquetToo() {
        assertThat(findings(new Evidence(set(0, 1), NONE, NONE, NONE, set(0, 1), NONE, NONE)))
                .containsExactly(
                        "consumed, but neither in Parquet nor dead-lettered by decode or validate:"
                                + " 1 message: 0@1");
    }

    @Test
    void whatNobodyConsumedIsFound() {
        Evidence evidence =
                new Evidence(NONE, set(0, 1), NONE, set(0, 2), set(0, 3), set(0, 1), NONE);

        assertThat(findings(evidence))
                .containsExactly(
                        "in Parquet, but not consumed: 1 message: 0@1",
                        "dead-lettered, but not consumed: 2 messages: 0@2, 0@3");
        assertThat(evidence.stored().isEmpty()).isTrue();
        assertThat(evidence.deadLettered().isEmpty()).isTrue();
    }

    @Test
    void validAndRejectedAtOnceIsFound() {
        assertThat(findings(new Evidence(set(0, 1), set(0, 1), NONE, set(0, 1), NONE, NONE, NONE)))
                .containsExactly(
                        "in Parquet and dead-lettered by decode or validate as well:"
                                + " 1 message: 0@1");
    }

    @Test
    void repeatsAreFound() {
        assertThat(
                        findings(
                                new Evidence(
                                        set(0, 1), set(0, 1), set(0, 1), NONE, NONE, set(0, 1),
                                        set(0, 1))))
                .containsExactly(
                        "more than once in Parquet: 1 message: 0@1",
                        "in more than one row of the table: 1 message: 0@1");
    }

    @Test
    void aRowWithoutParquetIsFound() {
        assertThat(findings(new Evidence(set(0, 1), NONE, NONE, set(0, 1), NONE, set(0, 1), NONE)))
                .containsExactly("in the table, but not in Parquet: 1 message: 0@1");
    }

    @Test
    void anAccountBalancesOnlyIfItSumsUpWithoutFindings() {
        List<Discrepancy> broken = List.of(new Discrepancy(Store.PARQUET, "anything", NONE));
        assertThat(new Account(6, 3, 2, 1, 1, 5, 2, List.of(), List.of()).balanced()).isTrue();
        assertThat(new Account(6, 3, 1, 1, 0, 5, 2, List.of(), List.of()).balanced()).isFalse();
        assertThat(new Account(6, 3, 2, 1, 0, 5, 2, broken, List.of()).balanced()).isFalse();
        assertThat(new Account(6, 3, 2, 1, 0, 5, 2, List.of(), List.of()).line())
                .isEqualTo(
                        "consumed=6 stored=3 superseded=2 dead_lettered=1 parquet_rows=5"
                                + " parquet_files=2");
    }

    private static List<String> findings(Evidence evidence) {
        Findings findings = new Findings();
        findings.add(
                Store.PARQUET,
                "consumed, but neither in Parquet nor dead-lettered by decode or validate",
                evidence.neither());
        evidence.check(findings);
        return findings.list().stream().map(Discrepancy::toString).toList();
    }
}
