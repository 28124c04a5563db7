package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Savepoints of earlier releases are restored by this one. Each was taken when the job had read the
 * first {@value #READ} messages of each partition and had nothing under way, so it depends on no
 * file of the machine that it was taken on. {@code make savepoint} adds one for a release.
 */
class ReleasedStateITCase {

    private static final Path SAVEPOINTS = Path.of("src", "test", "resources", "savepoints");

    /** The topic is part of the state. */
    private static final String INPUT = "released-state.input";

    private static final int READ = 25;
    private static final int SENT = 60;

    private static boolean filled;

    @TempDir Path data;

    static List<Path> savepoints() throws IOException {
        try (Stream<Path> releases = Files.list(SAVEPOINTS)) {
            return releases.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("savepoints")
    void goesOnFromTheSavepointOfARelease(Path savepoint) throws Exception {
        String name = "released-state-" + savepoint.getFileName().toString().replace('.', '-');
        try (Pipeline pipeline = Pipeline.reading(INPUT, name, data)) {
            if (!filled) {
                fill(pipeline, SENT);
                filled = true; // one topic serves the savepoints of all releases
            }
            Configuration recovery = new Configuration();
            recovery.set(
                    StateRecoveryOptions.SAVEPOINT_PATH, savepoint.toAbsolutePath().toString());
            recovery.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.NO_CLAIM);
            pipeline.start(3, recovery);
            pipeline.awaitDrained();
            pipeline.stop();

            try (Connection connection = pipeline.connect();
                    Statement statement = connection.createStatement();
                    ResultSet read =
                            statement.executeQuery(
                                    "SELECT src_partition, min(src_offset), max(src_offset),"
                                            + " count(*) FROM events_normalized GROUP BY 1"
                                            + " ORDER BY 1")) {
                for (int partition = 0; partition < Topics.DEFAULT_PARTITIONS; partition++) {
                    assertThat(read.next()).isTrue();
                    assertThat(read.getInt(1)).isEqualTo(partition);
                    assertThat(read.getLong(2)).isEqualTo(READ);
                    assertThat(read.getLong(3)).isEqualTo(SENT - 1);
                    assertThat(read.getLong(4)).isEqualTo(SENT - READ);
                }
                assertThat(read.next()).isFalse();
            }
        }
    }

    /** Not a test: it makes what the other one restores. */
    @Test
    @Tag("savepoint")
    void takesTheSavepointOfThisRelease() throws Exception {
        Path target = SAVEPOINTS.resolve(System.getProperty("release"));
        try (Pipeline pipeline = Pipeline.reading(INPUT, "released-state", data)) {
            fill(pipeline, READ);
            pipeline.start(2);
            pipeline.awaitDrained();
            // Files are committed after a checkpoint, which the next one then knows.
            pipeline.awaitCheckpoint();
            pipeline.awaitCheckpoint();
            String savepoint = pipeline.cluster().stopWithSavepoint(data.toUri().toString());
            Path metadata = Path.of(URI.create(savepoint)).resolve("_metadata");
            Files.createDirectories(target);
            Files.copy(metadata, target.resolve("_metadata"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Sends that many messages to each partition; all are valid, none is a duplicate. */
    private static void fill(Pipeline pipeline, int count) throws Exception {
        for (int partition = 0; partition < Topics.DEFAULT_PARTITIONS; partition++) {
            for (int i = 0; i < count; i++) {
                String event =
                        String.format(
                                Locale.ROOT,
                                "{\"event_id\":\"00000000-0000-4000-8000-%06d%06d\","
                                        + "\"event_type\":\"VIEW\","
                                        + "\"occurred_at\":\"2024-01-15T10:30:00Z\","
                                        + "\"user_id\":\"00000000-0000-4000-8000-000000000000\"}",
                                partition,
                                i);
                pipeline.send(partition, null, event.getBytes(UTF_8));
            }
        }
        pipeline.flush();
    }
}
