package io.unshub.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.uns.Excerpt;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code uns-hub ledger}: the running hub's books, and whether they balance. */
@Command(
        name = "ledger",
        description = "Prints the ledger of the running hub; exit code 1 when it does not balance.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "accepted + generated = forwarded + dead-lettered + buffered + withheld"
                    + " + deduplicated + evicted",
            "Exit code: 0 balanced, 1 not, 2 the hub could not be asked."
        })
final class LedgerCommand implements Callable<Integer> {

    private static final int UNBALANCED = 1;

    @Spec private CommandSpec spec;

    @Mixin private HubClient hub;

    @Option(names = "--json", description = "Prints the report as JSON.")
    private boolean json;

    @Option(names = "--topics", description = "Prints a line for each topic, too.")
    private boolean topics;

    @Override
    public Integer call() throws InterruptedException, CommandFailed {
        JsonNode report = hub.get("ledger", Map.of());
        print(report);
        return report.path("balanced").asBoolean() ? 0 : UNBALANCED;
    }

    private void print(JsonNode report) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report);
            return;
        }
        out.printf("ledger at %s%n", report.path("at").asText());
        line(out, report.path("total"));
        if (topics) {
            report.path("topics").forEach(topic -> line(out, topic));
        }
        report.path("findings")
                .forEach(finding -> out.println("! " + Excerpt.printable(finding.asText())));
        out.println(report.path("balanced").asBoolean() ? "balanced" : "NOT BALANCED");
    }

    private static void line(PrintWriter out, JsonNode terms) {
        out.printf(
                "%s: accepted %d + generated %d = forwarded %d + dead-lettered %d + buffered %d"
                        + " + withheld %d + deduplicated %d + evicted %d%n",
                Excerpt.printable(terms.path("topic").asText()),
                terms.path("accepted").asLong(),
                terms.path("generated").asLong(),
                terms.path("forwarded").asLong(),
                terms.path("deadLettered").asLong(),
                terms.path("buffered").asLong(),
                terms.path("withheld").asLong(),
                terms.path("deduplicated").asLong(),
                terms.path("evicted").asLong());
    }
}
