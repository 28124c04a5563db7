package io.streamforge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.event.RejectionReason;
import io.streamforge.event.Violation;
import org.junit.jupiter.api.Test;

class PayloadViewTest {

    @Test
    void pointsToAPlaceInItsLine() {
        assertThat(excerpt("{\n \"a\": x,\n}", 8)).isEqualTo(" \"a\": x,\n      ^");
        assertThat(excerpt("{\"é日\":x}", 9)).isEqualTo("{\"é日\":x}\n       ^");
        assertThat(excerpt("{", 1)).isEqualTo("{\n ^");
        assertThat(excerpt("", 0)).isEqualTo("\n^");
        assertThat(excerpt("{", 99)).isEqualTo("{\n ^");
    }

    @Test
    void cutsLongLinesAroundThePlace() {
        String excerpt = excerpt("a".repeat(500) + "X" + "b".repeat(500), 500);

        String[] lines = excerpt.split("\n");
        assertThat(lines[0]).hasSizeLessThan(90).startsWith("…a").endsWith("b…");
        assertThat(lines[1].indexOf('^')).isEqualTo(lines[0].indexOf('X'));
    }

    @Test
    void pointsToAByteInHexadecimal() {
        byte[] bytes = new byte[40];
        bytes[25] = (byte) 0xAB;
        String[] lines = new PayloadView(bytes).excerpt(violation(25)).split("\n");

        assertThat(lines).hasSize(4);
        assertThat(lines[1]).startsWith("00000010 ");
        assertThat(lines[2].indexOf("^^")).isEqualTo(lines[1].indexOf("ab"));
        assertThat(lines[3]).startsWith("00000020 ").endsWith("|........|");
    }

    @Test
    void hasNoPlaceWhereTheDetailHasNone() {
        Violation missing =
                new Violation(RejectionReason.MISSING_FIELD, "user_id", "required, but absent");
        assertThat(new PayloadView(new byte[1]).excerpt(missing)).isEmpty();
    }

    @Test
    void nothingSteersTheTerminal() {
        assertThat(PayloadView.line("a\u001b[2J\u202eb\n\u2028".getBytes(UTF_8))).startsWith("0x");
        assertThat(PayloadView.line("a\u202eb\n\u2028".getBytes(UTF_8)))
                .isEqualTo("a\\u{202e}b\\u{a}\\u{2028}");
        assertThat(new PayloadView("a\n\u202eb".getBytes(UTF_8)).body(99))
                .isEqualTo("a\n\\u{202e}b");
        assertThat(PayloadView.line(null)).isEqualTo("null");
        assertThat(PayloadView.line(new byte[] {0, -1})).isEqualTo("0x00ff");
    }

    @Test
    void saysHowMuchItLeavesOutAndCutsNoCharacter() {
        assertThat(new PayloadView("aé日".getBytes(UTF_8)).body(5))
                .startsWith("aé\n… and 1 more bytes");
        assertThat(new PayloadView(new byte[17]).body(16))
                .startsWith("00000000 ")
                .endsWith("\n… and 1 more bytes; --all shows them");
    }

    private static String excerpt(String text, int at) {
        return new PayloadView(text.getBytes(UTF_8)).excerpt(violation(at));
    }

    private static Violation violation(int at) {
        return new Violation(RejectionReason.MALFORMED_JSON, null, "something, at byte " + at);
    }
}
