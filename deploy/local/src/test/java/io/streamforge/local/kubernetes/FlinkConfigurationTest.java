package io.streamforge.local.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.core.type.TypeReference;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every key of the shipped configurations is one of this Flink's, and its value one that it takes.
 * Keys of the operator's own ({@code kubernetes.operator.…}, {@code job.autoscaler.…}) are not
 * Flink's and are left out.
 */
class FlinkConfigurationTest {

    private static final List<Class<?>> OPTIONS =
            List.of(
                    CheckpointingOptions.class,
                    CoreOptions.class,
                    HeartbeatManagerOptions.class,
                    HighAvailabilityOptions.class,
                    JobManagerOptions.class,
                    MetricOptions.class,
                    RestOptions.class,
                    RestartStrategyOptions.class,
                    StateBackendOptions.class,
                    TaskManagerOptions.class);

    /** What the operator's deployment has differently, and why. */
    private static final Set<String> OF_THE_DEPLOYMENT =
            Set.of(
                    "taskmanager.numberOfTaskSlots", // a drained node takes one subtask along
                    "metrics.reporter.prom.port", // one process a pod
                    "execution.checkpointing.savepoint-dir"); // the operator knows where they are

    @Test
    void theSessionClustersKeysAreFlinks() throws Exception {
        assertFlinkTakes(shipped());
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/ha", "overlays/autoscaling", "overlays/tls"})
    void theDeploymentsKeysAreFlinks(String directory) throws Exception {
        assertFlinkTakes(deployed(directory));
    }

    @Test
    void theDeploymentIsConfiguredAsTheSessionCluster() throws Exception {
        Map<String, String> deployed = deployed("base");
        Map<String, String> shipped = shipped();
        deployed.keySet().retainAll(shipped.keySet());
        deployed.keySet().removeAll(OF_THE_DEPLOYMENT);
        assertThat(deployed).isNotEmpty();
        assertThat(shipped).containsAllEntriesOf(deployed);
    }

    private static Map<String, String> shipped() {
        return GlobalConfiguration.loadConfiguration(Path.of("..", "flink").toString()).toMap();
    }

    private static Map<String, String> deployed(String directory) throws Exception {
        return Manifests.YAML.convertValue(
                Manifests.render(directory).flinkDeployment().at("/spec/flinkConfiguration"),
                new TypeReference<HashMap<String, String>>() {});
    }

    private static void assertFlinkTakes(Map<String, String> settings) throws Exception {
        Map<String, ConfigOption<?>> options = options();
        Configuration configuration = Configuration.fromMap(settings);
        assertThat(settings).isNotEmpty();
        for (String key : settings.keySet()) {
            if (key.startsWith("kubernetes.operator.") || key.startsWith("job.autoscaler.")) {
                continue;
            }
            String general = key.replaceFirst("^metrics\\.reporter\\.prom\\.", "");
            if (general.equals("port")) {
                continue; // the Prometheus reporter's own
            }
            assertThat(options.containsKey(general)).as(key).isTrue();
            if (general.equals(key)) {
                assertThatCode(() -> configuration.get(options.get(key)))
                        .as("%s: %s", key, settings.get(key))
                        .doesNotThrowAnyException();
            }
        }
    }

    private static Map<String, ConfigOption<?>> options() throws IllegalAccessException {
        Map<String, ConfigOption<?>> options = new HashMap<>();
        for (Class<?> holder : OPTIONS) {
            for (Field field : holder.getFields()) {
                if (field.getType() == ConfigOption.class) {
                    ConfigOption<?> option = (ConfigOption<?>) field.get(null);
                    options.put(option.key(), option);
                }
            }
        }
        return options;
    }
}
