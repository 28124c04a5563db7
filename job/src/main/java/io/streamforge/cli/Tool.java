package io.streamforge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.streamforge.account.Position;
import io.streamforge.account.Progress;
import io.streamforge.account.TopicReader;
import io.streamforge.config.PostgresConfig;
import io.streamforge.config.Settings;
import io.streamforge.config.StreamForgeConfig;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.UnmatchedArgsBinding;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** What all tools have in common: settings among the arguments, the output's form, progress. */
final class Tool {

    private static final JsonMapper JSON = new JsonMapper();

    @Mixin private OutputOption output;

    private final List<String> unmatched = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** Gives each tool its settings among the arguments, which picocli does not do for a mixin. */
    static void bindSettings(CommandLine command) {
        for (CommandSpec mixin : command.getCommandSpec().mixins().values()) {
            if (mixin.userObject() instanceof Tool tool) {
                command.setUnmatchedArgumentsAllowed(true);
                command.getCommandSpec()
                        .addUnmatchedArgsBinding(
                                UnmatchedArgsBinding.forStringArrayConsumer(tool.new Arguments()));
            }
        }
        command.getSubcommands().values().forEach(Tool::bindSettings);
    }

    /** What picocli calls with the arguments that are no options of the tool, or with null. */
    private final class Arguments implements ISetter {

        @Override
        public <T> T set(T value) {
            unmatched.clear();
            if (value != null) {
                unmatched.addAll(List.of((String[]) value));
            }
            return value;
        }
    }

    /** All settings; {@code POSTGRES_URL} among them. */
    StreamForgeConfig config() {
        return StreamForgeConfig.from(settings());
    }

    /** The settings of a tool that does without Postgres. */
    StreamForgeConfig configWithoutPostgres() {
        return StreamForgeConfig.withoutPostgres(settings());
    }

    /** Arguments like {@code --KAFKA_BROKERS=…} over the environment. */
    Settings settings() {
        for (String argument : unmatched) {
            if (!StreamForge.isSetting(argument)) {
                throw new UnmatchedArgumentException(spec.commandLine(), unmatched);
            }
        }
        return streamForge().settings(unmatched.toArray(new String[0]));
    }

    /** The variables that this run sees. */
    Map<String, String> environment() {
        return streamForge().environment();
    }

    private StreamForge streamForge() {
        return (StreamForge) spec.root().userObject();
    }

    /** A reader, once Kafka answers. */
    TopicReader reader(StreamForgeConfig config) throws InterruptedException {
        awaitKafka(config);
        return new TopicReader(config.kafka().clientProperties(), config.kafka().groupId());
    }

    void awaitKafka(StreamForgeConfig config) throws InterruptedException {
        KafkaWait.await(config.kafka(), config.startTimeout(), err());
    }

    /** Returns once Postgres takes a connection. */
    void awaitPostgres(StreamForgeConfig config) throws InterruptedException {
        PostgresConfig postgres = config.postgres();
        try {
            new PostgresWait(
                            postgres.url(),
                            postgres.user(),
                            postgres.password().resolve(environment()),
                            config.startTimeout(),
                            err())
                    .await();
        } catch (PostgresWait.UnreachableException | PostgresWait.RefusedException e) {
            throw new EndException(
                    e.getMessage(),
                    e instanceof PostgresWait.RefusedException
                            ? StreamForge.USAGE
                            : StreamForge.UNREACHABLE);
        }
    }

    /** There is nothing more to do but to say why. */
    static final class EndException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int exitCode;

        private EndException(String message, int exitCode) {
            super(message);
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    Progress progress() {
        return new ProgressLines(err());
    }

    boolean isJson() {
        return output.isJson();
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    void print(JsonNode json) {
        out().println(json);
    }

    /** Whoever reads the output has gone, as {@code head} does; there is nothing more to do. */
    boolean isUnread() {
        return out().checkError();
    }

    /** What one option says, or a usage error. */
    Position position(String option, String text, Position otherwise) {
        try {
            return text == null ? otherwise : Position.parse(text, Instant.now());
        } catch (IllegalArgumentException e) {
            throw usage(option + ": " + e.getMessage());
        }
    }

    ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
