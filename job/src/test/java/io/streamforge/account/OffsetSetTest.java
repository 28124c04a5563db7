package io.streamforge.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Coordinates behave as a set of pairs, and no operation changes its operands. */
class OffsetSetTest {

    private final OffsetSet left = set(0, 1, 2, 3);
    private final OffsetSet right = set(0, 3, 4);

    @Test
    void tellsWhetherAMessageIsNew() {
        OffsetSet set = new OffsetSet();

        assertThat(set.add(0, 7)).isTrue();
        assertThat(set.add(0, 7)).isFalse();
        assertThat(set.add(1, 7)).isTrue();
        assertThat(set.size()).isEqualTo(2);
    }

    @Test
    void keepsPartitionsApart() {
        left.add(1, 9);

        assertThat(left.contains(1, 9)).isTrue();
        assertThat(left.contains(0, 9)).isFalse();
        assertThat(left.contains(2, 9)).isFalse();
    }

    @Test
    void intersectsUnitesAndSubtractsWithoutSideEffects() {
        left.add(1, 1);
        right.add(2, 1);

        assertThat(left.and(right).first(9)).containsExactly("0@3");
        assertThat(left.or(right).first(9))
                .containsExactly("0@1", "0@2", "0@3", "0@4", "1@1", "2@1");
        assertThat(left.andNot(right).first(9)).containsExactly("0@1", "0@2", "1@1");
        assertThat(left.first(9)).containsExactly("0@1", "0@2", "0@3", "1@1");
        assertThat(right.first(9)).containsExactly("0@3", "0@4", "2@1");
    }

    @Test
    void isEmptyWhenEverythingWasSubtracted() {
        assertThat(left.isEmpty()).isFalse();
        assertThat(left.andNot(left).isEmpty()).isTrue();
    }

    @Test
    void holdsTheGreatestOffset() {
        OffsetSet set = set(Integer.MAX_VALUE, Long.MAX_VALUE);

        assertThat(set.contains(Integer.MAX_VALUE, Long.MAX_VALUE)).isTrue();
        assertThat(set.first(1)).containsExactly("2147483647@9223372036854775807");
    }

    @Test
    void joinsConsecutiveMembersToRanges() {
        left.add(0, 7);
        left.add(1, 4);

        assertThat(left.ranges(9)).containsExactly("0@1-3", "0@7", "1@4");
        assertThat(left.ranges(2)).containsExactly("0@1-3", "0@7");
        assertThat(new OffsetSet().ranges(9)).isEmpty();
        assertThat(set(1, Long.MAX_VALUE).ranges(9)).containsExactly("1@9223372036854775807");
    }

    @Test
    void spansFromTheFirstToTheLastMemberOfEachPartition() {
        left.add(3, 8);

        assertThat(left.window().partitions())
                .containsOnly(
                        Map.entry(0, new Window.Range(1, 4)), Map.entry(3, new Window.Range(8, 9)));
        left.remove(3, 8);
        assertThat(left.window().partitions()).containsOnlyKeys(0);
    }

    static OffsetSet set(int partition, long... offsets) {
        OffsetSet set = new OffsetSet();
        for (long offset : offsets) {
            set.add(partition, offset);
        }
        return set;
    }
}
