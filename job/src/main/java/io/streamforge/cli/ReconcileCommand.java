package io.streamforge.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.account.Account;
import io.streamforge.account.AccountAudit;
import io.streamforge.account.Discrepancy;
import io.streamforge.account.PartitionAccount;
import io.streamforge.account.PartitionCounts;
import io.streamforge.account.Position;
import io.streamforge.config.KafkaConfig;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Proves from the stores that every consumed message is where it should be. */
@Command(
        name = "reconcile",
        description = {
            "Prove from the stores that every consumed message is where it should be.",
            "Reads the input topic up to the committed offsets, Postgres, the dead letters and the",
            "Parquet files, and compares them partition by partition. Nothing is written, and the",
            "group is not joined. Of a running job the last checkpoint's messages may still be on",
            "their way: stop it, or end before them with --to.",
            "Without --exact only numbers are compared: a row deleted from the table does not show,",
            "since it looks like one that was superseded. --exact compares which messages they are,",
            "proves every superseded one, and names what is missing and where."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge reconcile",
            "  streamforge reconcile --exact",
            "  streamforge reconcile --exact --from 2024-01-15 --to 2024-01-16 --output json",
            "",
            "Exit codes: 0 everything is accounted for, 1 something is missing or too much,",
            "2 usage or configuration, 3 Kafka or Postgres is unreachable."
        })
final class ReconcileCommand implements Callable<Integer> {

    @Mixin private Tool tool;

    @Option(names = "--exact", description = "Compare the messages themselves.")
    private boolean exact;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description =
                    "Where in the input topic to begin (default: beginning): "
                            + Position.FORMS
                            + ".")
    private String from;

    @Option(
            names = "--to",
            paramLabel = "WHERE",
            description = "Where to end, itself not included (default: the committed offsets).")
    private String to;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Name at most so many stretches of messages a finding (default: 100).")
    private int limit;

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        Position begin = tool.position("--from", from, Position.BEGINNING);
        Position end = tool.position("--to", to, Position.END);
        if (limit < 1 || limit == Integer.MAX_VALUE) {
            throw tool.usage("--limit: expected at least 1");
        }
        StreamForgeConfig config = tool.config();
        AccountAudit audit;
        try {
            audit = AccountAudit.of(config).reporting(tool.progress());
        } catch (IllegalArgumentException e) {
            throw tool.usage("PARQUET_ROOT: " + e.getMessage());
        }
        tool.awaitKafka(config);
        tool.awaitPostgres(config);
        if (exact) {
            Account account = audit.compute(begin, end);
            warnOfNothing(config.kafka(), account.consumed());
            return exact(account);
        }
        List<PartitionCounts> counts = audit.count(begin, end);
        warnOfNothing(config.kafka(), counts.stream().mapToLong(PartitionCounts::consumed).sum());
        return counts(counts);
    }

    /** A mistyped group would otherwise look as if all were well. */
    private void warnOfNothing(KafkaConfig kafka, long consumed) {
        if (consumed == 0) {
            tool.err()
                    .println(
                            "group "
                                    + kafka.groupId()
                                    + " has no committed offsets in this part of "
                                    + kafka.inputTopic()
                                    + ": nothing of it is consumed yet, or KAFKA_GROUP_ID is not"
                                    + " the job's");
        }
    }

    private int counts(List<PartitionCounts> partitions) {
        Table table =
                new Table(
                        "PARTITION",
                        "CONSUMED",
                        "PARQUET",
                        "INVALID",
                        "MISSING",
                        "TABLE",
                        "DB-REFUSED");
        for (PartitionCounts counts : partitions) {
            if (tool.isJson()) {
                tool.print(
                        Tool.object()
                                .put("partition", counts.partition())
                                .put("consumed", counts.consumed())
                                .put("parquet_rows", counts.parquetRows())
                                .put("rejected", counts.rejected())
                                .put("missing", counts.missing())
                                .put("table_rows", counts.tableRows())
                                .put("refused_by_database", counts.refused())
                                .put("balanced", counts.balanced()));
            }
            table.add(
                    counts.partition(),
                    counts.consumed(),
                    counts.parquetRows(),
                    counts.rejected(),
                    counts.missing(),
                    counts.tableRows(),
                    counts.refused());
        }
        boolean balanced = partitions.stream().allMatch(PartitionCounts::balanced);
        if (tool.isJson()) {
            ObjectNode json = Tool.object();
            json.putObject("summary").put("exact", false).put("balanced", balanced);
            tool.print(json);
        } else {
            table.print(tool.out());
            tool.out()
                    .println(
                            balanced
                                    ? "the numbers agree; --exact compares the messages themselves"
                                    : "the numbers do not agree; --exact names the messages");
        }
        return balanced ? StreamForge.OK : StreamForge.FAILED;
    }

    private int exact(Account account) {
        if (tool.isJson()) {
            exactJson(account);
        } else {
            Table table =
                    new Table("PARTITION", "CONSUMED", "STORED", "SUPERSEDED", "DEAD-LETTERED", "");
            for (PartitionAccount partition : account.partitions()) {
                table.add(
                        partition.partition(),
                        partition.consumed(),
                        partition.stored(),
                        partition.superseded(),
                        partition.deadLettered(),
                        partition.balanced() ? "" : "does not add up");
            }
            table.print(tool.out());
            tool.out().println(account.line());
            for (Discrepancy discrepancy : account.discrepancies()) {
                print(discrepancy);
            }
            if (account.balanced()) {
                tool.out().println("every consumed message is accounted for");
            }
        }
        return account.balanced() ? StreamForge.OK : StreamForge.FAILED;
    }

    private void print(Discrepancy discrepancy) {
        List<String> ranges = discrepancy.ranges(limit + 1);
        tool.out()
                .printf(
                        Locale.ROOT,
                        "%n%s: %s%s%n",
                        discrepancy.store().label(),
                        discrepancy.what(),
                        ranges.isEmpty() ? "" : " (" + discrepancy.count() + ")");
        ranges.stream().limit(limit).forEach(range -> tool.out().println("  " + range));
        if (ranges.size() > limit) {
            tool.out().println("  … --limit names more");
        }
    }

    private void exactJson(Account account) {
        for (PartitionAccount partition : account.partitions()) {
            tool.print(
                    Tool.object()
                            .put("partition", partition.partition())
                            .put("consumed", partition.consumed())
                            .put("stored", partition.stored())
                            .put("superseded", partition.superseded())
                            .put("dead_lettered", partition.deadLettered())
                            .put("balanced", partition.balanced()));
        }
        for (Discrepancy discrepancy : account.discrepancies()) {
            ObjectNode json =
                    Tool.object()
                            .put("store", discrepancy.store().name().toLowerCase(Locale.ROOT))
                            .put("what", discrepancy.what())
                            .put("count", discrepancy.count());
            ArrayNode messages = json.putArray("messages");
            discrepancy.ranges(limit).forEach(messages::add);
            tool.print(json);
        }
        ObjectNode json = Tool.object();
        json.putObject("summary")
                .put("exact", true)
                .put("balanced", account.balanced())
                .put("consumed", account.consumed())
                .put("stored", account.stored())
                .put("superseded", account.superseded())
                .put("dead_lettered", account.deadLettered())
                .put("overlap", account.overlap())
                .put("parquet_rows", account.parquetRows())
                .put("parquet_files", account.parquetFiles());
        tool.print(json);
    }
}
