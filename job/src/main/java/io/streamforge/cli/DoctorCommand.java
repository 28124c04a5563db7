package io.streamforge.cli;

import io.streamforge.config.StreamForgeConfig;
import io.streamforge.doctor.Doctor;
import io.streamforge.doctor.Finding;
import io.streamforge.doctor.Finding.Level;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what will bite, and what to do about it. */
@Command(
        name = "doctor",
        description = {
            "Say what will bite the job, and what to do about it; nothing is changed.",
            "Looks over what the job depends on: Kafka and Postgres, the topics' settings, the",
            "table's shape and privileges, clocks, open transactions, checkpoints and files that",
            "were left behind. Run it with the job's settings."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge doctor",
            "  streamforge doctor --all",
            "  streamforge doctor --output json | jq 'select(.level == \"warning\")'",
            "",
            "Exit codes: 0 nothing will bite, 1 something will, 2 usage or configuration,",
            "3 Kafka or Postgres does not answer within 10 s."
        })
final class DoctorCommand implements Callable<Integer> {

    @Mixin private Tool tool;

    @Option(names = "--all", description = "Show also what is fine.")
    private boolean all;

    private final Map<Level, Integer> counts = new EnumMap<>(Level.class);

    @Override
    public Integer call() throws InterruptedException {
        StreamForgeConfig config = tool.config();
        Doctor.examine(config, Clock.systemUTC(), this::report);
        if (!tool.isJson()) {
            tool.out()
                    .printf(
                            Locale.ROOT,
                            "%d fine, %d to know, %d will bite, %d unreachable%n",
                            count(Level.OK),
                            count(Level.NOTE),
                            count(Level.WARNING),
                            count(Level.UNREACHABLE));
        }
        if (count(Level.UNREACHABLE) > 0) {
            return StreamForge.UNREACHABLE;
        }
        return count(Level.WARNING) > 0 ? StreamForge.FAILED : StreamForge.OK;
    }

    private int count(Level level) {
        return counts.getOrDefault(level, 0);
    }

    private void report(Finding finding) {
        counts.merge(finding.level(), 1, Integer::sum);
        if (tool.isJson()) {
            tool.print(
                    Tool.object()
                            .put("area", finding.area())
                            .put("level", finding.level().name().toLowerCase(Locale.ROOT))
                            .put("what", finding.what())
                            .put("advice", finding.advice().isEmpty() ? null : finding.advice()));
        } else if (all || finding.level() != Level.OK) {
            tool.out()
                    .printf(
                            Locale.ROOT,
                            "%-11s %-11s %s%n",
                            finding.level().name().toLowerCase(Locale.ROOT),
                            finding.area(),
                            PayloadView.safe(finding.what()));
            if (!finding.advice().isEmpty()) {
                tool.out().println(" ".repeat(24) + "→ " + finding.advice());
            }
        }
    }
}
