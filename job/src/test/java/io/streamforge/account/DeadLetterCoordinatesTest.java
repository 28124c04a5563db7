package io.streamforge.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.streamforge.event.RejectionReason.Stage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract's headers give the coordinates; anything else is told apart. */
class DeadLetterCoordinatesTest {

    private static final Map<String, String> HEADERS =
            Map.of(
                    "streamforge.source.topic", "events",
                    "streamforge.source.partition", "3",
                    "streamforge.source.offset", "5000000000",
                    "streamforge.stage", "store");

    @Test
    void readsTheHeaders() {
        assertThat(DeadLetterCoordinates.of(headers(HEADERS)))
                .isEqualTo(new DeadLetterCoordinates("events", 3, 5_000_000_000L, Stage.STORE));
    }

    @ParameterizedTest
    @CsvSource({
        "streamforge.source.topic,",
        "streamforge.source.partition,",
        "streamforge.source.offset,",
        "streamforge.stage,",
        "streamforge.source.partition, three",
        "streamforge.source.offset, 1e3",
        "streamforge.stage, decoding",
    })
    void refusesAbsentAndMalformedHeaders(String name, String value) {
        Map<String, String> headers = new TreeMap<>(HEADERS);
        if (value == null) {
            headers.remove(name);
        } else {
            headers.put(name, value);
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeadLetterCoordinates.of(headers(headers)));
    }

    private static Headers headers(Map<String, String> texts) {
        Headers headers = new RecordHeaders();
        texts.forEach((name, text) -> headers.add(name, text.getBytes(StandardCharsets.UTF_8)));
        return headers;
    }
}
