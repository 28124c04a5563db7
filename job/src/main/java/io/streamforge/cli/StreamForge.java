package io.streamforge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.streamforge.config.Settings;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;
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
        subcommands = {
            CheckCommand.class,
            DlqCommand.class,
            ReconcileCommand.class,
            DoctorCommand.class,
            CompactCommand.class,
            MigrateCommand.class,
            OpsCommand.class,
            ConfigCommand.class,
            CompletionCommand.class,
            VersionCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  streamforge check events.ndjson               what the job would do with these",
            "  streamforge dlq stats                         what was refused, and why",
            "  streamforge dlq show 2:4972                   one dead letter, its faults marked",
            "  streamforge dlq replay --reason UNKNOWN_EVENT_TYPE --set event_type=CLICK --yes",
            "  streamforge reconcile --exact                 prove that nothing is lost",
            "  streamforge doctor                            what will bite, and what to do",
            "",
            "Settings are environment variables, or arguments of the same names such as",
            "--KAFKA_BROKERS=broker:9092; `streamforge config print` shows them all.",
            "COMMAND --help says more about each.",
            "Exit codes: 0 fine, 1 bad data found or failed, 2 usage or configuration,",
            "3 Kafka or Postgres is unreachable."
        })
public final class StreamForge implements Runnable {

    /** The command did what it should. */
    public static final int OK = 0;

    /** It found bad data, or failed for a reason that neither settings nor waiting would cure. */
    public static final int FAILED = 1;

    /** The settings or the command's arguments are wrong. */
    public static final int USAGE = 2;

    /** Kafka or Postgres could not be reached within {@code START_TIMEOUT}. */
    public static final int UNREACHABLE = 3;

    private static final Pattern SETTING =
            Pattern.compile("--[A-Z][A-Z0-9_]*(=.*)?", Pattern.DOTALL);

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
        // UTF-8 whatever the locale, so that output can be read on by programs. Buffered, since
        // there may be a line for each message.
        PrintWriter out = new PrintWriter(new FileOutputStream(FileDescriptor.out), false, UTF_8);
        PrintWriter err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, UTF_8);
        keepSlf4jQuiet();
        int code = run(args, System.getenv(), out, err);
        out.flush();
        System.exit(code);
    }

    /**
     * Without a logging framework, SLF4J tells everybody on standard error once. What a client logs
     * is also in its exceptions.
     */
    private static void keepSlf4jQuiet() {
        PrintStream err = System.err;
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
        try {
            LoggerFactory.getILoggerFactory();
        } finally {
            System.setErr(err);
        }
    }

    /**
     * Runs one command in this process.
     *
     * @return the exit code
     */
    public static int run(
            String[] args, Map<String, String> environment, PrintWriter out, PrintWriter err) {
        return commandLine(environment).setOut(out).setErr(err).execute(joined(args));
    }

    static CommandLine commandLine(Map<String, String> environment) {
        CommandLine commandLine = new CommandLine(new StreamForge(environment));
        Tool.bindSettings(commandLine);
        return commandLine
                .setExpandAtFiles(false)
                .setUsageHelpWidth(100)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(
                        (failure, command, parsed) -> {
                            // What was found so far comes before why it ends.
                            command.getOut().flush();
                            return Failure.report(failure, command.getErr());
                        });
    }

    /** Whether it has the form of a setting: {@code --NAME} or {@code --NAME=value}. */
    static boolean isSetting(String argument) {
        return SETTING.matcher(argument).matches();
    }

    /** {@code --NAME value} as {@code --NAME=value}, lest the value be taken for a parameter. */
    private static String[] joined(String[] args) {
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            boolean open = isSetting(args[i]) && args[i].indexOf('=') < 0;
            if (open && i + 1 < args.length && !args[i + 1].startsWith("--")) {
                joined.add(args[i] + "=" + args[++i]);
            } else {
                joined.add(args[i]);
            }
        }
        return joined.toArray(new String[0]);
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
