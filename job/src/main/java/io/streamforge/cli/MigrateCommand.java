package io.streamforge.cli;

import io.streamforge.config.PostgresConfig;
import io.streamforge.config.StreamForgeConfig;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Brings the database's schema to this release. */
@Command(
        name = "migrate",
        customSynopsis = "streamforge migrate [-h] [--NAME=value]...",
        description = {
            "Create or update the tables in the database that POSTGRES_URL names.",
            "Waits for the database up to START_TIMEOUT. The role must be allowed to own the",
            "schema; the job itself needs only SELECT, INSERT and UPDATE on the table."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  POSTGRES_URL=postgresql://owner:secret@db/events streamforge migrate",
            "  POSTGRES_PASSWORD_FILE=/run/secrets/owner streamforge migrate \\",
            "      --POSTGRES_URL=postgresql://owner@db/events --START_TIMEOUT=30s",
            "",
            "Exit codes: 0 migrated, 1 a migration failed, 2 configuration, 3 unreachable."
        })
final class MigrateCommand implements Callable<Integer> {

    @ParentCommand private StreamForge streamForge;

    @Spec private CommandSpec spec;

    @Unmatched private String[] arguments = {};

    @Override
    public Integer call() throws InterruptedException {
        StreamForgeConfig config = StreamForgeConfig.from(streamForge.settings(arguments));
        PostgresConfig postgres = config.postgres();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        String password = postgres.password().resolve(streamForge.environment());
        try {
            new PostgresWait(postgres.url(), postgres.user(), password, config.startTimeout(), err)
                    .await();
            List<String> applied =
                    SchemaMigration.migrate(postgres.url(), postgres.user(), password);
            applied.forEach(version -> out.println("Applied migration " + version));
            if (applied.isEmpty()) {
                out.println("The schema is up to date");
            }
            return StreamForge.OK;
        } catch (PostgresWait.UnreachableException e) {
            err.println(e.getMessage());
            return StreamForge.UNREACHABLE;
        } catch (PostgresWait.RefusedException e) {
            err.println(e.getMessage());
            return StreamForge.USAGE;
        } catch (SchemaMigration.FailedException e) {
            err.println(e.getMessage());
            return e.isPermissionDenied() ? StreamForge.USAGE : StreamForge.FAILED;
        }
    }
}
