package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Names that must agree: routes, Kamelets, pages, beans and links. */
class ConsistencyTest {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Path ROUTES = Path.of("src/main/resources/routes");
    private static final Path KAMELETS = Path.of("camel-k");
    private static final int MOST_STEPS = 12;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

    @Test
    void eachRouteFileIsOneShortRouteWithItsNameAndPage() throws IOException {
        assertThat(files(ROUTES, ".yaml")).isNotEmpty();
        for (Path file : files(ROUTES, ".yaml")) {
            String name = name(file, ".yaml");
            JsonNode routes = YAML.readTree(file.toFile());
            assertThat(routes).as("routes in %s", file).hasSize(1);
            JsonNode route = routes.get(0).path("route");
            assertThat(route.path("id").asText()).isEqualTo(name);
            assertThat(route.path("from").path("steps").size())
                    .as("steps in %s", file)
                    .isBetween(1, MOST_STEPS);
            assertThat(Path.of("docs/eip", name + ".md")).exists();
        }
    }

    @Test
    void everyPageOfAPatternHasItsRouteAndPastesNone() throws IOException {
        for (Path page : files(Path.of("docs/eip"), ".md")) {
            if (!name(page, ".md").equals("README")) {
                assertThat(ROUTES.resolve(name(page, ".md") + ".yaml")).exists();
            }
            assertThat(Files.readString(page)).doesNotContain("- route:", "uri:");
        }
    }

    @Test
    void eachKameletIsNamedLikeItsFileAndDeclaresWhatItUses() throws IOException {
        for (Path file : files(KAMELETS, ".kamelet.yaml")) {
            JsonNode kamelet = YAML.readTree(file.toFile());
            assertThat(kamelet.path("metadata").path("name").asText())
                    .isEqualTo(name(file, ".kamelet.yaml"));
            JsonNode definition = kamelet.path("spec").path("definition");
            assertThat(definition.path("title").asText()).isNotBlank();
            assertThat(definition.path("description").asText()).isNotBlank();
            Set<String> declared = new HashSet<>();
            definition
                    .path("properties")
                    .properties()
                    .forEach(
                            property -> {
                                declared.add(property.getKey());
                                assertThat(property.getValue().has("description")).isTrue();
                                assertThat(property.getValue().has("example")).isTrue();
                            });
            Set<String> used = new HashSet<>();
            Matcher placeholder =
                    Pattern.compile("\\{\\{(\\w+)}}")
                            .matcher(kamelet.path("spec").path("template").toString());
            while (placeholder.find()) {
                used.add(placeholder.group(1));
            }
            assertThat(used).as("parameters of %s", file).isEqualTo(declared);
            for (JsonNode required : definition.path("required")) {
                assertThat(definition.path("properties").path(required.asText()).has("default"))
                        .isFalse();
            }
        }
    }

    @Test
    void everyTargetOfARouteExists() throws IOException {
        Map<String, Integer> calls = new HashMap<>();
        Set<String> consumed = new HashSet<>();
        List<Path> all = new ArrayList<>(files(ROUTES, ".yaml"));
        all.addAll(files(KAMELETS, ".kamelet.yaml"));
        String beans = Files.readString(Path.of("src/main/java/io/unshub/route/Beans.java"));
        for (Path file : all) {
            JsonNode tree = YAML.readTree(file.toFile());
            assertThat(tree.toString()).doesNotContain("seda:");
            for (JsonNode from : tree.findValues("from")) {
                consumed.add(from.path("uri").asText());
                check(from.path("uri").asText());
            }
            for (JsonNode to : tree.findValues("to")) {
                calls.merge(to.asText(), 1, Integer::sum);
                check(to.asText());
            }
            for (JsonNode bean : tree.findValues("bean")) {
                assertThat(beans).contains("@Named(\"" + bean.path("ref").asText() + "\")");
            }
        }
        calls.forEach(
                (uri, count) -> {
                    if (uri.startsWith("direct:")) {
                        assertThat(consumed).contains(uri);
                        assertThat(count).as("callers of %s", uri).isEqualTo(1);
                    }
                });
    }

    @Test
    void everyLinkOfADocumentLeadsSomewhere() throws IOException {
        List<Path> documents = new ArrayList<>(files(Path.of("."), ".md"));
        try (var walk = Files.walk(Path.of("docs"))) {
            walk.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        for (Path document : documents) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                if (!link.group(1).contains("://")) {
                    assertThat(document.resolveSibling(link.group(1)).normalize())
                            .as("link in %s", document)
                            .exists();
                }
            }
        }
    }

    private static void check(String uri) {
        if (uri.startsWith("kamelet:") && !Set.of("kamelet:sink", "kamelet:source").contains(uri)) {
            assertThat(KAMELETS.resolve(uri.substring(8) + ".kamelet.yaml")).exists();
        }
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (var list = Files.list(folder)) {
            return list.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    private static String name(Path file, String ending) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ending.length());
    }
}
