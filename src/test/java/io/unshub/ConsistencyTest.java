package io.unshub;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import jakarta.inject.Named;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Routes, Kamelets, beans, tests and pages name each other rightly; see CONTRIBUTING.md. */
class ConsistencyTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path ROUTES = Path.of("src/main/resources/routes");
    private static final Path PATTERNS = Path.of("src/main/resources/patterns");
    private static final Path EXAMPLES = Path.of("docs/examples/routes");
    private static final Path KAMELETS = Path.of("camel-k");
    private static final Path PAGES = Path.of("docs/eip");
    private static final String KAMELET_FILE = ".kamelet.yaml";
    private static final int MOST_STEPS = 12;

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([^}:.]+)(?::[^}]*)?}}");

    @ParameterizedTest
    @MethodSource("allRouteFiles")
    void holdsOneShortRouteWithTheNameOfTheFile(Path file) throws IOException {
        JsonNode content = YAML.readTree(file.toFile());

        assertThat(content).as("routes in %s", file).hasSize(1);
        assertThat(content.at("/0/route/id").asText()).isEqualTo(name(file, ".yaml"));
        assertThat(steps(content)).as("steps in %s", file).isBetween(1, MOST_STEPS);
        assertThat(Files.readString(file)).doesNotContain("seda:");
    }

    @Test
    void hasOnePageForEachRouteAndPattern() throws IOException {
        Set<String> pages = names(PAGES, ".md");
        Set<String> expected = new TreeSet<>(Set.of("README", "own-routes", "testing-routes"));
        expected.addAll(names(ROUTES, ".yaml"));
        expected.addAll(names(PATTERNS, ".yaml"));

        assertThat(pages).isEqualTo(expected);
    }

    @Test
    void hasNoPatternWithTheNameOfARoute() throws IOException {
        assertThat(names(PATTERNS, ".yaml")).doesNotContainAnyElementsOf(names(ROUTES, ".yaml"));
    }

    @Test
    void hasExamplesThatTakeThePlaceOfShippedRoutes() throws IOException {
        assertThat(names(ROUTES, ".yaml")).containsAll(names(EXAMPLES, ".yaml"));
    }

    @Test
    void listsEachPageWhereThePagesBegin() throws IOException {
        String readme = Files.readString(PAGES.resolve("README.md"));

        for (String page : names(PAGES, ".md")) {
            if (!page.equals("README")) {
                assertThat(readme).contains("](" + page + ".md)");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kameletFiles")
    void describesEachKameletOnAPage(Path file) throws IOException {
        String part = "<!-- generated: " + name(file, KAMELET_FILE) + " -->";

        assertThat(pages())
                .as("pages with %s", part)
                .anySatisfy(p -> assertThat(p).content().contains(part));
    }

    @Test
    void hasOneTestForEachRoute() throws IOException {
        Set<String> tests = names(Path.of("src/test/java/io/unshub/route"), "RouteTest.java");

        assertThat(names(ROUTES, ".yaml"))
                .allSatisfy(route -> assertThat(tests).contains(camel(route)));
    }

    @Test
    void hasOneTestForEachPattern() throws IOException {
        String tests = Files.readString(Path.of("src/test/java/io/unshub/route/PatternsTest.java"));

        for (String pattern : names(PATTERNS, ".yaml")) {
            String camel = camel(pattern);
            assertThat(tests)
                    .contains(
                            "void "
                                    + camel.substring(0, 1).toLowerCase(Locale.ROOT)
                                    + camel.substring(1))
                    .containsAnyOf("start(\"" + pattern + "\"", "own(\"" + pattern + "\"");
        }
    }

    @Test
    void linksFromThePageOfEachPatternToItsFile() throws IOException {
        for (String pattern : names(PATTERNS, ".yaml")) {
            assertThat(PAGES.resolve(pattern + ".md"))
                    .content()
                    .contains("(../../src/main/resources/patterns/" + pattern + ".yaml)")
                    .contains("uns-hub routes new " + pattern);
        }
    }

    /** The same parts on each, whether the hub ships it as a route or as a beginning. */
    @Test
    void saysOfEachPatternWhatItIsForAndWhatItGuarantees() throws IOException {
        Set<String> all = names(ROUTES, ".yaml");
        all.addAll(names(PATTERNS, ".yaml"));
        for (String pattern : all) {
            assertThat(PAGES.resolve(pattern + ".md"))
                    .content()
                    .containsPattern("(?s)^# [^\n]+\n\n\\*\\*[^\n]+\n\n```\n.+?```\n")
                    .contains("## When to use it, and when not")
                    .contains("<!-- generated: unshub-")
                    .contains("## Guarantees")
                    .contains("## When it fails");
        }
    }

    @ParameterizedTest
    @MethodSource("kameletFiles")
    void declaresWhatTheTemplateUsesAndNothingElse(Path file) throws IOException {
        JsonNode kamelet = YAML.readTree(file.toFile());
        JsonNode definition = kamelet.at("/spec/definition");
        JsonNode properties = definition.path("properties");
        Set<String> used = new TreeSet<>();
        PLACEHOLDER
                // a default may name another parameter, or a key of the configuration, which has
                // dots
                .matcher(
                        YAML.writeValueAsString(kamelet.at("/spec/template"))
                                + YAML.writeValueAsString(properties.findValues("default")))
                .results()
                .forEach(match -> used.add(match.group(1)));
        // a bean of the Kamelet's own is named like a parameter
        kamelet.at("/spec/template/beans").forEach(bean -> used.remove(bean.path("name").asText()));

        assertThat(kamelet.at("/metadata/name").asText()).isEqualTo(name(file, KAMELET_FILE));
        assertThat(definition.path("title").asText()).isNotBlank();
        assertThat(definition.path("description").asText()).isNotBlank();
        assertThat(keys(properties)).as("declared and used in %s", file).isEqualTo(used);
        // Camel's own endpoint of a Kamelet would keep these to itself
        assertThat(used)
                .doesNotContain(
                        "block", "timeout", "location", "noErrorHandler", "bridgeErrorHandler");
        Set<String> required = new TreeSet<>();
        definition.path("required").forEach(key -> required.add(key.asText()));
        assertThat(used).containsAll(required);
        for (String key : used) {
            JsonNode property = properties.path(key);
            assertThat(property.has("default"))
                    .as("%s of %s: a default, or required", key, file)
                    .isNotEqualTo(required.contains(key));
            assertThat(keys(property)).contains("title", "description", "type", "example");
        }
        assertThat(Files.readString(file)).doesNotContain("seda:");
    }

    @Test
    void callsEachStageFromOnePlace() throws IOException {
        List<String> served = new ArrayList<>();
        List<String> called = new ArrayList<>();
        for (Path file : routeFiles().toList()) {
            JsonNode from = YAML.readTree(file.toFile()).at("/0/route/from");
            served.add(from.path("uri").asText());
            called.addAll(uris(from.path("steps")));
        }
        Predicate<String> stage = uri -> uri.startsWith("direct:");
        served.removeIf(stage.negate());
        called.removeIf(stage.negate());

        assertThat(called).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(served);
    }

    @ParameterizedTest
    @MethodSource("allFiles")
    void usesKameletsThatExistWithParametersThatTheyDeclare(Path file) throws IOException {
        for (JsonNode call : YAML.readTree(file.toFile()).findParents("uri")) {
            String uri = call.path("uri").asText();
            if (uri.startsWith("kamelet:") && !uri.matches("kamelet:(source|sink)")) {
                Path kamelet = KAMELETS.resolve(uri.substring(8) + KAMELET_FILE);
                assertThat(kamelet).exists();
                assertThat(keys(YAML.readTree(kamelet.toFile()).at("/spec/definition/properties")))
                        .containsAll(keys(call.path("parameters")));
            }
        }
        uris(YAML.readTree(file.toFile())).stream()
                .filter(uri -> uri.matches("kamelet:unshub-.*"))
                .forEach(
                        uri ->
                                assertThat(KAMELETS.resolve(uri.substring(8) + KAMELET_FILE))
                                        .exists());
    }

    @ParameterizedTest
    @MethodSource("allFiles")
    void usesBeansThatExist(Path file) throws Exception {
        Map<String, Class<?>> beans = new HashMap<>();
        for (Method producer : Class.forName("io.unshub.route.Beans").getDeclaredMethods()) {
            if (producer.isAnnotationPresent(Named.class)) {
                beans.put(producer.getAnnotation(Named.class).value(), producer.getReturnType());
            }
        }
        JsonNode content = YAML.readTree(file.toFile());

        assertThat(beans.keySet()).containsAll(content.findValuesAsText("redeliveryPolicyRef"));
        for (JsonNode call : content.findValues("bean")) {
            assertThat(beans).containsKey(call.path("ref").asText());
            assertThat(beans.get(call.path("ref").asText()).getMethods())
                    .extracting(Method::getName)
                    .contains(call.path("method").asText().replaceFirst("\\(.*", ""));
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksToYamlInsteadOfPastingIt(Path page) throws IOException {
        assertThat(Files.readString(page)).doesNotContain("- route:", "```yaml", "kind: Kamelet");
    }

    static Stream<Path> routeFiles() throws IOException {
        return files(ROUTES, ".yaml");
    }

    static Stream<Path> kameletFiles() throws IOException {
        return files(KAMELETS, KAMELET_FILE);
    }

    static Stream<Path> allFiles() throws IOException {
        return Stream.concat(allRouteFiles(), kameletFiles());
    }

    static Stream<Path> allRouteFiles() throws IOException {
        return Stream.of(routeFiles(), files(PATTERNS, ".yaml"), files(EXAMPLES, ".yaml"))
                .flatMap(f -> f);
    }

    static Stream<Path> pages() throws IOException {
        return files(PAGES, ".md");
    }

    private static Stream<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(f -> f.toString().endsWith(ending)).sorted().toList().stream();
        }
    }

    private static Set<String> names(Path folder, String ending) throws IOException {
        return files(folder, ending).map(f -> name(f, ending)).collect(toCollection(TreeSet::new));
    }

    private static String name(Path file, String ending) {
        return file.getFileName().toString().replace(ending, "");
    }

    private static String camel(String name) {
        return Arrays.stream(name.split("-"))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .reduce("", String::concat);
    }

    private static Set<String> keys(JsonNode node) {
        Set<String> keys = new TreeSet<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    private static int steps(JsonNode node) {
        return node.findValues("steps").stream().mapToInt(JsonNode::size).sum();
    }

    private static List<String> uris(JsonNode node) {
        List<String> uris = new ArrayList<>();
        node.findValues("uri").forEach(uri -> uris.add(uri.asText()));
        for (String step : List.of("to", "toD", "wireTap")) {
            node.findValues(step).stream()
                    .filter(JsonNode::isTextual)
                    .forEach(uri -> uris.add(uri.asText()));
        }
        return uris;
    }
}
