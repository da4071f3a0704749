package io.unshub.ops.api;

import io.unshub.buffer.Broker;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.Queues;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.Withholding;
import io.unshub.ledger.Ledger;
import io.unshub.ops.Alarm;
import io.unshub.ops.Alarms;
import io.unshub.ops.BufferWatch;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The data path at a glance; costs next to nothing, so that it may be asked every second. */
@Path("/api/v1/overview")
@SecurityRequirement(name = "token")
@SecurityRequirement(name = "key")
@Produces(MediaType.APPLICATION_JSON)
public final class OverviewApi {

    private final Ledger ledger;
    private final Broker broker;
    private final DeadLetters letters;
    private final Withholding withholding;
    private final BufferWatch buffer;
    private final Alarms alarms;
    private final Instance<EventHubsSender> sender;
    private final Clock clock;

    OverviewApi(
            Ledger ledger,
            Broker broker,
            DeadLetters letters,
            Withholding withholding,
            BufferWatch buffer,
            Alarms alarms,
            Instance<EventHubsSender> sender,
            Clock clock) {
        this.ledger = ledger;
        this.broker = broker;
        this.letters = letters;
        this.withholding = withholding;
        this.buffer = buffer;
        this.alarms = alarms;
        this.sender = sender;
        this.clock = clock;
    }

    /**
     * How many readings have passed, ever; differences are rates. Withheld ones since the start.
     *
     * @param accepted taken into a transaction
     * @param deduplicated had been accepted before
     * @param deadLettered set aside with a reason
     * @param withheld kept on the plant, by rule
     * @param forwarded acknowledged by Event Hubs
     */
    public record Passed(
            long accepted,
            long deduplicated,
            long deadLettered,
            Map<String, Long> withheld,
            long forwarded) {}

    /**
     * How many readings wait, and where.
     *
     * @param ingest on disk, and not yet in a transaction
     * @param buffer in the lanes, for Event Hubs
     * @param score copies, for a model
     * @param deadLetters for a person
     * @param replay for the replay route
     */
    public record Waiting(long ingest, long buffer, long score, long deadLetters, long replay) {}

    /**
     * @param at when this was so; the counts are of a moment, and of no consistent cut
     * @param passed what has passed
     * @param waiting what waits
     * @param buffer how full it is and how long it lasts; null just after the start
     * @param away since when Event Hubs takes nothing, and why; null while it does
     * @param alarms that are raised now
     */
    public record Overview(
            Instant at,
            Passed passed,
            Waiting waiting,
            BufferWatch.Status buffer,
            EventHubsSender.Away away,
            List<Alarm> alarms) {}

    @GET
    @Operation(
            operationId = "overview",
            summary =
                    "What has passed, what waits and where, how full the buffer is, what is wrong")
    public Overview overview() {
        return new Overview(
                clock.instant(),
                new Passed(
                        ledger.ingested(),
                        ledger.deduplicated(),
                        ledger.rejected(),
                        withholding.counts(),
                        ledger.forwarded()),
                new Waiting(
                        broker.awaiting(),
                        ledger.buffered(),
                        broker.depth(Queues.SCORE).orElse(0L),
                        letters.count(),
                        letters.awaitingReplay()),
                buffer.status(),
                sender.get().away().orElse(null),
                alarms.active());
    }
}
