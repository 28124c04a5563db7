package io.streamforge.config;

import io.streamforge.config.ConfigException.Problem;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What arguments, environment and files say, before it is understood: each setting's text and where
 * it came from. An empty environment variable counts as not set, since that is what compose files
 * make of a variable without a value.
 */
public final class Settings {

    /** Shown instead of a secret. */
    static final String MASK = "****";

    private static final List<String> OWN_PREFIXES =
            List.of("KAFKA_", "POSTGRES_", "PARQUET_", "BATCH_", "BREAKER_", "DLQ_", "CHECKPOINT_");

    /** Where a value came from, the strongest last. */
    public enum Origin {
        DEFAULT,
        ENVIRONMENT,
        FILE,
        ARGUMENT
    }

    /**
     * One setting as it stands.
     *
     * @param name the setting's name
     * @param value its text, secrets masked; null where it is not set and has no default
     * @param origin where the value came from
     */
    public record Effective(String name, String value, Origin origin) {}

    /**
     * A value that was given.
     *
     * @param name the variable or argument
     * @param text null where its file could not be read, which is reported already
     * @param path of the file where the origin is one, else null
     */
    record Given(String name, String text, Origin origin, String path) {}

    private final Map<Setting, Given> given = new EnumMap<>(Setting.class);
    private final Map<String, Given> kafkaProperties = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private Settings() {}

    /**
     * Gathers without judging: what is wrong is thrown by {@link StreamForgeConfig#from(Settings)}.
     *
     * @param args {@code --NAME=value} or {@code --NAME value}
     * @param environment usually {@link System#getenv()}
     */
    public static Settings read(String[] args, Map<String, String> environment) {
        Settings settings = new Settings();
        Map<String, String> arguments = new ArgumentReader(settings.problems).read(args);
        Map<String, String> variables = new HashMap<>(environment);
        variables.values().removeIf(String::isEmpty);
        for (Setting setting : Setting.values()) {
            if (!settings.gather(setting, arguments, Origin.ARGUMENT)) {
                settings.gather(setting, variables, Origin.ENVIRONMENT);
            }
        }
        settings.gatherKafkaProperties(variables, Origin.ENVIRONMENT);
        settings.gatherKafkaProperties(arguments, Origin.ARGUMENT);
        settings.warnOfUnknown(variables);
        return settings;
    }

    /** One line for each variable under our prefixes that is no setting; never its value. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Every setting in the order of its declaration, then Kafka's client properties. */
    public List<Effective> effective() {
        List<Effective> effective = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            Given value = given.get(setting);
            effective.add(
                    value == null
                            ? new Effective(setting.name(), setting.defaultValue(), Origin.DEFAULT)
                            : new Effective(
                                    setting.name(), shown(setting, value.text()), value.origin()));
        }
        kafkaProperties.forEach(
                (key, value) ->
                        effective.add(
                                new Effective(
                                        value.name(),
                                        KafkaProperties.shown(key, value.text()),
                                        value.origin())));
        return List.copyOf(effective);
    }

    /** What was found wrong while gathering. */
    List<Problem> problems() {
        return problems;
    }

    /** What was given, or null where the default stands. */
    Given given(Setting setting) {
        return given.get(setting);
    }

    /** Client properties by Kafka's names. */
    Map<String, Given> kafkaProperties() {
        return kafkaProperties;
    }

    /** A setting's text as it may be printed; null stays null. */
    static String shown(Setting setting, String text) {
        if (text == null) {
            return null;
        }
        if (setting.isSecret()) {
            return MASK;
        }
        return setting == Setting.POSTGRES_URL ? PostgresUrl.shown(text) : withoutUserInfo(text);
    }

    /** Credentials may have been put in front of a host where none belong. */
    static String withoutUserInfo(String text) {
        return text.replaceAll("[^\\s,/]+@", MASK + "@");
    }

    private boolean gather(Setting setting, Map<String, String> layer, Origin origin) {
        String text = layer.get(setting.name());
        Setting fileForm = setting.fileForm();
        String path = fileForm == null ? null : layer.get(fileForm.name());
        if (text != null && path != null) {
            problems.add(
                    new Problem(
                            fileForm.name(), path, "only one of it and " + setting + " to be set"));
        }
        if (text != null) {
            String clean = setting.isSecret() ? text : text.strip();
            given.put(setting, new Given(setting.name(), clean, origin, null));
        } else if (path != null) {
            given.put(setting, fromFile(fileForm, path));
        }
        return text != null || path != null;
    }

    private Given fromFile(Setting fileForm, String path) {
        String text = null;
        try {
            text = SecretFile.read(path);
        } catch (SecretFile.UnreadableException e) {
            problems.add(
                    new Problem(
                            fileForm.name(), path, "a readable file, but it " + e.getMessage()));
        }
        return new Given(fileForm.name(), text, Origin.FILE, path);
    }

    private void gatherKafkaProperties(Map<String, String> layer, Origin origin) {
        new TreeMap<>(layer)
                .forEach(
                        (name, text) -> {
                            if (isKafkaProperty(name)) {
                                kafkaProperties.put(
                                        kafkaKey(name), new Given(name, text, origin, null));
                            }
                        });
    }

    private void warnOfUnknown(Map<String, String> variables) {
        for (String name : new TreeMap<>(variables).keySet()) {
            boolean ours = OWN_PREFIXES.stream().anyMatch(name::startsWith);
            if (ours && Setting.named(name) == null && !isKafkaProperty(name)) {
                warnings.add(
                        "The environment variable "
                                + name
                                + " is ignored: there is no such setting; the nearest is "
                                + NearestName.to(name));
            }
        }
    }

    static boolean isKafkaProperty(String name) {
        return name.startsWith(Setting.KAFKA_PROPERTIES_PREFIX)
                && name.length() > Setting.KAFKA_PROPERTIES_PREFIX.length();
    }

    private static String kafkaKey(String name) {
        return name.substring(Setting.KAFKA_PROPERTIES_PREFIX.length())
                .replace('_', '.')
                .toLowerCase(Locale.ROOT);
    }
}
