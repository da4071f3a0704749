package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.unshub.route.KameletCatalog.Kamelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.v1.IntegrationSpec;
import org.apache.camel.v1.KameletSpec;
import org.apache.camel.v1.PipeSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is under {@code camel-k} is what the CRDs of Camel K take: no field that they do not know,
 * and each of the type that they give it. Read with the classes that are made of those CRDs.
 */
class CamelKTest {

    private static final Path FOLDER = Path.of("camel-k");
    private static final Map<String, Class<?>> KINDS =
            Map.of(
                    "Kamelet", KameletSpec.class,
                    "Integration", IntegrationSpec.class,
                    "Pipe", PipeSpec.class);
    private static final YAMLMapper STRICT = strict();

    private static YAMLMapper strict() {
        YAMLMapper mapper =
                YAMLMapper.builder()
                        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                        .build();
        for (CoercionInputShape shape :
                List.of(
                        CoercionInputShape.Integer,
                        CoercionInputShape.Float,
                        CoercionInputShape.Boolean)) {
            mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
        }
        return mapper;
    }

    private static Object read(JsonNode resource) throws IOException {
        assertThat(resource.path("apiVersion").asText()).isEqualTo("camel.apache.org/v1");
        assertThat(resource.at("/metadata/name").asText()).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
        assertThat(KINDS).containsKey(resource.path("kind").asText());
        return STRICT.treeToValue(resource.path("spec"), KINDS.get(resource.path("kind").asText()));
    }

    @ParameterizedTest
    @MethodSource("resources")
    void isWhatTheCrdsTake(Path file) throws IOException {
        assertThat(read(STRICT.readTree(file.toFile()))).isNotNull();
    }

    @Test
    void wouldSeeAFieldThatTheyDoNotKnowAndAValueOfAnotherType() throws IOException {
        ObjectNode kamelet =
                (ObjectNode)
                        STRICT.readTree(FOLDER.resolve("unshub-uns-source.kamelet.yaml").toFile());
        ObjectNode parameter = (ObjectNode) kamelet.at("/spec/definition/properties/maxReadings");

        parameter.put("minimum", 1);
        assertThatThrownBy(() -> read(kamelet))
                .isInstanceOf(MismatchedInputException.class)
                .hasMessageContaining("minimum");
        parameter.put("minimum", "1").put("exclusiveMinimum", 0);
        assertThatThrownBy(() -> read(kamelet)).hasMessageContaining("exclusiveMinimum");
        parameter.put("exclusiveMinimum", true).put("smallest", 1);
        assertThatThrownBy(() -> read(kamelet)).hasMessageContaining("smallest");
        parameter.remove("smallest");
        assertThat(read(kamelet)).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("integrations")
    void runsAPatternAsItIsShipped(Path file) throws IOException {
        JsonNode integration = STRICT.readTree(file.toFile());
        String name = integration.at("/metadata/name").asText();

        assertThat(file).hasFileName(name + ".yaml");
        assertThat(integration.at("/spec/flows"))
                .isEqualTo(
                        STRICT.readTree(
                                Path.of("src/main/resources/patterns", name + ".yaml").toFile()));
    }

    @ParameterizedTest
    @MethodSource("pipes")
    void bindsKameletsThatExistWithWhatTheyTake(Path file) throws IOException {
        JsonNode pipe = STRICT.readTree(file.toFile());

        assertThat(file).hasFileName(pipe.at("/metadata/name").asText() + ".yaml");
        bound(pipe.at("/spec/source"), "-source");
        pipe.at("/spec/steps").forEach(step -> bound(step, "-action"));
        bound(pipe.at("/spec/sink"), "-sink");
    }

    private static void bound(JsonNode end, String kind) {
        String name = end.at("/ref/name").asText();
        assertThat(name).endsWith(kind);
        Kamelet kamelet = new KameletCatalog().find(name).orElseThrow();
        Map<String, JsonNode> given = new TreeMap<>();
        end.path("properties")
                .properties()
                .forEach(each -> given.put(each.getKey(), each.getValue()));
        assertThat(kamelet.problems(given)).isEmpty();
    }

    static Stream<Path> resources() throws IOException {
        return Stream.of(files(FOLDER), integrations(), pipes()).flatMap(each -> each);
    }

    static Stream<Path> integrations() throws IOException {
        return files(FOLDER.resolve("integrations"));
    }

    static Stream<Path> pipes() throws IOException {
        return files(FOLDER.resolve("pipes"));
    }

    private static Stream<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }
}
