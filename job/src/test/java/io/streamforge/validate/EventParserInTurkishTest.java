package io.streamforge.validate;

import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** F15: the whole contract again where {@code "click".toUpperCase()} is {@code CLİCK}. */
class EventParserInTurkishTest extends EventParserTest {

    private static Locale before;

    @BeforeAll
    static void speakTurkish() {
        before = Locale.getDefault();
        Locale.setDefault(new Locale("tr", "TR"));
    }

    @AfterAll
    static void speakAsBefore() {
        Locale.setDefault(before);
    }
}
