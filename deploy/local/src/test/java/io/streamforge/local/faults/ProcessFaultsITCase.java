package io.streamforge.local.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.local.Eventually;
import io.streamforge.local.Invariant;
import io.streamforge.local.LauncherProcess;
import io.streamforge.local.LocalRun;
import io.streamforge.local.Pipeline;
import io.streamforge.local.cluster.SessionCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die, are moved or are asked to end, with work in flight. */
@Tag("faults")
@ExtendWith(FaultReport.class)
class ProcessFaultsITCase {

    @TempDir Path data;

    @Test
    void survivesKillsOfEachKind() throws Exception {
        survivesKills("kill -9: TaskManager, JobManager, all", "kills", 3);
    }

    @Test
    @Tag("slow")
    void survivesTwentyKillsAtRandomMoments() throws Exception {
        survivesKills("kill -9: at random moments", "random_kills", 20);
    }

    private void survivesKills(String fault, String name, int times) throws Exception {
        Random random = new Random(times);
        try (FaultRun run = new FaultRun(fault, name, data);
                SessionCluster cluster =
                        new SessionCluster(
                                Path.of("target", "session-cluster", name),
                                run.pipeline(),
                                2,
                                1,
                                Map.of())) {
            run.tendedBy(cluster::tend);
            cluster.submit(2);
            run.load(1_000);
            run.awaitProgress();
            for (int i = 0; i < times; i++) {
                // Each kind once, then whatever comes.
                int kind = i < 3 ? i : random.nextInt(4);
                run.strike(
                        () -> {
                            switch (kind) {
                                case 1 -> cluster.killJobManager();
                                case 2 -> cluster.killAll();
                                default -> cluster.killTaskManager(random.nextInt(2));
                            }
                        });
                Throughout.holds(Duration.ofMillis(random.nextInt(3_000)), cluster::tend);
            }
            run.stopLoad();
            run.awaitCommitted(run.ends());
            run.pipeline().awaitDrained();
            cluster.stopWithSavepoint(run.pipeline().config().checkpoints().dir());
            run.report(event -> false);
        }
    }

    @Test
    void goesOnWithMoreAndWithFewerSubtasks() throws Exception {
        try (FaultRun run = new FaultRun("rescaled 1, 4, 2 by savepoints", "rescaled", data)) {
            run.start(1, 1_000);
            for (int parallelism : new int[] {4, 2}) {
                run.strike(
                        () -> {
                            run.pipeline().stop();
                            run.pipeline().start(parallelism);
                        });
            }
            run.finish();
        }
    }

    @Test
    @Tag("slow")
    void endsInGoodOrderOnSigtermAndGoesOn() throws Exception {
        try (LocalRun run = new LocalRun(data.resolve("launcher"))) {
            try (LauncherProcess first = run.start("--rate=5000")) {
                Eventually.holds("rows", Pipeline.PATIENCE, () -> run.rows() > 5_000);
                first.terminate();
                assertThat(first.exitCode()).isZero();
            }
            long start = System.nanoTime();
            try (LauncherProcess second = run.start("--events=1000")) {
                assertThat(second.exitCode()).isZero();
            }
            Duration recovery = Duration.ofNanos(System.nanoTime() - start);
            Invariant invariant = run.invariant();
            FaultReport.add(
                    FaultReport.Row.of("SIGTERM with work in flight", 1, invariant, recovery));
            invariant.assertHolds();
        }
    }
}
