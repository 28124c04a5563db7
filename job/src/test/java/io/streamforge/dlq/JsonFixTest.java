package io.streamforge.dlq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamforge.dlq.Fix.NotApplicableException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFixTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "event_type=CLICK | {} | {\"event_type\":\"CLICK\"}",
                "a=5              | {\"a\":\"5\"} | {\"a\":5}",
                "a=\"5\"          | {\"a\":5} | {\"a\":\"5\"}",
                "a=null           | {\"a\":5} | {\"a\":null}",
                "a.b=true         | {\"a\":{\"b\":1}} | {\"a\":{\"b\":true}}",
                "/a.b=1           | {} | {\"a.b\":1}",
                "a/b=1            | {} | {\"a/b\":1}",
                "a=x=y            | {} | {\"a\":\"x=y\"}",
                "a=               | {} | {\"a\":\"\"}",
                "a=1              | {\"n\":1.50,\"big\":123456789012345678901234567890} | {\"n\":1.50,\"big\":123456789012345678901234567890,\"a\":1}",
                "a=1              | {\"n\":1e400} | {\"n\":1E+400,\"a\":1}",
            })
    void setsMembersAndLeavesTheRest(String assignment, String before, String after)
            throws Exception {
        assertThat(apply(JsonFix.set(List.of(assignment)), before)).isEqualTo(after);
    }

    @Test
    void appliesAPatch() throws Exception {
        JsonFix fix =
                JsonFix.patch(
                        "[{\"op\":\"remove\",\"path\":\"/x\"},{\"op\":\"move\",\"from\":\"/ts\",\"path\":\"/occurred_at\"}]"
                                .getBytes(UTF_8));

        assertThat(apply(fix, "{\"x\":1,\"ts\":\"t\"}")).isEqualTo("{\"occurred_at\":\"t\"}");
    }

    @Test
    void saysWhyItDoesNotApplyWithoutQuotingTheValue() {
        JsonFix fix =
                JsonFix.patch("[{\"op\":\"replace\",\"path\":\"/x\",\"value\":1}]".getBytes(UTF_8));
        for (String value :
                List.of("{\"secret\":1}", "secret", "{\"secret\":1,\"secret\":2}", "")) {
            assertThatThrownBy(() -> apply(fix, value))
                    .isInstanceOf(NotApplicableException.class)
                    .hasMessageNotContaining("secret");
        }
        assertThatThrownBy(() -> fix.apply(null, null))
                .isInstanceOf(NotApplicableException.class)
                .hasMessage("the message has no value to patch");
        assertThatThrownBy(() -> fix.apply(new byte[] {(byte) 0xC0, (byte) 0x80}, null))
                .isInstanceOf(NotApplicableException.class)
                .hasMessageContaining("not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=5", "event_type"})
    void refusesWhatIsNoAssignment(String assignment) {
        assertThatThrownBy(() -> JsonFix.set(List.of(assignment)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected path=value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no", "{}", "[{}]", "[{\"op\":\"explode\",\"path\":\"/a\"}]"})
    void refusesWhatIsNoPatch(String patch) {
        assertThatThrownBy(() -> JsonFix.patch(patch.getBytes(UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("JSON");
    }

    private static String apply(Fix fix, String value) throws Exception {
        return new String(fix.apply(value.getBytes(UTF_8), null), UTF_8);
    }
}
