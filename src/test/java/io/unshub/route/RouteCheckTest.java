package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.route.RouteCheck.Checked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A route that cannot work is found before it takes effect, with line, rule and next step. */
class RouteCheckTest {

    private static final RouteCheck CHECK = new RouteCheck(RouteCheck.COMPONENTS);

    private static final String GOOD =
            """
            - route:
                id: means
                from:
                  uri: kamelet:unshub-uns-source
                  parameters:
                    name: means
                    topics: acme/plant1/#
                  steps:
                    - to:
                        uri: kamelet:unshub-window-action
                        parameters:
                          size: 10s
                    - to:
                        uri: kamelet:unshub-derive-sink
                        parameters:
                          tag: _mean-{tag}
            """;

    private static List<String> problems(String text) {
        return CHECK.checkTexts(Map.of(Path.of("means.yaml"), text))
                .get(Path.of("means.yaml"))
                .sentences();
    }

    private static String replaced(String what, String by) {
        assertThat(GOOD).contains(what);
        return GOOD.replace(what, by);
    }

    @Test
    void findsNothingInAGoodOne() {
        assertThat(problems(GOOD)).isEmpty();
    }

    @Test
    void findsNothingInTheShippedOnes() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/routes"))) {
            assertThat(new RouteCheck(List.of("kamelet", "direct")).check(files.toList()))
                    .isNotEmpty()
                    .allSatisfy(each -> assertThat(each.sentences()).isEmpty());
        }
    }

    @Test
    void saysWhatIsNoYaml() {
        assertThat(problems(replaced("topics: acme", "topics: [acme")))
                .singleElement()
                .asString()
                .startsWith("means.yaml:")
                .contains("[yaml] no YAML: ");
    }

    @Test
    void saysWhatTheYamlOfCamelDoesNotKnow() {
        assertThat(problems(replaced("    steps:", "    stepps:")))
                .first()
                .asString()
                .startsWith("means.yaml:8: [yaml-schema] ")
                .contains("stepps");
        assertThat(
                        problems(
                                replaced(
                                        "        - to:\n            uri: kamelet:unshub-w",
                                        "        - too:\n            uri: kamelet:unshub-w")))
                .first()
                .asString()
                .startsWith("means.yaml:9: [yaml-schema] ")
                .contains("too");
    }

    @Test
    void wantsOneRouteWithTheNameOfItsFile() {
        assertThat(problems(GOOD + GOOD.replace("means", "others")))
                .singleElement()
                .asString()
                .contains("[one-route] the file does not hold exactly one route");
        assertThat(problems("- beans:\n    - name: x\n      type: java.lang.String\n"))
                .singleElement()
                .asString()
                .contains("[one-route]");
        assertThat(problems(replaced("id: means", "id: sums")))
                .singleElement()
                .asString()
                .isEqualTo(
                        "means.yaml:2: [route-id] the route's id is sums and its file is called means.yaml; give both the same name");
    }

    @Test
    void wantsKameletsThatExistWithWhatTheyTake() {
        assertThat(problems(replaced("unshub-window-action", "unshub-windows-action")))
                .singleElement()
                .asString()
                .contains(
                        "means.yaml:10: [kamelet] there is no Kamelet unshub-windows-action; did you mean unshub-window-action?");
        assertThat(problems(replaced("size: 10s", "size: ten")))
                .singleElement()
                .asString()
                .contains("[parameter] unshub-window-action: ")
                .contains("size");
        assertThat(problems(replaced("name: means", "name: means\n        maxReadings: 10001")))
                .singleElement()
                .asString()
                .contains("[parameter] unshub-uns-source: ", "maxReadings", "10000");
        assertThat(
                        problems(
                                GOOD.replace("unshub-window-action", "unshub-throttle-action")
                                        .replace("size: 10s", "perSecond: 0")))
                .singleElement()
                .asString()
                .contains("[parameter] unshub-throttle-action: ", "perSecond");
        assertThat(problems(replaced("size: 10s", "length: 10s")))
                .hasSize(2)
                .anyMatch(text -> text.contains("length"))
                .anyMatch(text -> text.contains("size"));
        assertThat(problems(replaced("topics: acme/plant1/#", "topics: acme/#/x")))
                .singleElement()
                .asString()
                .contains("[topics] topic filter acme/#/x has # before its end");
    }

    @Test
    void wantsPasswordsToStandOutsideTheFile() {
        for (String pattern : List.of("recipient-list-kafka", "recipient-list-sql")) {
            String text = Patterns.start(pattern, "means").orElseThrow();
            assertThat(problems(text)).isEmpty();
            assertThat(problems(text.replaceAll("password: file:.*", "password: hunter2")))
                    .singleElement()
                    .asString()
                    .contains("[parameter] unshub-", "-sink: ", "password", "(file|env):")
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void reachesKafkaAndDatabasesByTheirKameletsAlone() {
        String text = GOOD.replaceAll("kamelet:unshub-derive-sink\\s+parameters:\\s+tag:.*", "%s");
        for (String component : List.of("kafka:any", "sql:DELETE FROM readings")) {
            assertThat(problems(text.formatted(component)))
                    .singleElement()
                    .asString()
                    .contains(
                            "[component] " + component.replaceAll(":.*", "") + " is no component");
        }
    }

    @Test
    void wantsComponentsThatAreAllowedWithOptionsThatTheyHave() {
        String to =
                "kamelet:unshub-derive-sink\n                parameters:\n                  tag: _mean-{tag}";
        String text = GOOD.replaceAll("kamelet:unshub-derive-sink\\s+parameters:\\s+tag:.*", "%s");
        assertThat(problems(text.formatted("exec:rm")))
                .singleElement()
                .asString()
                .contains(
                        "[component] exec is no component that routes may use, those are direct, file, kamelet, log, timer;");
        assertThat(problems(text.formatted("log:means?levle=WARN")))
                .singleElement()
                .asString()
                .contains("[endpoint] log:means: ")
                .contains("levle");
        assertThat(problems(text.formatted("log:means?level=WARN"))).isEmpty();
        assertThat(problems(text.formatted("direct:nowhere")))
                .singleElement()
                .asString()
                .contains("[stage] no route begins with direct:nowhere");
    }

    @Test
    void wantsBeansAndLanguagesThatAreThere() {
        assertThat(
                        problems(
                                replaced(
                                        "    id: means\n",
                                        "    id: means\n    errorHandler:\n      defaultErrorHandler:\n        redeliveryPolicyRef: never\n")))
                .singleElement()
                .asString()
                .contains("means.yaml:5: [bean] there is no bean never; the hub has ");
        assertThat(
                        problems(
                                replaced(
                                        "steps:\n",
                                        "steps:\n        - filter:\n            groovy: body.number > 1\n            steps:\n              - log: x\n")))
                .singleElement()
                .asString()
                .contains("[language] groovy is no language of the hub");
    }

    @Test
    void seesALoopOnTheUns() {
        assertThat(problems(replaced("name: means", "name: means\n        derived: true")))
                .singleElement()
                .asString()
                .contains("[loop] what the route publishes comes back to it (means -> means)");
        assertThat(
                        problems(
                                replaced(
                                        "acme/plant1/#",
                                        "acme/+/+/+/+/+/speed\n        derived: true")))
                .singleElement()
                .asString()
                .contains("[loop]");
        assertThat(
                        problems(
                                replaced(
                                                "acme/plant1/#",
                                                "acme/+/+/+/+/+/speed\n        derived: true")
                                        .replace("_mean-{tag}", "_mean")))
                .isEmpty();
    }

    @Test
    void looksAtFilesBesideEachOther() throws IOException {
        Path one = Path.of("means.yaml");
        Path two = Path.of("sums.yaml");
        String sums = GOOD.replace("id: means", "id: sums");
        Map<Path, Checked> checked = CHECK.checkTexts(Map.of(one, GOOD, two, sums));
        List<String> sentences = new ArrayList<>();
        checked.values().forEach(each -> sentences.addAll(each.sentences()));
        assertThat(sentences)
                .singleElement()
                .asString()
                .contains("[subscription] the route ")
                .contains("and each would get a part");
    }

    @Test
    void keepsTheDataPathWhole() {
        assertThat(
                        problems(
                                replaced(
                                        "kamelet:unshub-uns-source\n      parameters:\n        name: means\n        topics: acme/plant1/#",
                                        "kamelet:unshub-forward-source")))
                .singleElement()
                .asString()
                .contains(
                        "[data-path] the shipped route forward begins with kamelet:unshub-forward-source too")
                .contains("call the file forward.yaml to take its place");
        Path forward = Path.of("forward.yaml");
        assertThat(
                        CHECK.checkTexts(Map.of(forward, GOOD.replace("id: means", "id: forward")))
                                .get(forward)
                                .sentences())
                .singleElement()
                .asString()
                .contains(
                        "[data-path] the file takes the place of the shipped route forward, which begins with kamelet:unshub-forward-source");
    }
}
