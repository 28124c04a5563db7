package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OccurredAtTest {

    private static final Pattern RFC_3339 =
            Pattern.compile(
                    "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)");

    @Test
    void everySpellingMeansTheInstantToItsPrecision() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            Instant instant =
                    Instant.ofEpochSecond(
                            random.nextLong(-2_000_000_000L, 4_000_000_000L),
                            random.nextInt(1_000_000_000));

            String text = OccurredAt.spell(instant, random);

            assertThat(text).matches(RFC_3339);
            Instant meant = OffsetDateTime.parse(text.toUpperCase(Locale.ROOT)).toInstant();
            assertThat(meant.getEpochSecond()).isEqualTo(instant.getEpochSecond());
            int point = text.indexOf('.');
            if (point >= 0) {
                String digits = text.substring(point + 1).split("[^0-9]")[0];
                String nanos = String.format(Locale.ROOT, "%09d", instant.getNano());
                assertThat(nanos).startsWith(digits);
            } else {
                assertThat(meant.getNano()).isZero();
            }
        }
    }

    @Test
    void usesTheWholeGrammar() {
        SplittableRandom random = new SplittableRandom(2);
        Set<String> shapes = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            String text = OccurredAt.spell(Instant.EPOCH, random);
            shapes.add(text.substring(19).replaceAll("\\.\\d+", "."));
            shapes.add("fraction of " + text.replaceFirst("^[^.]*\\.?(\\d*).*$", "$1").length());
            shapes.add(text.substring(10, 11));
        }
        assertThat(shapes)
                .contains("Z", "z", "+00:00", "-00:00", "+05:30", "-08:00", ".Z", ".+12:45")
                .contains("T", "t", "fraction of 0", "fraction of 3", "fraction of 9");
    }
}
