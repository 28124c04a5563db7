package io.streamforge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.streamforge.config.ConfigException.Problem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaPropertiesTest {

    private static final String JAAS = "KAFKA_PROPERTIES_SASL_JAAS_CONFIG";
    private static final String PLAIN =
            "org.apache.kafka.common.security.plain.PlainLoginModule required ";

    @Test
    void passesOnWhatKafkaResolvesItself() {
        String jaas = PLAIN + "username=\"u\" password=\"${file:/run/secrets/kafka:password}\";";
        Map<String, String> properties =
                read(
                        Map.of(
                                JAAS,
                                jaas,
                                "KAFKA_PROPERTIES_SSL_KEY_PASSWORD",
                                "${env:KEY}",
                                "KAFKA_PROPERTIES_CONFIG_PROVIDERS",
                                "file, env",
                                "KAFKA_PROPERTIES_CONFIG_PROVIDERS_FILE_CLASS",
                                "a.File",
                                "KAFKA_PROPERTIES_CONFIG_PROVIDERS_ENV_CLASS",
                                "a.Env"));

        assertThat(properties)
                .containsEntry("sasl.jaas.config", jaas)
                .containsEntry("ssl.key.password", "${env:KEY}")
                .containsEntry("config.providers", "file, env")
                .containsEntry("config.providers.file.class", "a.File")
                .hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true"
                        + " keyTab=\"/k\" principal=\"a@B\";",
                "org.apache.kafka.common.security.scram.ScramLoginModule required"
                        + " tokenauth=\"true\";"
            })
    void passesOnALoginWithoutSecret(String jaas) {
        assertThat(read(Map.of(JAAS, jaas))).containsEntry("sasl.jaas.config", jaas);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "username=\"u\" password=\"canary\";",
                "username=\"u\" password='canary';",
                "username=u PASSWORD = canary;",
                "password=\"canary${file:/a:b}\";",
                "password=\"${file:/a:b}\" clientSecret=\"canary\";",
                "password=\"\";",
            })
    void refusesALiteralPasswordInALogin(String options) {
        Map<String, String> environment = new HashMap<>(providers());
        environment.put(JAAS, PLAIN + options);
        assertThat(problems(environment))
                .containsExactly(
                        JAAS
                                + " is '****': expected a reference such as ${file:/path:key} or"
                                + " ${env:NAME} instead of a literal secret, resolved by"
                                + " KAFKA_PROPERTIES_CONFIG_PROVIDERS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSL_KEY_PASSWORD",
                "SSL_KEYSTORE_PASSWORD",
                "SSL_TRUSTSTORE_PASSWORD",
                "SSL_KEYSTORE_KEY",
                "SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_SECRET",
                "SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_PASSPHRASE"
            })
    void refusesALiteralSecret(String key) {
        assertThat(problems(Map.of("KAFKA_PROPERTIES_" + key, "canary")))
                .singleElement()
                .asString()
                .startsWith("KAFKA_PROPERTIES_" + key + " is '****': expected a reference");
    }

    @Test
    void refusesAReferenceThatNothingResolves() {
        String expected =
                "KAFKA_PROPERTIES_SSL_KEY_PASSWORD is '${env:KEY}': expected"
                        + " KAFKA_PROPERTIES_CONFIG_PROVIDERS to name 'env', and"
                        + " KAFKA_PROPERTIES_CONFIG_PROVIDERS_ENV_CLASS to be its class";
        Map<String, String> environment = new HashMap<>();
        environment.put("KAFKA_PROPERTIES_SSL_KEY_PASSWORD", "${env:KEY}");
        assertThat(problems(environment)).containsExactly(expected);

        environment.putAll(providers());
        assertThat(problems(environment)).containsExactly(expected);

        environment.put("KAFKA_PROPERTIES_CONFIG_PROVIDERS", "file,env");
        assertThat(problems(environment)).containsExactly(expected);

        environment.put("KAFKA_PROPERTIES_CONFIG_PROVIDERS_ENV_CLASS", "a.Env");
        assertThat(read(environment)).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({
        "BOOTSTRAP_SERVERS, to be set by KAFKA_BROKERS",
        "GROUP_ID, to be set by KAFKA_GROUP_ID",
        "AUTO_OFFSET_RESET, to be set by KAFKA_AUTO_OFFSET_RESET",
        "ISOLATION_LEVEL, to be set by KAFKA_ISOLATION_LEVEL",
        "KEY_DESERIALIZER, to be left to the job",
        "VALUE_DESERIALIZER, to be left to the job",
        "KEY_SERIALIZER, to be left to the job",
        "VALUE_SERIALIZER, to be left to the job",
        "ENABLE_AUTO_COMMIT, to be left to the job",
        "ACKS, to be left to the job",
        "ENABLE_IDEMPOTENCE, to be left to the job",
        "TRANSACTIONAL_ID, to be left to the job"
    })
    void refusesWhatTheJobOwns(String key, String expected) {
        String name = "KAFKA_PROPERTIES_" + key;
        assertThat(problems(Map.of(name, "x")))
                .containsExactly(name + " is 'x': expected " + expected);
    }

    private static Map<String, String> providers() {
        return Map.of(
                "KAFKA_PROPERTIES_CONFIG_PROVIDERS", "file",
                "KAFKA_PROPERTIES_CONFIG_PROVIDERS_FILE_CLASS", "a.File");
    }

    private static Map<String, String> read(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("POSTGRES_URL", "postgresql://u@h/db");
        return StreamForgeConfig.from(new String[0], all).kafka().properties();
    }

    private static List<String> problems(Map<String, String> environment) {
        ConfigException exception =
                catchThrowableOfType(ConfigException.class, () -> read(environment));
        assertThat(exception).isNotNull();
        assertThat(exception.getMessage()).doesNotContain("canary");
        return exception.problems().stream().map(Problem::toString).toList();
    }
}
