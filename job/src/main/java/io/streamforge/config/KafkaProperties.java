package io.streamforge.config;

import io.streamforge.config.ConfigException.Problem;
import io.streamforge.config.Settings.Given;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The client properties given as {@code KAFKA_PROPERTIES_*}. They are serialised into the job graph
 * with source and sinks, so a secret among them must be a reference that Kafka's own config
 * providers resolve inside the clients. Properties on which the job's guarantees rest are refused.
 */
final class KafkaProperties {

    private static final String JAAS = "sasl.jaas.config";
    private static final String PROVIDERS = "config.providers";

    private static final Map<String, String> OWNED =
            Map.ofEntries(
                    Map.entry("bootstrap.servers", "to be set by KAFKA_BROKERS"),
                    Map.entry("group.id", "to be set by KAFKA_GROUP_ID"),
                    Map.entry("auto.offset.reset", "to be set by KAFKA_AUTO_OFFSET_RESET"),
                    Map.entry("isolation.level", "to be set by KAFKA_ISOLATION_LEVEL"),
                    Map.entry("key.deserializer", "to be left to the job"),
                    Map.entry("value.deserializer", "to be left to the job"),
                    Map.entry("key.serializer", "to be left to the job"),
                    Map.entry("value.serializer", "to be left to the job"),
                    Map.entry("enable.auto.commit", "to be left to the job"),
                    Map.entry("acks", "to be left to the job"),
                    Map.entry("enable.idempotence", "to be left to the job"),
                    Map.entry("transactional.id", "to be left to the job"));

    private static final Pattern SECRET_NAME =
            Pattern.compile(
                    ".*(password|passphrase|secret|token"
                            + "|(access|api|private|secret|keystore)[._-]?key)",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern JAAS_OPTION =
            Pattern.compile(
                    "(?<name>[\\w.-]+)\\s*=\\s*"
                            + "(?:\"(?<double>[^\"]*)\"|'(?<single>[^']*)'|(?<bare>[^\\s;]+))");

    /** Kafka's own syntax: {@code ${provider:[path:]key}}. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*?):(?:[^}]*?:)?[^}]*?}");

    private final Map<String, Given> given;
    private final List<Problem> problems;

    KafkaProperties(Map<String, Given> given, List<Problem> problems) {
        this.given = given;
        this.problems = problems;
    }

    /** The properties by Kafka's names; what is wrong goes to the list of problems. */
    Map<String, String> read() {
        Map<String, String> properties = new TreeMap<>();
        given.forEach(
                (key, value) -> {
                    properties.put(key, value.text());
                    if (OWNED.containsKey(key)) {
                        refuse(key, OWNED.get(key));
                    } else if (holdsLiteralSecret(key, value.text())) {
                        refuse(
                                key,
                                "a reference such as ${file:/path:key} or ${env:NAME} instead of a"
                                        + " literal secret, resolved by "
                                        + Setting.KAFKA_PROPERTIES_PREFIX
                                        + "CONFIG_PROVIDERS");
                    } else if (!key.startsWith(PROVIDERS)) {
                        requireProviders(key, value.text(), properties());
                    }
                });
        return properties;
    }

    /** A property's text as it may be printed; null stays null. */
    static String shown(String key, String text) {
        boolean secret = key.equals(JAAS) || SECRET_NAME.matcher(key).matches();
        return secret && !isReference(text) ? Settings.MASK : Settings.withoutUserInfo(text);
    }

    private void requireProviders(String key, String text, Map<String, String> properties) {
        Set<String> listed =
                Arrays.stream(properties.getOrDefault(PROVIDERS, "").split(","))
                        .map(String::strip)
                        .collect(Collectors.toSet());
        Matcher reference = REFERENCE.matcher(text);
        while (reference.find()) {
            String provider = reference.group(1);
            String classKey = PROVIDERS + "." + provider + ".class";
            if (!listed.contains(provider) || !properties.containsKey(classKey)) {
                String prefix = Setting.KAFKA_PROPERTIES_PREFIX + "CONFIG_PROVIDERS";
                refuse(
                        key,
                        prefix
                                + " to name '"
                                + provider
                                + "', and "
                                + prefix
                                + "_"
                                + provider.toUpperCase(Locale.ROOT)
                                + "_CLASS to be its class");
            }
        }
    }

    private Map<String, String> properties() {
        return given.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().text()));
    }

    private void refuse(String key, String expected) {
        Given value = given.get(key);
        problems.add(new Problem(value.name(), shown(key, value.text()), expected));
    }

    private static boolean holdsLiteralSecret(String key, String text) {
        if (isReference(text)) {
            return false;
        }
        if (!key.equals(JAAS)) {
            return SECRET_NAME.matcher(key).matches();
        }
        Matcher option = JAAS_OPTION.matcher(text);
        while (option.find()) {
            if (SECRET_NAME.matcher(option.group("name")).matches()
                    && !isReference(valueOf(option))) {
                return true;
            }
        }
        return false;
    }

    private static String valueOf(Matcher option) {
        for (String form : List.of("double", "single", "bare")) {
            if (option.group(form) != null) {
                return option.group(form);
            }
        }
        return "";
    }

    private static boolean isReference(String text) {
        return REFERENCE.matcher(text.strip()).matches();
    }
}
