package io.unshub.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.ControlToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
    private static final int FAILED = 2;

    @Spec private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The hub's HTTP address. Default: ${DEFAULT-VALUE}.")
    private String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description =
                    "The hub's data folder, which holds the token. Default: ${DEFAULT-VALUE}.")
    private Path data;

    @Option(names = "--json", description = "Prints the report as JSON.")
    private boolean json;

    @Option(names = "--topics", description = "Prints a line for each topic, too.")
    private boolean topics;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        String body;
        try {
            String token = Files.readString(data.resolve(ControlToken.FILE));
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url + "/api/v1/ledger"))
                            .header("Authorization", "Bearer " + token)
                            .timeout(Duration.ofSeconds(30))
                            .build();
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                err.printf(
                        "uns-hub: the hub answered %d: %s%n",
                        response.statusCode(), response.body());
                return FAILED;
            }
            body = response.body();
            JsonNode report = new ObjectMapper().readTree(body);
            print(report, body);
            return report.path("balanced").asBoolean() ? 0 : UNBALANCED;
        } catch (IOException | IllegalArgumentException e) {
            err.printf(
                    "uns-hub: no hub answers at %s with the token in %s (%s); start it with"
                            + " uns-hub run, or give --url and --data%n",
                    url, data.resolve(ControlToken.FILE), e);
            return FAILED;
        }
    }

    private void print(JsonNode report, String body) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(body);
            return;
        }
        out.printf("ledger at %s%n", report.path("at").asText());
        line(out, report.path("total"));
        if (topics) {
            report.path("topics").forEach(topic -> line(out, topic));
        }
        report.path("findings").forEach(finding -> out.println("! " + finding.asText()));
        out.println(report.path("balanced").asBoolean() ? "balanced" : "NOT BALANCED");
    }

    private static void line(PrintWriter out, JsonNode terms) {
        out.printf(
                "%s: accepted %d + generated %d = forwarded %d + dead-lettered %d + buffered %d"
                        + " + withheld %d + deduplicated %d + evicted %d%n",
                terms.path("topic").asText(),
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
