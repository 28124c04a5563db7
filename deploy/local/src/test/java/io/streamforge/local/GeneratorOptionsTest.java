package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GeneratorOptionsTest {

    @Test
    void acceptsTheEdges() {
        assertThat(new GeneratorOptions(-1, 0, 0, 100, 0).events()).isEqualTo(-1);
        assertThat(new GeneratorOptions(0, 1e9, 50, 50, -1).invalidPercent()).isEqualTo(50);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertRefused(-2, 1, 0, 0, "events must be -1 or more: -2");
        assertRefused(1, -1, 0, 0, "rate must be 0 or more: -1.0");
        assertRefused(1, Double.NaN, 0, 0, "rate must be 0 or more: NaN");
        assertRefused(1, Double.POSITIVE_INFINITY, 0, 0, "rate must be 0 or more: Infinity");
        assertRefused(1, 1, -0.1, 0, "invalid percent must be 0 to 100: -0.1");
        assertRefused(1, 1, Double.NaN, 0, "invalid percent must be 0 to 100: NaN");
        assertRefused(1, 1, 0, 100.5, "duplicate percent must be 0 to 100: 100.5");
        assertRefused(
                1, 1, 60, 60, "invalid and duplicate percent together must be 0 to 100: 120.0");
    }

    private static void assertRefused(
            long events, double rate, double invalid, double duplicate, String message) {
        assertThatThrownBy(() -> new GeneratorOptions(events, rate, invalid, duplicate, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
