package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.forward.EventHubsReadBack;
import io.unshub.ledger.HourlyReport;
import io.unshub.parity.Parity;
import io.unshub.parity.ParityReport;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where Event Hubs is read back, and the comparison with the running hub's ledger. */
final class ParityCheck {

    static final ObjectMapper JSON =
            new ObjectMapper()
                    .registerModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    private static final String VARIABLE = "UNSHUB_EVENTHUBS_CONNECTION_STRING";

    // the clocks of the hub and of Event Hubs may differ by so much
    private static final Duration CLOCKS = Duration.ofMinutes(5);

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

    /**
     * Reads the event hub back.
     *
     * @param hub is asked for its ledger
     * @param hours how many hours of acceptance, the one under way among them
     */
    ParityReport compare(HubClient hub, int hours) throws CommandFailed, InterruptedException {
        try {
            HourlyReport ledger =
                    JSON.convertValue(
                            hub.get("ledger/hours", Map.of("hours", hours)), HourlyReport.class);
            Instant from =
                    ledger.at().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(hours - 1L));
            Parity parity = new Parity(ledger, from);
            try (EventHubsReadBack events =
                    new EventHubsReadBack(connectionString(hub), consumerGroup)) {
                events.read(from.minus(CLOCKS), parity::add);
            }
            return parity.report();
        } catch (EventHubsReadBack.Expired e) {
            throw new CommandFailed(e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailed(
                    "the connection string cannot be read from %s (%s)"
                            .formatted(connectionStringFile, e),
                    e);
        } catch (RuntimeException e) {
            throw new CommandFailed(
                    "Event Hubs could not be read ("
                            + Excerpt.printable(String.valueOf(e.getMessage()))
                            + "); check the connection string and that this machine reaches it",
                    e);
        }
    }

    private String connectionString(HubClient hub)
            throws IOException, CommandFailed, InterruptedException {
        if (connectionStringFile != null) {
            return Files.readString(connectionStringFile).strip();
        }
        String given = System.getenv(VARIABLE);
        return given != null && !given.isBlank()
                ? given
                : hub.get("eventhubs/local", Map.of()).path("connectionString").asText();
    }
}
