package io.streamforge.bench;

import io.streamforge.StreamForgeJob;
import io.streamforge.bench.peer.DataStreamPeer;
import io.streamforge.bench.peer.FlinkSqlPeer;
import io.streamforge.local.LocalCluster;
import java.util.List;
import java.util.Map;

/** The pipelines that are measured, each a job in a JVM of its own. */
enum SystemUnderTest {
    STREAMFORGE("StreamForge", StreamForgeJob::compose, "as `make run` ships it, all defaults"),
    DATASTREAM("stock DataStream sinks", DataStreamPeer::compose, DataStreamPeer.SETTINGS),
    FLINK_SQL("Flink SQL", FlinkSqlPeer::compose, FlinkSqlPeer.SETTINGS);

    /** Of the peers: as many rows as JdbcSink has by default; Flink SQL has 100. */
    private static final Map<String, String> BATCHES =
            Map.of("BATCH_SIZE", "5000", "BATCH_INTERVAL_MS", "200");

    private final String title;
    private final LocalCluster.Composition job;
    private final String settings;

    SystemUnderTest(String title, LocalCluster.Composition job, String settings) {
        this.title = title;
        this.job = job;
        this.settings = settings;
    }

    String title() {
        return title;
    }

    LocalCluster.Composition job() {
        return job;
    }

    /** The options of its JVM. */
    List<String> jvm() {
        return this == STREAMFORGE ? JobJvm.launcher() : JobJvm.peer();
    }

    /** Its settings, by their names in the environment. */
    Map<String, String> environment() {
        return this == STREAMFORGE ? Map.of() : BATCHES;
    }

    /** What was tuned, for the report. */
    String settings() {
        return settings + "; JVM " + String.join(" ", jvm()) + "; " + environment();
    }
}
