package io.streamforge;

import io.streamforge.config.ReadUntil;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.source.EndMark;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the state that a start goes on from: the newest completed checkpoint or savepoint below the
 * checkpoint directory, of whatever job id.
 *
 * <p>Committed offsets alone are not enough for exactly-once files: the commit of offsets and the
 * commit of files are separate reactions to one checkpoint, and only the checkpoint knows both. So
 * a start without state is refused where offsets are committed and files are there already, unless
 * the {@link EndMark} beside the offsets says that all is done; states that are older than it are
 * passed over.
 */
final class StateRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(StateRecovery.class);

    /** The file that Flink writes last: a directory that has it is complete. */
    private static final String METADATA = "_metadata";

    private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d{1,18})");
    private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:");

    /** {@code <dir>/<job id>/chk-<n>/_metadata}, {@code <dir>/savepoint-…/_metadata}. */
    private static final int DEPTH = 3;

    /** Object stores count time in seconds; then the later checkpoint's number decides. */
    private static final Comparator<State> NEWEST_LAST =
            Comparator.comparingLong((State state) -> state.metadata().getModificationTime())
                    .thenComparingLong(state -> number(state.directory().getName()));

    private StateRecovery() {}

    /** 7 of {@code chk-7}; a savepoint, which ends a job, comes after all of them. */
    private static long number(String directory) {
        Matcher checkpoint = CHECKPOINT.matcher(directory);
        return checkpoint.matches() ? Long.parseLong(checkpoint.group(1)) : Long.MAX_VALUE;
    }

    static void apply(StreamExecutionEnvironment env, StreamForgeConfig config)
            throws InterruptedException {
        apply(env, config, StateRecovery::committedOffsets);
    }

    /** Asks for the group's offsets in the input topic. */
    @FunctionalInterface
    interface Offsets {
        Collection<OffsetAndMetadata> committed(StreamForgeConfig config)
                throws InterruptedException;
    }

    static void apply(StreamExecutionEnvironment env, StreamForgeConfig config, Offsets offsets)
            throws InterruptedException {
        ReadableConfig flink = env.getConfiguration();
        if (flink.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isPresent()
                || !flink.get(HighAvailabilityOptions.HA_MODE).equalsIgnoreCase("NONE")) {
            return; // somebody chose the state, or high availability keeps it
        }
        try {
            List<State> states = states(config.checkpoints().dir());
            // Looked for only where it matters: an archive may have many directories.
            Optional<FileStatus> archived =
                    states.isEmpty() && !config.allowStartWithoutState()
                            ? visibleFile(new Path(uri(config.parquet().root())))
                            : Optional.empty();
            if (states.isEmpty() && archived.isEmpty()) {
                return;
            }
            Collection<OffsetAndMetadata> committed = offsets.committed(config);
            Optional<Instant> end = EndMark.of(committed);
            Optional<State> newest =
                    states.stream()
                            .filter(state -> end.isEmpty() || state.isNewerThan(end.get()))
                            .max(NEWEST_LAST);
            if (newest.isPresent()) {
                refuseIfOfAnotherRun(newest.get(), config.readUntil());
                resume(env, newest.get().directory());
            } else if (end.isPresent()) {
                LOG.info("the last run ended at {}; going on from its offsets", end.get());
            } else if (!committed.isEmpty()) {
                throw withoutState(config, archived.get());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for checkpoints: " + e.getMessage(), e);
        }
    }

    /**
     * A completed checkpoint or savepoint.
     *
     * @param run the directory of the runs that it belongs to where they end, or else null
     */
    private record State(FileStatus metadata, String run) {

        Path directory() {
            return metadata.getPath().getParent();
        }

        boolean isNewerThan(Instant time) {
            return metadata.getModificationTime() > time.toEpochMilli();
        }
    }

    /** Only the job's own directory is searched: a cluster's may hold other jobs' checkpoints. */
    private static List<State> states(String directory) throws IOException {
        List<State> states = new ArrayList<>();
        if (directory != null) {
            Path root = new Path(uri(directory));
            for (FileStatus metadata : metadataFiles(root, DEPTH)) {
                states.add(new State(metadata, null));
            }
            for (FileStatus entry : list(root)) {
                if (isOfRunsThatEnd(entry)) {
                    for (FileStatus metadata : metadataFiles(entry.getPath(), DEPTH)) {
                        states.add(new State(metadata, entry.getPath().getName()));
                    }
                }
            }
        }
        return states;
    }

    private static boolean isOfRunsThatEnd(FileStatus entry) {
        return entry.isDir() && entry.getPath().getName().startsWith(ReadUntil.DIRECTORY_PREFIX);
    }

    /** A run without end is complete in each of its states, and any other may go on from there. */
    private static void refuseIfOfAnotherRun(State state, ReadUntil until) {
        if (state.run() != null && (until == null || !state.run().equals(until.directory()))) {
            throw new IllegalStateException(
                    "the newest state, "
                            + state.directory()
                            + ", is of a run with a KAFKA_READ_UNTIL that has not come to its end;"
                            + " start that once more first, with the same KAFKA_READ_UNTIL");
        }
    }

    private static void resume(StreamExecutionEnvironment env, Path state) {
        LOG.info("resuming from {}", state);
        Configuration recovery = new Configuration();
        recovery.set(StateRecoveryOptions.SAVEPOINT_PATH, state.toString());
        // Flink then deletes it once newer checkpoints have replaced it.
        recovery.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
        env.configure(recovery);
    }

    private static IllegalStateException withoutState(
            StreamForgeConfig config, FileStatus archived) {
        return new IllegalStateException(
                "the group %s has committed offsets and there are Parquet files (%s), but no"
                                .formatted(config.kafka().groupId(), archived.getPath())
                        + " checkpoint or savepoint was found: going on from the offsets alone"
                        + " could write rows twice or leave some out. Point CHECKPOINT_DIR to"
                        + " the checkpoints, or set ALLOW_START_WITHOUT_STATE=true.");
    }

    private static Collection<OffsetAndMetadata> committedOffsets(StreamForgeConfig config)
            throws InterruptedException {
        try (Admin admin = Admin.create(config.kafka().clientProperties())) {
            Map<TopicPartition, OffsetAndMetadata> committed =
                    admin.listConsumerGroupOffsets(config.kafka().groupId())
                            .partitionsToOffsetAndMetadata()
                            .get();
            return committed.entrySet().stream()
                    .filter(entry -> entry.getKey().topic().equals(config.kafka().inputTopic()))
                    .map(Map.Entry::getValue)
                    .toList();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "cannot read the committed offsets of the group "
                            + config.kafka().groupId()
                            + ": "
                            + e.getCause().getMessage(),
                    e.getCause());
        }
    }

    private static List<FileStatus> metadataFiles(Path directory, int depth) throws IOException {
        List<FileStatus> found = new ArrayList<>();
        for (FileStatus entry : list(directory)) {
            if (entry.isDir()) {
                if (depth > 1 && !isOfRunsThatEnd(entry)) {
                    found.addAll(metadataFiles(entry.getPath(), depth - 1));
                }
            } else if (entry.getPath().getName().equals(METADATA) && entry.getLen() > 0) {
                found.add(entry);
            }
        }
        return found;
    }

    /** A committed Parquet file, any one: FileSink's open ones begin with a dot. */
    private static Optional<FileStatus> visibleFile(Path directory) throws IOException {
        for (FileStatus entry : list(directory)) {
            String name = entry.getPath().getName();
            if (name.startsWith(".") || name.startsWith("_")) {
                continue;
            }
            Optional<FileStatus> found =
                    entry.isDir() ? visibleFile(entry.getPath()) : Optional.of(entry);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static FileStatus[] list(Path directory) throws IOException {
        FileSystem fileSystem = directory.getFileSystem();
        try {
            FileStatus[] entries = fileSystem.listStatus(directory);
            return entries == null ? new FileStatus[0] : entries;
        } catch (FileNotFoundException e) {
            return new FileStatus[0];
        }
    }

    /** A path as Flink wants it: with a scheme; one without is a file on this machine. */
    static String uri(String path) {
        return SCHEME.matcher(path).lookingAt()
                ? path
                : "file://" + new File(path).getAbsolutePath();
    }
}
