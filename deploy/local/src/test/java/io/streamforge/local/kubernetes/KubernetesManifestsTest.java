package io.streamforge.local.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is rendered is what Kubernetes and the operator accept, as far as their schemas tell: the
 * operator's from its own CustomResourceDefinition, whose file {@code -Dflink.crd=…} names, all
 * others from fabric8's models of them. Fields that a schema does not know are errors.
 */
class KubernetesManifestsTest {

    private static final Map<String, Class<? extends HasMetadata>> KINDS =
            Stream.of(
                            ConfigMap.class,
                            Deployment.class,
                            Job.class,
                            NetworkPolicy.class,
                            PersistentVolumeClaim.class,
                            PodDisruptionBudget.class,
                            PodMonitor.class,
                            Role.class,
                            RoleBinding.class,
                            Service.class,
                            ServiceAccount.class,
                            ServiceMonitor.class)
                    .collect(
                            Collectors.toMap(
                                    type ->
                                            HasMetadata.getApiVersion(type)
                                                    + "/"
                                                    + HasMetadata.getKind(type),
                                    Function.identity()));

    /** The models keep what they don't know for later; here that is an error. */
    private static final ObjectMapper STRICT =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .annotationIntrospector(
                            new JacksonAnnotationIntrospector() {
                                private static final long serialVersionUID = 1L;

                                @Override
                                public Boolean hasAnySetter(Annotated annotated) {
                                    return false;
                                }
                            })
                    .build();

    @TempDir Path data;

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/ha", "overlays/autoscaling", "overlays/tls"})
    void everyObjectOfKubernetesFitsItsModel(String directory) throws Exception {
        for (JsonNode object : Manifests.render(directory).all()) {
            String kind = object.path("apiVersion").asText() + "/" + object.path("kind").asText();
            if (!kind.equals("flink.apache.org/v1beta1/FlinkDeployment")) {
                assertThat(KINDS).containsKey(kind);
                HasMetadata typed = STRICT.treeToValue(object, KINDS.get(kind));
                assertThat(typed.getMetadata().getNamespace()).isEqualTo("streamforge");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/ha", "overlays/autoscaling", "overlays/tls"})
    void theFlinkDeploymentFitsTheOperatorsSchema(String directory) throws Exception {
        String crd = System.getProperty("flink.crd", "");
        if (crd.isEmpty()) {
            Manifests.skip("no -Dflink.crd=FILE: FlinkDeployment of " + directory + " not checked");
        }
        JsonNode deployment = Manifests.render(directory).flinkDeployment();
        assertThat(schema(Path.of(crd)).validate(deployment)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/ha", "overlays/autoscaling", "overlays/tls"})
    void whatPodsReferToIsThere(String directory) throws Exception {
        Manifests manifests = Manifests.render(directory);
        assertThat(manifests.pods()).hasSize(3);
        for (JsonNode pod : manifests.pods()) {
            List<String> volumes = pod.path("volumes").findValuesAsText("name");
            for (JsonNode container : pod.path("containers")) {
                for (JsonNode mount : container.path("volumeMounts")) {
                    assertThat(volumes).contains(mount.path("name").asText());
                }
                assertThat(names(manifests, "ConfigMap"))
                        .containsAll(container.path("envFrom").findValuesAsText("name"));
            }
            assertThat(names(manifests, "PersistentVolumeClaim"))
                    .containsAll(pod.findValuesAsText("claimName"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/ha", "overlays/autoscaling", "overlays/tls"})
    void theSettingsAreTheJobs(String directory) throws Exception {
        Map<String, String> settings = new TreeMap<>();
        Manifests.render(directory)
                .ofKind("ConfigMap")
                .forEach(
                        map ->
                                map.path("data")
                                        .properties()
                                        .forEach(
                                                setting ->
                                                        settings.put(
                                                                setting.getKey(),
                                                                setting.getValue().asText())));
        // The secret is mounted there.
        assertThat(settings).containsEntry("POSTGRES_PASSWORD_FILE", "/secrets/postgres/password");
        Path password = Files.writeString(data.resolve("password"), "secret");
        settings.put("POSTGRES_PASSWORD_FILE", password.toString());
        StreamForgeConfig config = StreamForgeConfig.from(new String[0], settings);
        assertThat(config.kafka().brokers()).isEqualTo(settings.get("KAFKA_BROKERS"));
    }

    private static List<String> names(Manifests manifests, String kind) {
        return manifests.ofKind(kind).map(o -> o.at("/metadata/name").asText()).toList();
    }

    private static JsonSchema schema(Path crd) throws IOException {
        JsonNode definition = Manifests.YAML.readTree(crd.toFile());
        JsonNode schema =
                StreamSupport.stream(definition.at("/spec/versions").spliterator(), false)
                        .filter(version -> version.path("name").asText().equals("v1beta1"))
                        .findFirst()
                        .orElseThrow()
                        .at("/schema/openAPIV3Schema");
        // Beside those of the schema every object has these.
        ObjectNode known = (ObjectNode) schema.path("properties");
        for (String field : List.of("apiVersion", "kind", "metadata")) {
            known.putObject(field);
        }
        close(schema);
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(schema);
    }

    /** Kubernetes drops fields that it doesn't know without a word; this refuses them. */
    private static void close(JsonNode schema) {
        JsonNode properties = schema.path("properties");
        if (properties.isObject()) {
            if (!schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()
                    && !schema.has("additionalProperties")) {
                ((ObjectNode) schema).put("additionalProperties", false);
            }
            properties.forEach(KubernetesManifestsTest::close);
        }
        if (schema.path("items").isObject()) {
            close(schema.path("items"));
        }
        if (schema.path("additionalProperties").isObject()) {
            close(schema.path("additionalProperties"));
        }
    }
}
