package io.unshub.ops.api;

import io.unshub.forward.EventHubsSender;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.Refused;
import io.unshub.scoring.Scoring;
import io.unshub.uns.Excerpt;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The drills that a hub in service may be put through. */
@Path("/api/v1/drills")
@SecurityRequirement(name = "token")
@SecurityRequirement(name = "key")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class DrillApi {

    private static final int MOST_SECONDS = 300;

    private final EventHubsSender sender;
    private final AuditFile audit;
    private final Scoring scoring;
    private final Clock clock;

    DrillApi(EventHubsSender sender, AuditFile audit, Scoring scoring, Clock clock) {
        this.sender = sender;
        this.audit = audit;
        this.scoring = scoring;
        this.clock = clock;
    }

    /**
     * @param seconds how long, 1 to 300
     */
    public record HoldRequest(int seconds) {}

    /**
     * @param untilUtc when it ends
     */
    public record Hold(Instant untilUtc) {}

    /**
     * @param model plant, circuit and name
     * @param feature that moves
     * @param by how far
     * @param seconds how long, 1 to 300
     */
    public record DriftRequest(String model, String feature, double by, int seconds) {}

    /** Acts as if a feature of a model had moved. */
    @POST
    @Path("drift")
    @Operation(
            operationId = "simulateDrift",
            summary = "Acts as if a feature of a model had moved; its scores stay as they are")
    public Hold drift(
            DriftRequest request,
            @HeaderParam("Unshub-User") @DefaultValue("unnamed") String user) {
        DriftRequest asked = request == null ? new DriftRequest(null, null, 0, 0) : request;
        Instant until = clock.instant().plusSeconds(checked(asked.seconds()));
        // 0 is also what is not given
        if (!Double.isFinite(asked.by()) || asked.by() == 0) {
            throw new Refused(
                    400,
                    "by is " + asked.by(),
                    "by",
                    Double.toString(asked.by()),
                    "give how far the feature moves, in its own unit");
        }
        if (!scoring.simulateDrift(
                String.valueOf(asked.model()), asked.feature(), asked.by(), until)) {
            throw new Refused(
                    404,
                    "no model in production is " + asked.model() + " with " + asked.feature(),
                    "model",
                    Excerpt.of(asked.model() + " " + asked.feature()),
                    "see GET /api/v1/inference/drift for those there are");
        }
        audit.add(
                Excerpt.of(user),
                AuditEvent.DRILL_DRIFT,
                Map.of("model", asked.model(), "feature", asked.feature(), "by", asked.by()));
        return new Hold(until);
    }

    private static int checked(int seconds) {
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw new Refused(
                    400,
                    "seconds is " + seconds,
                    "seconds",
                    Integer.toString(seconds),
                    "give 1 to " + MOST_SECONDS);
        }
        return seconds;
    }

    /** Holds readings back as if Event Hubs were away. */
    @POST
    @Path("event-hubs-away")
    @Operation(
            operationId = "holdForwarding",
            summary = "Acts as if Event Hubs took nothing for some time; the buffer keeps all")
    public Hold hold(
            HoldRequest request, @HeaderParam("Unshub-User") @DefaultValue("unnamed") String user) {
        int seconds = checked(request == null ? 0 : request.seconds());
        audit.add(Excerpt.of(user), AuditEvent.DRILL_EVENT_HUBS_AWAY, Map.of("seconds", seconds));
        return new Hold(sender.hold(Duration.ofSeconds(seconds)));
    }
}
