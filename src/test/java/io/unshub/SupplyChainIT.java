package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is shipped is in the SBOM, and under licences that allow it. */
class SupplyChainIT {

    private static final Path SBOM = Path.of("target/sbom.json");
    private static final Path LIBRARIES = Path.of("target/quarkus-app/lib");

    @Test
    void namesEachJarThatIsShippedInTheSbom() throws IOException {
        Set<String> named = new HashSet<>();
        for (JsonNode component : components()) {
            String classifier =
                    component.path("purl").asText().replaceAll(".*[?&]classifier=([^&]+).*", "-$1");
            named.add(
                    "%s.%s-%s%s.jar"
                            .formatted(
                                    component.path("group").asText(),
                                    component.path("name").asText(),
                                    component.path("version").asText(),
                                    classifier.startsWith("-") ? classifier : ""));
        }

        Set<String> shipped = new TreeSet<>();
        try (Stream<Path> files = Files.walk(LIBRARIES)) {
            files.filter(file -> file.toString().endsWith(".jar"))
                    .forEach(file -> shipped.add(file.getFileName().toString()));
        }
        assertThat(shipped).hasSizeGreaterThan(200);
        assertThat(named).containsAll(shipped);
    }

    @Test
    void shipsNothingThatItsLicenceForbids() throws IOException {
        JsonNode rules =
                new YAMLMapper().readTree(Path.of("src/test/resources/licences.yaml").toFile());
        Set<String> allowed = texts(rules.path("allowed"));
        Set<String> alternatives = texts(rules.path("alternatives"));
        List<String> forbidden = new ArrayList<>();
        Set<String> met = new TreeSet<>();
        for (JsonNode component : components()) {
            String name = component.path("group").asText() + ":" + component.path("name").asText();
            Set<String> licences =
                    rules.path("read").has(name)
                            ? Set.of(rules.path("read").path(name).asText())
                            : licences(component);
            met.addAll(licences);
            met.add(name);
            boolean may =
                    licences.stream().anyMatch(allowed::contains)
                            && licences.stream()
                                    .allMatch(l -> allowed.contains(l) || alternatives.contains(l));
            if (!may) {
                forbidden.add(name + " is under " + licences);
            }
        }

        assertThat(forbidden)
                .as(
                        "leave it out, or read its licence and add it to src/test/resources/licences.yaml")
                .isEmpty();
        // a rule for what is there no more would let it come back unread
        assertThat(met).containsAll(allowed).containsAll(alternatives);
        rules.path("read").fieldNames().forEachRemaining(name -> assertThat(met).contains(name));
    }

    private static Set<String> licences(JsonNode component) {
        Set<String> licences = new TreeSet<>();
        for (JsonNode licence : component.path("licenses")) {
            licences.add(
                    Stream.of("/expression", "/license/id", "/license/name")
                            .map(licence::at)
                            .filter(JsonNode::isTextual)
                            .map(JsonNode::asText)
                            .findFirst()
                            .orElse("none"));
        }
        return licences;
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new TreeSet<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static JsonNode components() throws IOException {
        JsonNode components = new ObjectMapper().readTree(SBOM.toFile()).path("components");
        assertThat(components).hasSizeGreaterThan(200);
        return components;
    }
}
