package io.streamforge.local.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The objects that kustomize makes of base or of an overlay. */
final class Manifests {

    static final YAMLMapper YAML = new YAMLMapper();

    private static final Path ROOT = Path.of("..", "kubernetes");
    private static final List<List<String>> RENDERERS =
            List.of(List.of("kustomize", "build"), List.of("kubectl", "kustomize"));

    private static final Map<String, Manifests> RENDERED = new HashMap<>();

    private final List<JsonNode> objects;

    private Manifests(List<JsonNode> objects) {
        this.objects = objects;
    }

    /** Renders them with what is installed; skips the test where there is neither. */
    static Manifests render(String directory) throws IOException, InterruptedException {
        if (RENDERED.containsKey(directory)) {
            return RENDERED.get(directory);
        }
        for (List<String> renderer : RENDERERS) {
            List<String> command = new ArrayList<>(renderer);
            command.add(ROOT.resolve(directory).toString());
            Process process;
            try {
                process =
                        new ProcessBuilder(command)
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start();
            } catch (IOException e) {
                continue; // it is not installed
            }
            try (InputStream output = process.getInputStream()) {
                String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor()).as(command.toString()).isZero();
                Manifests manifests = parse(text);
                RENDERED.put(directory, manifests);
                return manifests;
            }
        }
        return skip("neither kustomize nor kubectl is on the PATH: " + directory + " not rendered");
    }

    /** One line that nobody overlooks, and a test that counts as skipped. */
    static <T> T skip(String why) {
        System.out.println("SKIPPED: " + why);
        return abort(why);
    }

    private static Manifests parse(String text) throws IOException {
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(text)) {
            return new Manifests(documents.readAll());
        }
    }

    List<JsonNode> all() {
        return objects;
    }

    Stream<JsonNode> ofKind(String kind) {
        return objects.stream().filter(object -> object.path("kind").asText().equals(kind));
    }

    JsonNode flinkDeployment() {
        List<JsonNode> deployments = ofKind("FlinkDeployment").toList();
        assertThat(deployments).hasSize(1);
        return deployments.get(0);
    }

    /** The specifications of all pods that come of them, the pod templates of Flink's included. */
    List<JsonNode> pods() {
        return objects.stream()
                .flatMap(
                        object ->
                                Stream.of(
                                        object.at("/spec/template/spec"),
                                        object.at("/spec/podTemplate/spec")))
                .filter(spec -> spec.has("containers"))
                .toList();
    }
}
