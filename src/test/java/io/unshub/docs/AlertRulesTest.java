package io.unshub.docs;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.unshub.load.HubProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The alert rules ask for what the hub shows, fire when they should, and lead to a runbook. */
class AlertRulesTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path RULES = Path.of("observability/alerts/unshub.rules.yaml");
    private static final Path CASES = Path.of("observability/alerts/unshub.rules.test.yaml");
    private static final String PROMTOOL = "unshub.promtool";

    @Test
    void areWellFormedAndFireWhenTheyShould() throws Exception {
        assumeFalse("none".equals(System.getProperty(PROMTOOL)), "promtool is left out by request");
        String promtool = promtool();

        for (List<String> command :
                List.of(
                        List.of(promtool, "check", "rules", RULES.toString()),
                        List.of(promtool, "test", "rules", CASES.toString()))) {
            HubProcess.Result result = HubProcess.Result.of(new ProcessBuilder(command), "");
            assertThat(result.exit()).as(result.out() + result.err()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void asksForMetricsThatTheHubShows(JsonNode rule) {
        Queries.assertAsksForWhatIsShown(rule.path("expr").asText());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void leadsToARunbookThatNamesIt(JsonNode rule) {
        Path runbook = Path.of(rule.at("/annotations/runbook_url").asText());

        assertThat(runbook).exists().hasParentRaw(Path.of("docs/runbooks"));
        assertThat(runbook).content().contains("`" + rule.path("alert").asText() + "`");
        assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
        assertThat(rule.at("/annotations/description").asText()).isNotBlank();
        assertThat(rule.at("/labels/severity").asText()).isIn("warning", "critical");
    }

    @Test
    void hasACaseInWhichEachFiresAndOneInWhichItDoesNot() throws IOException {
        Set<String> all =
                rules().stream().map(rule -> rule.path("alert").asText()).collect(toSet());
        List<String> fires = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        for (JsonNode test : YAML.readTree(CASES.toFile()).path("tests")) {
            for (JsonNode check : test.path("alert_rule_test")) {
                (check.has("exp_alerts") ? fires : silent).add(check.path("alertname").asText());
            }
        }

        assertThat(fires).containsAll(all);
        assertThat(silent).containsAll(all);
        assertThat(all).hasSizeGreaterThan(15).containsAll(fires);
    }

    static List<JsonNode> rules() throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : YAML.readTree(RULES.toFile()).path("groups")) {
            group.path("rules").forEach(rules::add);
        }
        return rules;
    }

    private static String promtool() throws InterruptedException {
        Path fetched = Path.of(".tools/promtool");
        String named = System.getProperty(PROMTOOL, "promtool");
        for (String candidate : List.of(named, fetched.toAbsolutePath().toString())) {
            try {
                HubProcess.Result.of(new ProcessBuilder(candidate, "--version"), "");
                return candidate;
            } catch (IOException e) {
                // the next one
            }
        }
        throw new AssertionError(
                "promtool is not there, so nobody knows whether the alert rules fire: run make"
                        + " tools, or install it (Debian and Ubuntu: package prometheus), or name"
                        + " it with -Dunshub.promtool=FILE; -Dunshub.promtool=none leaves this"
                        + " test out");
    }
}
