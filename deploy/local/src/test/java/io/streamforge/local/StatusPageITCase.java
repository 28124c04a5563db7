package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.streamforge.config.Setting;
import io.streamforge.ops.Ops;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The status page in a real browser: on a phone and a desk, in light and dark, while the job runs
 * and when it is gone. Leaves a picture in {@code target/status-page.png}, as in the documents.
 */
class StatusPageITCase {

    private static final int PHONE = 375;

    // The browser's processes may still write while they end.
    @TempDir(cleanup = CleanupMode.NEVER)
    static Path data;

    @Test
    void showsNumbersThatMoveAndAJobThatIsDown() throws Exception {
        Path program = Browser.installed().orElse(null);
        if (program == null) {
            System.out.println(
                    "SKIPPED: no Chromium or Chrome is installed, so the status page is not tested");
            abort("no browser is installed");
        }
        try (Pipeline pipeline = Pipeline.create("ops-page", data)) {
            pipeline.with(Setting.HOST, "127.0.0.1").with(Setting.PORT, "0").start(2);
            try (Ops ops = Ops.start(pipeline.config(), pipeline.cluster().restAddress());
                    EventGenerator generator =
                            pipeline.generator(new GeneratorOptions(-1, 500, 2, 2, 1));
                    Browser browser = Browser.start(program, data.resolve("browser"))) {
                generator.start();
                browser.resize(PHONE, 800, false);
                browser.open(ops.address());
                await(browser, "ready", text("ready") + " === 'ready'");
                await(browser, "a rate", "/^[1-9]/.test(" + text("in-rate") + ")");
                await(browser, "dead letters", text("latest") + ".includes('ops-page.input-')");
                await(browser, "files", text("files") + ".includes('.parquet')");
                await(browser, "a line", "document.querySelector('polyline.in').points.length > 5");
                String before = browser.evaluate(text("stored-total"));
                await(
                        browser,
                        "the numbers to move",
                        text("stored-total") + " !== '" + before + "'");
                assertThat(browser.evaluate(text("stored-total"))).matches("[1-9][0-9,]* rows, .*");
                assertNoScrollBar(browser);
                assertBackgroundsDiffer(browser);

                worksWithTheKeyboard(browser);

                browser.resize(1000, 1000, false);
                browser.evaluate("window.scrollTo(0, 0)");
                browser.evaluate("document.activeElement.blur()");
                await(browser, "five lines", "document.querySelectorAll('#checks li').length > 5");
                Files.write(Path.of("target", "status-page.png"), browser.picture());

                pipeline.crash();
                browser.resize(PHONE, 800, true);
                await(browser, "the job to be missed", text("ready") + " === 'not ready'");
                await(browser, "the reason", text("alarm") + ".includes('does not answer')");
                await(browser, "the state", text("state") + ".includes('UNREACHABLE')");
                await(browser, "no rate", text("in-rate") + " === '0 /s'");
                assertNoScrollBar(browser);
                assertThat(browser.errors()).isEmpty();
            }
        }
    }

    private static String text(String id) {
        return "document.getElementById('" + id + "').textContent";
    }

    private static void await(Browser browser, String what, String condition) throws Exception {
        Eventually.holds(what, Pipeline.PATIENCE, () -> browser.evaluate(condition).equals("true"));
    }

    private static void assertNoScrollBar(Browser browser) throws Exception {
        String page = "document.documentElement.";
        // Both at once: the page updates itself in between.
        assertThat(browser.evaluate(page + "scrollWidth - " + page + "clientWidth")).isEqualTo("0");
    }

    private static void assertBackgroundsDiffer(Browser browser) throws Exception {
        String background = "getComputedStyle(document.body).backgroundColor";
        String light = browser.evaluate(background);
        browser.resize(PHONE, 800, true);
        assertThat(browser.evaluate(background)).isNotEqualTo(light);
        assertNoScrollBar(browser);
    }

    /** The first stop is the pause button; the links follow after what scrolls. */
    private static void worksWithTheKeyboard(Browser browser) throws Exception {
        String focused = "document.activeElement.id || document.activeElement.textContent";
        browser.press("Tab", 9);
        assertThat(browser.evaluate(focused)).isEqualTo("pause");
        browser.evaluate("document.activeElement.click()");
        assertThat(browser.evaluate(text("pause"))).isEqualTo("Go on");
        browser.evaluate("document.activeElement.click()");
        List<String> stops = new ArrayList<>();
        // Tables that scroll sideways are stops too.
        for (int i = 0; i < 12; i++) {
            browser.press("Tab", 9);
            stops.add(browser.evaluate(focused));
        }
        assertThat(stops).containsSubsequence("flink", "metrics", "readyz", "healthz", "build");
    }
}
