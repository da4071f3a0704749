package io.unshub.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.Metric;
import io.unshub.ops.access.Scope;
import io.unshub.simulator.eventhubs.PartitionSkew;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills the generated parts of a page: what stands between {@code <!-- generated: NAME -->} and
 * {@code <!-- end -->}.
 */
final class Tables {

    private static final Pattern PART =
            Pattern.compile("(<!-- generated: (\\S+) -->\n)(.*?)(<!-- end -->)", Pattern.DOTALL);

    private Tables() {}

    static String fill(String page) {
        return PART.matcher(page)
                .replaceAll(
                        part ->
                                Matcher.quoteReplacement(
                                        part.group(1)
                                                + part(part.group(2))
                                                + "\n"
                                                + part.group(4)));
    }

    private static String part(String name) {
        return switch (name) {
            case "partition-skew" -> PartitionSkew.table();
            case "metrics" -> metrics();
            case "alerts" -> alerts();
            case "scopes" -> scopes();
            case "audit-events" -> auditEvents();
            case "access-people" -> AccessMatrix.people();
            case "access-examples" -> AccessMatrix.examples();
            case "access-mqtt" -> AccessMatrix.mqtt();
            case "access-http" -> AccessMatrix.http();
            case "access-jmx" -> AccessMatrix.jmx();
            case "access-commands" -> AccessMatrix.commands();
            case "negative-suite" -> negativeSuite();
            default -> name.endsWith(".java") ? code(name) : KameletTable.of(name);
        };
    }

    private static String code(String file) {
        try {
            return "```java\n" + Files.readString(Path.of(file)) + "```";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String negativeSuite() {
        try {
            StringBuilder table =
                    new StringBuilder(
                            "| attempt | refused | logged | reason | acknowledged meanwhile | lost |\n");
            table.append("| --- | --- | --- | --- | --- | --- |");
            JsonNode kept =
                    new ObjectMapper()
                            .readTree(Path.of("docs/security/negative-suite.json").toFile());
            for (JsonNode each : kept) {
                table.append(
                        "\n| `%s` | %s | %s | `%s` | %,d | %d |"
                                .formatted(
                                        each.path("attempt").asText(),
                                        each.path("refused").asBoolean() ? "yes" : "no",
                                        each.path("logged").asBoolean() ? "yes" : "no",
                                        each.path("reason").asText(),
                                        each.path("acknowledged").asLong(),
                                        each.path("lost").asLong()));
            }
            return table.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String alerts() {
        try {
            StringBuilder table = new StringBuilder("| alert | severity | fires when | for |\n");
            table.append("| --- | --- | --- | --- |");
            for (JsonNode rule : AlertRulesTest.rules()) {
                String expression = rule.path("expr").asText().strip().replaceAll("\\s+", " ");
                String runbook =
                        rule.at("/annotations/runbook_url").asText().replace("docs/", "../");
                table.append(
                        "\n| [%s](%s) | %s | `%s` | %s |"
                                .formatted(
                                        rule.path("alert").asText(),
                                        runbook,
                                        rule.at("/labels/severity").asText(),
                                        cell(expression),
                                        rule.path("for").asText()));
            }
            return table.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String scopes() {
        StringBuilder table =
                new StringBuilder("| scope | lets a program | for a part of the namespace |\n")
                        .append("| --- | --- | --- |");
        for (Scope scope : Scope.values()) {
            table.append(
                    "\n| `%s` | %s | %s |"
                            .formatted(
                                    scope.word(),
                                    cell(scope.meaning()),
                                    scope.dividable() ? "yes" : "no"));
        }
        return table.toString();
    }

    private static String auditEvents() {
        StringBuilder table =
                new StringBuilder("| `action` | when | also in the line |\n| --- | --- | --- |");
        for (AuditEvent event : AuditEvent.values()) {
            table.append(
                    "\n| `%s` | %s | %s |"
                            .formatted(event.word(), cell(event.meaning()), event.facts()));
        }
        return table.toString();
    }

    private static String metrics() {
        StringBuilder table =
                new StringBuilder("| metric | type | unit | labels | meaning |\n")
                        .append("| --- | --- | --- | --- | --- |");
        for (Metric metric : Metric.values()) {
            table.append(
                    "\n| `%s` | %s | %s | %s | %s |"
                            .formatted(
                                    metric.exposed(),
                                    metric.type().name().toLowerCase(Locale.ROOT),
                                    metric.unit(),
                                    String.join(", ", metric.labels()),
                                    cell(metric.meaning())));
        }
        return table.toString();
    }

    static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
