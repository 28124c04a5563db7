package io.streamforge.cli;

import io.streamforge.config.ConfigException;
import io.streamforge.config.Settings;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line: everything around the job that needs no Flink cluster. It runs on a bare JDK,
 * so nothing here may refer to a class of Flink's own.
 */
@Command(
        name = "streamforge",
        description = "Tools around the StreamForge job.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {MigrateCommand.class, ConfigCommand.class, VersionCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  POSTGRES_URL=postgresql://owner:secret@db/events streamforge migrate",
            "  streamforge config --KAFKA_BROKERS=broker:9092",
            "  streamforge version",
            "",
            "Settings are environment variables, or arguments of the same names.",
            "Exit codes: 0 fine, 1 failed, 2 configuration or usage, 3 unreachable."
        })
public final class StreamForge implements Runnable {

    /** The command did what it should. */
    public static final int OK = 0;

    /** It failed for a reason that neither settings nor waiting would cure. */
    public static final int FAILED = 1;

    /** The settings or the command's arguments are wrong. */
    public static final int USAGE = 2;

    /** Kafka or Postgres could not be reached within {@code START_TIMEOUT}. */
    public static final int UNREACHABLE = 3;

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Show this help.")
    private boolean help;

    @Spec private CommandSpec spec;

    private final Map<String, String> environment;

    private StreamForge(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        System.exit(run(args, System.getenv(), out, err));
    }

    /**
     * Runs one command.
     *
     * @return the exit code
     */
    static int run(
            String[] args, Map<String, String> environment, PrintWriter out, PrintWriter err) {
        return new CommandLine(new StreamForge(environment))
                .setOut(out)
                .setErr(err)
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler(
                        (exception, command, parsed) -> {
                            if (exception instanceof ConfigException) {
                                err.println(exception.getMessage());
                                return USAGE;
                            }
                            throw exception;
                        })
                .execute(args);
    }

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /** The variables that this run sees. */
    Map<String, String> environment() {
        return environment;
    }

    /** Arguments over environment, with a line on standard error for each unknown variable. */
    Settings settings(String[] arguments) {
        Settings settings = Settings.read(arguments, environment);
        settings.warnings().forEach(spec.commandLine().getErr()::println);
        return settings;
    }
}
