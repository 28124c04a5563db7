package io.streamforge.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {

    private static final Instant NOW = Instant.parse("2024-01-15T10:30:00Z");

    @ParameterizedTest
    @CsvSource({
        "2024-01-14, 2024-01-14T00:00:00Z",
        "2024-01-14T01:02:03+01:00, 2024-01-14T00:02:03Z",
        "2024-01-14t01:02:03z, 2024-01-14T01:02:03Z",
        "90s, 2024-01-15T10:28:30Z",
        "15m, 2024-01-15T10:15:00Z",
        "2H, 2024-01-15T08:30:00Z",
        "7d, 2024-01-08T10:30:00Z",
    })
    void readsMoments(String text, Instant expected) {
        assertThat(Position.moment(text, NOW)).isEqualTo(expected);
        assertThat(Position.parse(text, NOW)).isEqualTo(new Position(0, expected.toEpochMilli()));
    }

    @Test
    void readsOffsetsAndEnds() {
        assertThat(Position.parse("17", NOW)).isEqualTo(new Position(17, null));
        assertThat(Position.parse("Beginning", NOW)).isEqualTo(Position.BEGINNING);
        assertThat(Position.parse("latest", NOW)).isEqualTo(Position.END);
        assertThat(new Position(17, null).offsetIn(new Window.Range(20, 30))).isEqualTo(20);
        assertThat(Position.END.offsetIn(new Window.Range(20, 30))).isEqualTo(30);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "yesterday", "2024-01-15T10:30", "5 m", "1w", "2024-13-01"})
    void refusesWhatItDoesNotUnderstand(String text) {
        assertThatThrownBy(() -> Position.parse(text, NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not '" + text + "'");
    }
}
