package io.streamforge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which state a start goes on from, and when it refuses to start without any. */
class StateRecoveryTest {

    private static final String JOB_1 = "0123456789abcdef0123456789abcdef";
    private static final String JOB_2 = "fedcba9876543210fedcba9876543210";

    @TempDir private Path directory;

    private final Configuration flink = new Configuration();
    private Path checkpoints;

    /** Null where the broker is to be asked, at whose address nobody answers. */
    private Collection<OffsetAndMetadata> committed = List.of();

    private Path archive;

    @BeforeEach
    void chooseDirectories() {
        checkpoints = directory.resolve("checkpoints");
        archive = directory.resolve("events");
    }

    @Test
    void resumesFromTheNewestCheckpointOfWhateverJob() throws Exception {
        complete(JOB_1 + "/chk-900", "2024-01-15T10:00:00Z");
        Path newest = complete(JOB_2 + "/chk-2", "2024-01-15T10:00:02Z");
        complete(JOB_2 + "/chk-1", "2024-01-15T10:00:01Z");

        assertResumesFrom(newest);
    }

    @Test
    void resumesFromASavepointThatIsNewer() throws Exception {
        complete(JOB_1 + "/chk-900", "2024-01-15T10:00:00Z");
        Path savepoint = complete("savepoint-012345-abcdef", "2024-01-15T10:00:01Z");

        assertResumesFrom(savepoint);
    }

    @Test
    void resumesFromACheckpointThatIsNewerThanASavepoint() throws Exception {
        Path checkpoint = complete(JOB_1 + "/chk-901", "2024-01-15T10:00:02Z");
        complete("savepoint-012345-abcdef", "2024-01-15T10:00:01Z");

        assertResumesFrom(checkpoint);
    }

    @Test
    void passesOverWhatACrashLeftIncomplete() throws Exception {
        Path complete = complete(JOB_1 + "/chk-7", "2024-01-15T10:00:00Z");
        Files.createDirectories(checkpoints.resolve(JOB_1).resolve("shared"));
        Files.createDirectories(checkpoints.resolve(JOB_1).resolve("taskowned"));
        Path withoutMetadata = Files.createDirectories(checkpoints.resolve(JOB_1 + "/chk-8"));
        Files.writeString(withoutMetadata.resolve("state"), "half");
        Path emptyMetadata = Files.createDirectories(checkpoints.resolve(JOB_1 + "/chk-9"));
        Files.createFile(emptyMetadata.resolve("_metadata"));
        Path temporary = Files.createDirectories(checkpoints.resolve(JOB_1 + "/chk-10"));
        Files.writeString(temporary.resolve("._metadata.inprogress.123"), "half");

        assertResumesFrom(complete);
    }

    @Test
    void looksNoDeeperThanFlinkWrites() throws Exception {
        complete("a/b/c/chk-1", "2024-01-15T10:00:00Z");

        assertStartsWithoutState();
    }

    @ParameterizedTest
    @ValueSource(strings = {"with space", "50%25", "a#b", "ü€", "plus+[1]"})
    void findsStateInDirectoriesOfAnyName(String name) throws Exception {
        checkpoints = directory.resolve(name);

        assertResumesFrom(complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z"));
    }

    @Test
    void takesAPathWithASchemeAsItIsAndOthersForFiles() {
        assertThat(StateRecovery.uri("s3://bucket/x y")).isEqualTo("s3://bucket/x y");
        assertThat(StateRecovery.uri("file:///tmp/x")).isEqualTo("file:///tmp/x");
        assertThat(StateRecovery.uri("/tmp/x y")).isEqualTo("file:///tmp/x y");
        assertThat(StateRecovery.uri("data/x"))
                .isEqualTo("file://" + Path.of("data/x").toAbsolutePath());
    }

    @Test
    void leavesAnExplicitPathAlone() throws Exception {
        complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z");
        flink.set(StateRecoveryOptions.SAVEPOINT_PATH, "file:///chosen/by/somebody");

        ReadableConfig recovered = recover();

        assertThat(recovered.get(StateRecoveryOptions.SAVEPOINT_PATH))
                .isEqualTo("file:///chosen/by/somebody");
        assertThat(recovered.getOptional(StateRecoveryOptions.RESTORE_MODE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kubernetes", "ZOOKEEPER"})
    void leavesItToHighAvailability(String mode) throws Exception {
        complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z");
        flink.set(HighAvailabilityOptions.HA_MODE, mode);

        assertStartsWithoutState();
    }

    @Test
    void startsForTheFirstTimeWhereNothingIsThere() throws Exception {
        assertStartsWithoutState();
    }

    @Test
    void countsNoFileThatIsNotVisibleAsArchived() throws Exception {
        archived("dt=2024-01-15/.part-0.parquet.inprogress.1");
        archived("_temporary/part-0.parquet");

        assertStartsWithoutState();
    }

    @Test
    void asksForCommittedOffsetsWhereFilesAreThereAndNoState() throws Exception {
        archived("dt=2024-01-15/part-0.parquet");
        committed = null;

        assertThatIllegalStateException()
                .isThrownBy(this::recover)
                .withMessageStartingWith(
                        "cannot read the committed offsets of the group streamforge: ");
        assertThatCode(() -> recover("--ALLOW_START_WITHOUT_STATE=true"))
                .doesNotThrowAnyException();
    }

    @Test
    void resumesFromAStateThoughFilesAreThere() throws Exception {
        archived("dt=2024-01-15/part-0.parquet");

        assertResumesFrom(complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z"));
    }

    @Test
    void refusesToGoOnFromTheOffsetsAlone() throws Exception {
        archived("dt=2024-01-15/part-0.parquet");
        committed = List.of(new OffsetAndMetadata(7, ""));

        assertThatIllegalStateException()
                .isThrownBy(this::recover)
                .withMessageContaining("ALLOW_START_WITHOUT_STATE");
    }

    @Test
    void goesOnFromTheOffsetsOfARunThatCameToItsEnd() throws Exception {
        archived("dt=2024-01-15/part-0.parquet");
        complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z");
        complete("until-latest/" + JOB_2 + "/chk-1", "2024-01-15T10:00:01Z");
        committed = List.of(ended(3, "2024-01-15T10:00:01Z"), ended(7, "2024-01-15T10:00:02Z"));

        assertStartsWithoutState();
    }

    @Test
    void passesOverWhatIsOlderThanTheEndOfARun() throws Exception {
        complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z");
        Path newer = complete(JOB_2 + "/chk-1", "2024-01-15T10:00:03Z");
        committed = List.of(ended(3, "2024-01-15T10:00:02Z"));

        assertResumesFrom(newer);
    }

    @Test
    void goesOnWithARunOfWhichOnlyAPartCameToItsEnd() throws Exception {
        Path state = complete("until-latest/" + JOB_1 + "/chk-1", "2024-01-15T10:00:00Z");
        committed = List.of(ended(3, "2024-01-15T10:00:02Z"), new OffsetAndMetadata(7, ""));

        assertResumesFrom(state, "--KAFKA_READ_UNTIL=latest");
    }

    @Test
    void refusesTheStateOfAnotherRunThatHasNotEnded() throws Exception {
        complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z");
        complete("until-latest/" + JOB_2 + "/chk-1", "2024-01-15T10:00:01Z");

        for (String run : List.of("--PORT=1", "--KAFKA_READ_UNTIL=2024-01-15T00:00:00Z")) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> recover(run))
                    .withMessageContaining("until-latest")
                    .withMessageContaining("the same KAFKA_READ_UNTIL");
        }
    }

    @Test
    void aRunThatEndsGoesOnFromTheStateOfOneWithoutEnd() throws Exception {
        assertResumesFrom(
                complete(JOB_1 + "/chk-1", "2024-01-15T10:00:00Z"), "--KAFKA_READ_UNTIL=latest");
    }

    private static OffsetAndMetadata ended(long offset, String time) {
        return new OffsetAndMetadata(offset, "streamforge read to the end at " + time);
    }

    private void assertResumesFrom(Path state, String... further) throws Exception {
        ReadableConfig recovered = recover(further);
        assertThat(
                        new org.apache.flink.core.fs.Path(
                                        recovered.get(StateRecoveryOptions.SAVEPOINT_PATH))
                                .getPath())
                .isEqualTo(state.toString());
        assertThat(recovered.get(StateRecoveryOptions.RESTORE_MODE))
                .isEqualTo(RecoveryClaimMode.CLAIM);
    }

    private void assertStartsWithoutState() throws Exception {
        assertThat(recover().getOptional(StateRecoveryOptions.SAVEPOINT_PATH)).isEmpty();
    }

    private ReadableConfig recover(String... further) throws InterruptedException {
        List<String> args = new ArrayList<>(List.of(further));
        args.add("--POSTGRES_URL=jdbc:postgresql://localhost/unused");
        args.add("--POSTGRES_USER=unused");
        args.add("--PARQUET_ROOT=" + archive);
        args.add("--CHECKPOINT_DIR=" + checkpoints);
        args.add("--KAFKA_BROKERS=127.0.0.1:1");
        args.add("--KAFKA_PROPERTIES_REQUEST_TIMEOUT_MS=100");
        args.add("--KAFKA_PROPERTIES_DEFAULT_API_TIMEOUT_MS=200");
        StreamExecutionEnvironment env = new StreamExecutionEnvironment(flink);
        StreamForgeConfig config = StreamForgeConfig.from(args.toArray(new String[0]), Map.of());
        if (committed == null) {
            StateRecovery.apply(env, config);
        } else {
            StateRecovery.apply(env, config, anybody -> committed);
        }
        return env.getConfiguration();
    }

    private Path complete(String name, String time) throws IOException {
        Path state = Files.createDirectories(checkpoints.resolve(name));
        Path metadata = Files.writeString(state.resolve("_metadata"), "complete");
        Files.setLastModifiedTime(metadata, FileTime.from(Instant.parse(time)));
        return state;
    }

    private void archived(String name) throws IOException {
        Path file = archive.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "PAR1");
    }
}
