package io.streamforge.event;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UuidTest {

    private static final String MIXED = "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b";

    @Test
    void textAndBitsSayTheSame() {
        Uuid uuid = Uuid.parse(MIXED);

        assertThat(uuid).isEqualTo(new Uuid(0x6f1c2a345b6d4e7fL, 0x8a9b0c1d2e3f4a5bL));
        assertThat(uuid).hasToString(MIXED);
        assertThat(written(uuid)).isEqualTo(MIXED);
    }

    @Test
    void itsBytesAreItsText() {
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            Uuid uuid = new Uuid(random.nextLong(), random.nextLong());
            assertThat(written(uuid)).isEqualTo(new UUID(uuid.high(), uuid.low()).toString());
        }
    }

    private static String written(Uuid uuid) {
        byte[] ascii = new byte[Uuid.TEXT_LENGTH];
        uuid.writeTo(ascii);
        return new String(ascii, US_ASCII);
    }

    @Test
    void theOrderIsThatOfTheTexts() {
        List<Uuid> sorted = new ArrayList<>();
        for (long high : new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            for (long low : new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
                sorted.add(new Uuid(high, low));
            }
        }
        Collections.shuffle(sorted, new Random(2));

        Collections.sort(sorted);

        assertThat(sorted).extracting(Uuid::toString).isSorted().doesNotHaveDuplicates();
    }
}
