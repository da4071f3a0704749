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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                .contains("[script] groovy: a script cannot stand in a route");
        assertThat(
                        problems(
                                step(
                                        "filter:\n            jq: .x\n            steps:\n              - log: x")))
                .singleElement()
                .asString()
                .contains("[language] jq is no language of the hub");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "script:\n            groovy: '\"id\".execute()'",
                "script:\n            simple: '${body}'",
                "setBody:\n            language: {language: joor, expression: 'Runtime.getRuntime()'}",
                "setBody:\n            mvel: Runtime.getRuntime()",
                "transform:\n            java: Runtime.getRuntime()",
            })
    void takesNoScripts(String step) {
        assertThat(problems(step(step))).first().asString().contains("[script] ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log: '${bean:type:java.lang.Runtime?method=getRuntime}'",
                "log: '$simple{bean:lines}'",
                "log: \"${body.getClass().forName('java.lang.Runtime')}\"",
                "log: '${body.class.classLoader}'",
                "log: '${body.quality.declaringClass}'",
                "log: '${env:AZURE_CLIENT_SECRET}'",
                "log: '${sysenv.PATH} ${sys.user.home}'",
                "log: '${camelContext.stop}'",
                "log: '${body} ${ref:lines}'",
                "log: '${header.a${header.b}}'",
                "log: '{{bean:lines.of}}'",
                "setBody:\n            simple: resource:file:/etc/passwd",
                "setBody:\n            constant: {expression: 'resource:file:/etc/passwd'}",
                "setHeader:\n            name: CamelFileName\n            simple: ${body.text}",
                "setHeader:\n            name: '${body.text}'\n            constant: x",
                "setHeaders:\n            headers: [{name: camelSqlQuery, simple: '${body.text}'}]",
                "to:\n            uri: log:x\n            parameters: {marker: '${type:java.lang.Runtime}'}",
            })
    void takesNoExpressionsThatLookAtMoreThanTheMessage(String step) {
        assertThat(problems(step(step))).first().asString().contains("[expression] ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log: '${body.topic} ${body.number} ${ header.mode } ${exchangeProperty.detour} ${date:now:yyyy-MM-dd}'",
                "setHeader:\n            name: mode\n            simple: ${body.text}",
                "to: file:data/export?fileName=${date:now:yyyy-MM-dd}.txt",
                "to: file:data/export/line1/../line2?fileExist=Append",
                "to:\n            uri: kamelet:unshub-file-sink\n            parameters: {folder: data/export/day}",
            })
    void takesWhatLooksAtTheMessageAndStaysInItsFolder(String step) {
        assertThat(problems(step(step))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "to: file:/etc",
                "to: file:///etc?fileName=cron.d/x",
                "to: file:data",
                "to: file:data/exported",
                "to: file:data/export/../../config",
                "to: file:data/export/%2e%2e/%2e%2e/config",
                "toD: 'file:data/export/${body.text}'",
                "to: 'file:{{plant.folder}}'",
                "to: file:data/export?fileName=../http-keys.json",
                "to: file:data/export?fileName=/etc/passwd",
                "to: 'file:data/export?fileName=RAW(../x)'",
                "to: 'file:data/export?fileName=${header.name}'",
                "to: 'file:data/export?tempFileName=../../x'",
                "to:\n            uri: file:data/export\n            parameters: {jailStartingDirectory: false}",
                "pollEnrich:\n            constant: file:data?fileName=http-keys.json",
                "to:\n            uri: kamelet:unshub-file-sink\n            parameters: {folder: /var/spool}",
                "to:\n            uri: kamelet:unshub-file-sink\n            parameters: {folder: data/export, file: ../../x}",
            })
    void takesNoFilesOutsideTheFoldersThatAreOpenToRoutes(String step) {
        assertThat(problems(step(step))).first().asString().contains("[folder] ");
    }

    @Test
    void takesFilesOfTheFoldersThatTheConfigurationNames() {
        Path file = Path.of("means.yaml");

        assertThat(
                        new RouteCheck(RouteCheck.COMPONENTS, List.of("/srv/exchange"))
                                .checkTexts(Map.of(file, step("to: file:/srv/exchange/line1")))
                                .get(file)
                                .findings())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "to: exec:id",
                "to: bean:lines?method=of",
                "to: class:java.lang.Runtime",
                "wireTap:\n            uri: http://198.51.100.7/x",
                "enrich:\n            constant: exec:id",
            })
    void takesNoComponentsThatAreNotAllowed(String step) {
        assertThat(problems(step(step))).first().asString().contains("[component] ");
    }

    @Test
    void looksAtTheEndpointsOfErrorHandlersToo() {
        assertThat(
                        problems(
                                replaced(
                                        "    id: means\n",
                                        "    id: means\n    errorHandler:\n      deadLetterChannel:\n        deadLetterUri: exec:id\n")))
                .singleElement()
                .asString()
                .contains("means.yaml:5: [component] exec is no component");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bean:\n            ref: camelContext\n            method: stop",
                "setBody:\n            method: {beanType: java.lang.Runtime, method: getRuntime}",
                "to:\n            uri: log:x\n            parameters: {exchangeFormatter: '#class:java.lang.ProcessBuilder'}",
                "process:\n            ref: '#class:java.lang.ProcessBuilder'",
            })
    void takesNoBeansButTheHubsOwn(String step) {
        assertThat(problems(step(step))).first().asString().contains("[bean] ");
    }

    private static String step(String step) {
        return replaced("      steps:\n", "      steps:\n        - " + step + "\n");
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
