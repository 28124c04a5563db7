package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the launcher while it is at work, twice; the next one adopts Kafka and
 * Postgres and goes on as if nothing had been.
 */
class KilledLauncherITCase {

    @TempDir Path data;

    @Test
    void nothingIsLostOrDoubledByKillingIt() throws Exception {
        try (LocalRun run = new LocalRun(data)) {
            killAfter(run, 4_000, "--events=50000", "--rate=5000");
            String kafka = run.pid("kafka");
            String postgres = run.pid("postgres");
            killAfter(run, run.rows() + 2_000, "--events=50000", "--rate=5000");

            try (LauncherProcess launcher = run.start("--rate=0")) {
                Eventually.holds(
                        "the start",
                        Pipeline.PATIENCE,
                        () -> launcher.out().contains("Ctrl-C stops it"));
                assertThat(run.pid("kafka")).as("Kafka is adopted").isEqualTo(kafka);
                assertThat(run.pid("postgres")).as("Postgres is adopted").isEqualTo(postgres);
                try (InputDrain drain = new InputDrain(run.config().kafka())) {
                    Eventually.holds("the rest to be processed", Pipeline.PATIENCE, drain::isEmpty);
                }
                launcher.terminate();
                assertThat(launcher.exitCode()).as(launcher.err()).isZero();
                assertThat(run.hasPid("kafka") || run.hasPid("postgres"))
                        .as("services outlive a launcher that ended in good order")
                        .isFalse();

                Account account = run.assertInvariant();
                assertThat(launcher.lastLine()).isEqualTo(account.line());
                assertThat(account.consumed()).isGreaterThan(6_000);
            }
        }
    }

    private static void killAfter(LocalRun run, long rows, String... options) throws Exception {
        try (LauncherProcess launcher = run.start(options)) {
            Eventually.holds(
                    rows + " rows",
                    Pipeline.PATIENCE,
                    () -> {
                        assertThat(launcher.isAlive()).as(launcher.err()).isTrue();
                        return run.rows() >= rows;
                    });
            launcher.kill();
        }
        try (InputDrain drain = new InputDrain(run.config().kafka())) {
            assertThat(drain.isEmpty()).as("killed after all the work was done").isFalse();
        }
    }
}
