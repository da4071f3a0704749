package io.unshub.ops.api;

import io.unshub.forward.EventHubsSender;
import io.unshub.ops.AuditFile;
import io.unshub.ops.Refused;
import io.unshub.uns.Excerpt;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The drills that a hub in service may be put through. */
@Path("/api/v1/drills")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class DrillApi {

    private static final int MOST_SECONDS = 300;

    private final EventHubsSender sender;
    private final AuditFile audit;

    DrillApi(EventHubsSender sender, AuditFile audit) {
        this.sender = sender;
        this.audit = audit;
    }

    /**
     * @param seconds how long, 1 to 300
     */
    public record HoldRequest(int seconds) {}

    /**
     * @param untilUtc when readings are forwarded again
     */
    public record Hold(Instant untilUtc) {}

    /** Holds readings back as if Event Hubs were away. */
    @POST
    @Path("event-hubs-away")
    @Operation(
            operationId = "holdForwarding",
            summary = "Acts as if Event Hubs took nothing for some time; the buffer keeps all")
    public Hold hold(
            HoldRequest request, @HeaderParam("Unshub-User") @DefaultValue("unnamed") String user) {
        int seconds = request == null ? 0 : request.seconds();
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw new Refused(
                    400,
                    "seconds is " + seconds,
                    "seconds",
                    Integer.toString(seconds),
                    "give 1 to " + MOST_SECONDS);
        }
        audit.add(Excerpt.of(user), "drill event-hubs-away", Map.of("seconds", seconds));
        return new Hold(sender.hold(Duration.ofSeconds(seconds)));
    }
}
