package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.buffer.LedgerJournal;
import io.unshub.forward.EventHubsReadBack;
import io.unshub.ledger.HourlyReport;
import io.unshub.parity.Parity;
import io.unshub.parity.ParityReport;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code uns-hub parity}: what stands at Event Hubs against the running hub's ledger. */
@Command(
        name = "parity",
        description =
                "Reads Event Hubs back and compares it with the ledger, by topic and hour of acceptance.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "Prints Markdown, or JSON. Exit code: 0 equal, 1 not, 2 it could not be compared.",
            "The connection string needs the right Listen. It is taken from the file, else from",
            "the environment variable UNSHUB_EVENTHUBS_CONNECTION_STRING, else from the hub",
            "itself where that is the demo with its local endpoint."
        })
final class ParityCommand implements Callable<Integer> {

    private static final String VARIABLE = "UNSHUB_EVENTHUBS_CONNECTION_STRING";
    private static final int DIFFERENT = 1;
    private static final int FAILED = 2;

    // the clocks of the hub and of Event Hubs may differ by so much
    private static final Duration CLOCKS = Duration.ofMinutes(5);

    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .registerModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    @Spec private CommandSpec spec;

    @Mixin private HubClient hub;

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "24",
            description =
                    "How many hours of acceptance, the one under way among them; 1 to 72. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int hours;

    @Option(
            names = "--connection-string-file",
            paramLabel = "FILE",
            description = "A file that holds the connection string of the event hub.")
    private Path connectionStringFile;

    @Option(
            names = "--consumer-group",
            paramLabel = "NAME",
            defaultValue = "$Default",
            description = "The consumer group to read in. Default: ${DEFAULT-VALUE}.")
    private String consumerGroup;

    @Option(names = "--json", description = "Prints the report as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (hours < 1 || hours > LedgerJournal.KEPT_HOURS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--hours is " + hours + ", give 1 to " + LedgerJournal.KEPT_HOURS);
        }
        try {
            HourlyReport ledger =
                    JSON.convertValue(
                            hub.get("ledger/hours", Map.of("hours", hours)), HourlyReport.class);
            Instant from =
                    ledger.at().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(hours - 1L));
            Parity parity = new Parity(ledger, from);
            try (EventHubsReadBack events =
                    new EventHubsReadBack(connectionString(), consumerGroup)) {
                events.read(from.minus(CLOCKS), parity::add);
            }
            ParityReport report = parity.report();
            print(report);
            return report.equal() ? 0 : DIFFERENT;
        } catch (HubClient.Unanswered | EventHubsReadBack.Expired e) {
            return failed(e.getMessage());
        } catch (IOException e) {
            return failed(
                    "the connection string cannot be read from "
                            + connectionStringFile
                            + " ("
                            + e
                            + ")");
        } catch (RuntimeException e) {
            return failed(
                    "Event Hubs could not be read ("
                            + Excerpt.printable(String.valueOf(e.getMessage()))
                            + "); check the connection string and that this machine reaches it");
        }
    }

    private int failed(String why) {
        spec.commandLine().getErr().println("uns-hub: " + why);
        return FAILED;
    }

    private String connectionString()
            throws IOException, HubClient.Unanswered, InterruptedException {
        if (connectionStringFile != null) {
            return Files.readString(connectionStringFile).strip();
        }
        String given = System.getenv(VARIABLE);
        return given != null && !given.isBlank()
                ? given
                : hub.get("eventhubs/local", Map.of()).path("connectionString").asText();
    }

    private void print(ParityReport report) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JSON.writeValueAsString(report));
            return;
        }
        out.printf(
                "# Parity, %s to %s%n%n",
                report.from(), report.at().truncatedTo(ChronoUnit.SECONDS));
        out.println("| hour | forwarded | arrived | missing | unknown | repeated | out of order |");
        out.println("| --- | --- | --- | --- | --- | --- | --- |");
        report.hours().forEach(line -> out.printf("| %s %s%n", line.hour(), numbers(line)));
        out.printf(
                "| all | %d | %d | %d | %d | %d | %d |%n",
                report.forwarded(),
                report.arrived(),
                report.missing(),
                report.unknown(),
                report.repeated(),
                report.outOfOrder());
        if (!report.differences().isEmpty()) {
            out.println();
            out.println(
                    "| topic | hour | forwarded | arrived | missing | unknown | repeated | out of"
                            + " order | numbers that did not arrive |");
            out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            for (ParityReport.Line line : report.differences()) {
                out.printf(
                        "| %s | %s %s %s |%n",
                        Excerpt.printable(line.topic()),
                        line.hour(),
                        numbers(line),
                        String.join(", ", line.gaps()));
            }
        }
        if (report.foreign() > 0) {
            out.printf("%n%d events that no hub wrote were left out.%n", report.foreign());
        }
        out.println();
        out.println(report.equal() ? "equal" : "NOT EQUAL");
    }

    private static String numbers(ParityReport.Line line) {
        return "| %d | %d | %d | %d | %d | %d |"
                .formatted(
                        line.forwarded(),
                        line.arrived(),
                        line.missing(),
                        line.unknown(),
                        line.repeated(),
                        line.outOfOrder());
    }
}
