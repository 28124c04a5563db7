package io.streamforge.cli;

import io.streamforge.compact.Compaction;
import io.streamforge.config.BuildInfo;
import io.streamforge.config.LocalPath;
import io.streamforge.config.Setting;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes few large files of the archive's many small ones. */
@Command(
        name = "compact",
        description = {
            "Make few large files of the archive's many small ones.",
            "Rewrites the small files of closed partitions below PARQUET_ROOT, a local directory,",
            "into files of up to PARQUET_FLUSH_MAX_BYTES and PARQUET_FLUSH_MAX_ROWS. Files that",
            "are newer than the oldest checkpoint or savepoint below CHECKPOINT_DIR are left for",
            "later. The job may run meanwhile; each row stays visible exactly once, also where",
            "this is killed: the next run puts right what was begun."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge compact --dry-run --CHECKPOINT_DIR=data/checkpoints",
            "  streamforge compact --partition=dt=2024-01-15 --before=2024-01-20T00:00:00Z",
            "",
            "Exit codes: 0 done or nothing to do, 1 failed, 2 configuration or usage."
        })
final class CompactCommand implements Callable<Integer> {

    @Mixin private Tool tool;

    @Option(names = "--dry-run", description = "Say what would be done, and change nothing.")
    private boolean dryRun;

    @Option(
            names = "--partition",
            paramLabel = "NAME",
            description =
                    "Only this directory, for example dt=2024-01-15 or dt=2024-01-15/hour=07, also"
                            + " where it is not closed; may be repeated.")
    private Set<String> partitions = Set.of();

    @Option(
            names = "--before",
            paramLabel = "TIME",
            description =
                    "Only files older than this RFC 3339 time; needed where the checkpoints are not"
                            + " below a local CHECKPOINT_DIR.")
    private String before;

    @Override
    public Integer call() throws IOException {
        StreamForgeConfig config = tool.configWithoutPostgres();
        Compaction compaction;
        try {
            compaction = new Compaction(config.parquet(), BuildInfo.load().version());
        } catch (IllegalArgumentException e) {
            throw tool.usage(Setting.PARQUET_ROOT + ": " + e.getMessage());
        }
        if (!Files.isDirectory(compaction.root())) {
            throw tool.usage(Setting.PARQUET_ROOT + ": there is no directory " + compaction.root());
        }
        FileTime limit = limit(config);
        report(compaction.run(partitions, limit, dryRun, tool.err()::println), limit);
        return StreamForge.OK;
    }

    private void report(Compaction.Result result, FileTime limit) {
        if (tool.isJson()) {
            tool.print(
                    Tool.object()
                            .put("dry_run", dryRun)
                            .put("files_before", result.filesBefore())
                            .put("files_after", result.filesAfter())
                            .put("rows", result.rows())
                            .put("bytes_before", result.bytesBefore())
                            .put("bytes_after", dryRun ? null : result.bytesAfter())
                            .put("open_partitions", result.openPartitions())
                            .put("new_files", result.newFiles()));
            return;
        }
        if (result.openPartitions() > 0) {
            tool.err()
                    .println(
                            result.openPartitions()
                                    + " partitions are not closed and stay as they are;"
                                    + " --partition compacts them all the same");
        }
        if (result.newFiles() > 0) {
            tool.err().println(result.newFiles() + " files are newer than " + limit + " and stay");
        }
        tool.out()
                .printf(
                        Locale.ROOT,
                        "%s files=%d into=%d rows=%d bytes=%d%s%n",
                        dryRun ? "would compact" : "compacted",
                        result.filesBefore(),
                        result.filesAfter(),
                        result.rows(),
                        result.bytesBefore(),
                        dryRun ? "" : " bytes_after=" + result.bytesAfter());
    }

    /** The earlier of the oldest retained state and what was asked for. */
    private FileTime limit(StreamForgeConfig config) throws IOException {
        FileTime asked = asked();
        String directory = config.checkpoints().dir();
        Optional<Path> local = directory == null ? Optional.empty() : LocalPath.of(directory);
        Optional<FileTime> oldest =
                local.isEmpty() ? Optional.empty() : Compaction.oldestState(local.get());
        if (oldest.isEmpty() && asked == null) {
            throw tool.usage(
                    (directory == null
                                    ? Setting.CHECKPOINT_DIR + " is not set"
                                    : Setting.CHECKPOINT_DIR
                                            + ": no checkpoint or savepoint was found below "
                                            + directory)
                            + ", so it is not known which files one could still be restored"
                            + " before; set it to the job's own, or give --before=TIME of the"
                            + " oldest state that is kept");
        }
        if (oldest.isEmpty()) {
            return asked;
        }
        return asked == null || oldest.get().compareTo(asked) < 0 ? oldest.get() : asked;
    }

    private FileTime asked() {
        try {
            return before == null ? null : FileTime.from(OffsetDateTime.parse(before).toInstant());
        } catch (DateTimeParseException e) {
            throw tool.usage(
                    "--before is '" + before + "': expected a time such as 2024-01-15T00:00:00Z");
        }
    }
}
