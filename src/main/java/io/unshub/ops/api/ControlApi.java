package io.unshub.ops.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.LedgerAudit;
import io.unshub.buffer.LedgerJournal;
import io.unshub.collect.ConnectionStatus;
import io.unshub.collect.RunningCollectors;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Selection;
import io.unshub.envelope.SchemaDrift;
import io.unshub.ledger.HourlyReport;
import io.unshub.ledger.LedgerReport;
import io.unshub.ops.Alarm;
import io.unshub.ops.Alarms;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.BufferWatch;
import io.unshub.ops.DeadLetterWorkbench;
import io.unshub.ops.HubConfig;
import io.unshub.ops.LastParity;
import io.unshub.ops.LocalEndpoint;
import io.unshub.ops.Refused;
import io.unshub.uns.Excerpt;
import io.unshub.uns.TopicFilter;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;

/** What the commands of {@code uns-hub} ask of the running hub. */
@Path("/api/v1")
@SecurityScheme(
        securitySchemeName = "token",
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        description =
                "What stands in the file control-token of the hub's data folder; readings-token to post"
                        + " readings and inference-token to ask models on loopback without keys")
@SecurityScheme(
        securitySchemeName = "key",
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        bearerFormat = "unshub_ and 43 characters",
        description =
                "An API key that uns-hub keys add has made, with the scope that the request needs:"
                        + " read for GET, ingest for POST to readings, replay for POST to dead-letters,"
                        + " score for inference, else admin")
@SecurityRequirement(name = "token")
@SecurityRequirement(name = "key")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@APIResponse(
        responseCode = "default",
        description = "Not done, and why",
        content =
                @Content(
                        mediaType = Problem.MEDIA_TYPE,
                        schema = @Schema(implementation = Problem.class)))
public final class ControlApi {

    private static final int MOST_LISTED = 1_000;

    private final LedgerAudit ledger;
    private final DeadLetterWorkbench workbench;
    private final Alarms alarms;
    private final SchemaDrift drift;
    private final BufferWatch buffer;
    private final RunningCollectors collectors;
    private final LastParity parity;
    private final AuditFile audit;
    private final Optional<LocalEventHub> localEventHub;
    private final ObjectMapper json;

    ControlApi(
            LedgerAudit ledger,
            DeadLetterWorkbench workbench,
            Alarms alarms,
            SchemaDrift drift,
            BufferWatch buffer,
            RunningCollectors collectors,
            LastParity parity,
            AuditFile audit,
            HubConfig config,
            ObjectMapper json) {
        this.ledger = ledger;
        this.workbench = workbench;
        this.alarms = alarms;
        this.drift = drift;
        this.buffer = buffer;
        this.collectors = collectors;
        this.parity = parity;
        this.audit = audit;
        this.localEventHub =
                config.eventhubs().local().enabled()
                        ? Optional.of(
                                new LocalEventHub(
                                        LocalEndpoint.of(config)
                                                .connectionString(
                                                        config.eventhubs().local().port())))
                        : Optional.empty();
        this.json = json;
    }

    /**
     * Which letters, and what to make of them.
     *
     * @param id one letter
     * @param reason the class of refusal
     * @param field the field or part that broke the rule
     * @param topic MQTT topic filter
     * @param mapping the fix, as YAML; absent for none
     */
    public record PlanRequest(
            String id, String reason, String field, String topic, String mapping) {}

    /**
     * Which dry run to carry out.
     *
     * @param plan its name
     */
    public record ReplayRequest(String plan) {}

    @GET
    @Path("ledger")
    @Operation(operationId = "ledger", summary = "The books at a consistent cut")
    public LedgerReport ledger() throws Exception {
        return ledger.report();
    }

    @GET
    @Path("ledger/hours")
    @Operation(
            operationId = "ledgerHours",
            summary = "What became of the readings of the last hours of acceptance, by topic")
    public HourlyReport hours(@QueryParam("hours") @DefaultValue("24") int hours) throws Exception {
        if (hours < 1 || hours > LedgerJournal.KEPT_HOURS) {
            throw new Refused(
                    400,
                    "hours is " + hours,
                    "hours",
                    Integer.toString(hours),
                    "give 1 to " + LedgerJournal.KEPT_HOURS);
        }
        return ledger.hours(hours);
    }

    /**
     * Where the demo forwards to.
     *
     * @param connectionString of the embedded endpoint, which guards nothing
     */
    public record LocalEventHub(String connectionString) {}

    @GET
    @Path("eventhubs/local")
    @Operation(
            operationId = "localEventHub",
            summary = "The embedded Event Hubs endpoint; that of a real one is a secret")
    public LocalEventHub localEventHub() {
        return localEventHub.orElseThrow(
                () ->
                        new Refused(
                                404,
                                "this hub forwards to an event hub of its own configuration, whose"
                                        + " connection string is a secret",
                                "local-event-hub",
                                "",
                                "give --connection-string-file, or set"
                                        + " UNSHUB_EVENTHUBS_CONNECTION_STRING"));
    }

    @GET
    @Path("alarms")
    @Operation(operationId = "alarms", summary = "The alarms that are raised now")
    public List<Alarm> alarms() {
        return alarms.active();
    }

    @GET
    @Path("connections")
    @Operation(
            operationId = "connections",
            summary = "How each PLC and SCADA system is doing, since the start")
    public List<ConnectionStatus> connections() {
        return collectors.statuses();
    }

    @GET
    @Path("buffer")
    @Operation(
            operationId = "buffer",
            summary = "How much waits, how full the buffer is, how long it lasts")
    public BufferWatch.Status buffer() {
        BufferWatch.Status status = buffer.status();
        if (status == null) {
            throw new Refused(
                    503,
                    "the buffer has not been looked at yet",
                    "starting",
                    "",
                    "ask again in a few seconds");
        }
        return status;
    }

    @POST
    @Path("parity")
    @Operation(
            operationId = "foundParity",
            summary = "Takes note of what a comparison of Event Hubs with the ledger found")
    public LastParity.Finding found(
            LastParity.Finding finding,
            @HeaderParam("Unshub-User") @DefaultValue("unnamed") String user)
            throws Exception {
        LastParity.Finding found = required(finding, "parity");
        if (found.at() == null) {
            throw new Refused(
                    400, "the finding has no at", "at", "", "give the time of the ledger's cut");
        }
        parity.found(found);
        audit.add(
                Excerpt.of(user),
                AuditEvent.PARITY,
                Map.of(
                        "missing",
                        found.missing(),
                        "unknown",
                        found.unknown(),
                        "repeated",
                        found.repeated(),
                        "outOfOrder",
                        found.outOfOrder()));
        return found;
    }

    @GET
    @Path("schema-drift")
    @Operation(
            operationId = "schemaDrift",
            summary = "The fields that publishers send and no schema knows, the oldest first")
    public List<SchemaDrift.Sighting> drift() {
        return drift.sightings();
    }

    @GET
    @Path("dead-letters")
    @Operation(operationId = "listDeadLetters", summary = "Dead letters, the oldest first")
    public List<Letter> list(
            @QueryParam("reason") String reason,
            @QueryParam("field") String field,
            @QueryParam("topic") String topic,
            @QueryParam("limit") @DefaultValue("50") int limit)
            throws Exception {
        if (limit < 1 || limit > MOST_LISTED) {
            throw new Refused(
                    400,
                    "limit is " + limit,
                    "limit",
                    Integer.toString(limit),
                    "give 1 to " + MOST_LISTED + ", or export all");
        }
        return workbench.list(selection(null, reason, field, topic), limit).stream()
                .map(Letter::of)
                .toList();
    }

    @GET
    @Path("dead-letters/groups")
    @Operation(
            operationId = "groupDeadLetters",
            summary = "Dead letters by reason, field and topic, the largest group first")
    public List<DeadLetterWorkbench.Group> groups(
            @QueryParam("reason") String reason,
            @QueryParam("field") String field,
            @QueryParam("topic") String topic)
            throws Exception {
        return workbench.groups(selection(null, reason, field, topic));
    }

    @GET
    @Path("dead-letters/export")
    @Produces("application/x-ndjson")
    @Operation(operationId = "exportDeadLetters", summary = "All chosen letters, one per line")
    public StreamingOutput export(
            @QueryParam("reason") String reason,
            @QueryParam("field") String field,
            @QueryParam("topic") String topic) {
        Selection selection = selection(null, reason, field, topic);
        return out ->
                workbench.export(
                        selection,
                        letter -> {
                            out.write(json.writeValueAsBytes(Letter.of(letter)));
                            out.write('\n');
                        });
    }

    @GET
    @Path("dead-letters/{id}")
    @Operation(operationId = "showDeadLetter", summary = "One dead letter")
    public Letter show(@PathParam("id") String id) throws Exception {
        return workbench
                .show(id)
                .map(Letter::of)
                .orElseThrow(
                        () ->
                                new Refused(
                                        404,
                                        "there is no dead letter " + Excerpt.of(id),
                                        "dead-letter",
                                        Excerpt.of(id),
                                        "it may have been replayed; uns-hub dead-letters list"
                                                + " shows what there is"));
    }

    @POST
    @Path("dead-letters/plans")
    @Operation(
            operationId = "planReplay",
            summary = "Dry run: what each chosen letter would become, and whether it would pass")
    public DeadLetterWorkbench.Preview plan(PlanRequest request) throws Exception {
        PlanRequest asked = required(request, "plan");
        return workbench.preview(
                selection(asked.id(), asked.reason(), asked.field(), asked.topic()),
                asked.mapping() == null ? "" : asked.mapping());
    }

    @POST
    @Path("dead-letters/replays")
    @APIResponse(responseCode = "202", description = "The replay runs")
    @Operation(
            operationId = "replay",
            summary = "Publishes the letters of a dry run that would pass, paced")
    public Response replay(
            ReplayRequest request, @HeaderParam("Unshub-User") @DefaultValue("unnamed") String user)
            throws Exception {
        ReplayRequest asked = required(request, "replay");
        return Response.accepted(workbench.replay(String.valueOf(asked.plan()), Excerpt.of(user)))
                .build();
    }

    @GET
    @Path("dead-letters/replays")
    @Operation(operationId = "replays", summary = "The replay that runs, or the one that ran last")
    public List<DeadLetterWorkbench.Replay> replays() {
        return workbench.status().map(List::of).orElse(List.of());
    }

    private static <T> T required(T body, String what) {
        if (body == null) {
            throw new Refused(
                    400,
                    "the " + what + " request has no body",
                    "request-body",
                    "",
                    "send JSON, {} at least");
        }
        return body;
    }

    private static Selection selection(String id, String reason, String field, String topic) {
        return new Selection(id, reason(reason), field, filter(topic));
    }

    private static Reason reason(String text) {
        if (text == null) {
            return null;
        }
        return Arrays.stream(Reason.values())
                .filter(reason -> reason.name().equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new Refused(
                                        400,
                                        "reason is " + Excerpt.of(text),
                                        "reason",
                                        Excerpt.of(text),
                                        "give one of " + Arrays.toString(Reason.values())));
    }

    private static TopicFilter filter(String text) {
        if (text == null) {
            return null;
        }
        try {
            return TopicFilter.of(text);
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    400,
                    e.getMessage(),
                    "topic-filter",
                    Excerpt.of(text),
                    "give an MQTT topic filter, acme/plant1/#");
        }
    }
}
