package io.unshub.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.unshub.buffer.LedgerJournal;
import io.unshub.parity.ParityReport;
import io.unshub.uns.Excerpt;
import java.io.PrintWriter;
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

    private static final int DIFFERENT = 1;

    @Spec private CommandSpec spec;

    @Mixin private HubClient hub;

    @Mixin private ParityCheck check;

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "24",
            description =
                    "How many hours of acceptance, the one under way among them; 1 to 72. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int hours;

    @Option(names = "--json", description = "Prints the report as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException, CommandFailed {
        if (hours < 1 || hours > LedgerJournal.KEPT_HOURS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--hours is " + hours + ", give 1 to " + LedgerJournal.KEPT_HOURS);
        }
        ParityReport report = check.compare(hub, hours);
        print(report);
        tell(report);
        return report.equal() ? 0 : DIFFERENT;
    }

    /** Has the hub show the outcome among its metrics. */
    private void tell(ParityReport report) throws InterruptedException {
        Map<String, ?> finding =
                Map.of(
                        "at", report.at().toString(),
                        "missing", report.missing(),
                        "unknown", report.unknown(),
                        "repeated", report.repeated(),
                        "outOfOrder", report.outOfOrder());
        try {
            hub.post("parity", finding);
        } catch (CommandFailed e) {
            spec.commandLine()
                    .getErr()
                    .println("uns-hub: the metrics do not have this outcome: " + e.getMessage());
        }
    }

    private void print(ParityReport report) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(ParityCheck.JSON.writeValueAsString(report));
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
