package io.streamforge.account;

import io.streamforge.event.DeadLetterHeaders;
import io.streamforge.event.RejectionReason.Stage;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * What a dead letter's headers say about the message it was.
 *
 * @param topic the topic it was read from
 * @param partition its partition there
 * @param offset its offset there
 * @param stage which part of the pipeline refused it
 */
public record DeadLetterCoordinates(String topic, int partition, long offset, Stage stage) {

    /**
     * Reads the contract's headers.
     *
     * @throws IllegalArgumentException if one of them is absent or not of its form
     */
    public static DeadLetterCoordinates of(Headers headers) {
        return new DeadLetterCoordinates(
                text(headers, DeadLetterHeaders.SOURCE_TOPIC),
                Integer.parseInt(text(headers, DeadLetterHeaders.SOURCE_PARTITION)),
                Long.parseLong(text(headers, DeadLetterHeaders.SOURCE_OFFSET)),
                stage(text(headers, DeadLetterHeaders.STAGE)));
    }

    private static String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        if (header == null || header.value() == null) {
            throw new IllegalArgumentException("no header " + name);
        }
        return new String(header.value(), StandardCharsets.UTF_8);
    }

    private static Stage stage(String wireName) {
        for (Stage stage : Stage.values()) {
            if (stage.wireName().equals(wireName)) {
                return stage;
            }
        }
        throw new IllegalArgumentException("unknown stage");
    }
}
