package io.unshub.ops.api;

import io.unshub.collect.Intake;
import io.unshub.collect.Intake.Finding;
import io.unshub.collect.Intake.Outcome;
import io.unshub.envelope.PostedBody;
import io.unshub.ops.BufferWatch;
import io.unshub.ops.Refused;
import io.unshub.ops.access.ApiKey;
import io.unshub.trace.LogField;
import io.unshub.trace.Span;
import io.unshub.trace.Traces;
import io.unshub.uns.Excerpt;
import io.unshub.uns.RootCause;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.jboss.logging.Logger;

/** Readings from programs that speak no MQTT. */
@Path("/api/v1/readings")
@SecurityRequirement(name = "token")
@SecurityRequirement(name = "key")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@APIResponse(
        responseCode = "default",
        description = "Not done, and why; 503 comes with Retry-After",
        content =
                @Content(
                        mediaType = Problem.MEDIA_TYPE,
                        schema = @Schema(implementation = Problem.class)))
public final class ReadingsApi {

    private static final Logger LOG = Logger.getLogger(ReadingsApi.class);
    private static final int MOST_READINGS = 10_000;
    private static final int MOST_REQUESTS = 8;

    private final Intake intake;
    private final BufferWatch buffer;
    private final Gate gate;
    private final Traces traces;
    private final Semaphore requests = new Semaphore(MOST_REQUESTS);
    private final IdempotencyKeys<Answer> keys = new IdempotencyKeys<>();

    ReadingsApi(Intake intake, BufferWatch buffer, Gate gate, Traces traces) {
        this.intake = intake;
        this.buffer = buffer;
        this.gate = gate;
        this.traces = traces;
    }

    /**
     * What became of the readings of a request.
     *
     * @param correlationId of the request
     * @param accepted how many are on disk and go the way of all readings
     * @param deadLettered how many are on disk as they came, and become dead letters
     * @param refused how many are not kept
     * @param errors why, for each that was not accepted, in the order of the request
     */
    public record Answer(
            String correlationId,
            long accepted,
            long deadLettered,
            long refused,
            List<ReadingError> errors) {

        static Answer of(String correlationId, int readings, List<Finding> findings) {
            long refused = findings.stream().filter(f -> f.outcome() == Outcome.REFUSED).count();
            return new Answer(
                    correlationId,
                    readings - findings.size(),
                    findings.size() - refused,
                    refused,
                    findings.stream().map(ReadingError::of).toList());
        }

        private int status() {
            if (errors.isEmpty()) {
                return 202;
            }
            return accepted > 0 ? 207 : 422;
        }
    }

    /**
     * Why a reading was not accepted.
     *
     * @param index its place in the request, from 0
     * @param outcome DEAD_LETTERED if it is kept, REFUSED if it is not
     * @param reason the class of refusal, as dead letters have it
     * @param field the field or part that breaks the rule
     * @param detail the rule, the value and the next step
     */
    public record ReadingError(
            int index, Outcome outcome, String reason, String field, String detail) {

        static ReadingError of(Finding finding) {
            return new ReadingError(
                    finding.index(),
                    finding.outcome(),
                    finding.rejection().reason().name(),
                    finding.rejection().field(),
                    finding.rejection().detail());
        }
    }

    /** Takes one reading, or an array of them; answers once they are on disk. */
    @POST
    @Operation(
            operationId = "postReadings",
            summary = "Takes readings in, as if they had been published over MQTT",
            description =
                    "The body is an envelope, or an array of up to 10,000 of them. The answer"
                            + " comes once what is taken in is synced to the hub's disk. After a"
                            + " 503, or no answer at all, send the same again: a messageId that"
                            + " came before is not forwarded twice.")
    @APIResponse(
            responseCode = "202",
            description = "All are on disk",
            content = @Content(schema = @Schema(implementation = Answer.class)))
    @APIResponse(
            responseCode = "207",
            description = "Some are on disk; errors says which are not, and why",
            content = @Content(schema = @Schema(implementation = Answer.class)))
    @APIResponse(
            responseCode = "422",
            description = "None was accepted; errors says why",
            content = @Content(schema = @Schema(implementation = Answer.class)))
    public Response post(
            @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON,
                                            schema =
                                                    @Schema(
                                                            oneOf = {
                                                                PostedEnvelope.class,
                                                                PostedEnvelope[].class
                                                            })))
                    byte[] body,
            @HeaderParam("Idempotency-Key")
                    @Schema(
                            type = SchemaType.STRING,
                            maxLength = 255,
                            description = "The same request under the same key is done once")
                    String key,
            @HeaderParam("X-Correlation-ID")
                    @Schema(
                            type = SchemaType.STRING,
                            description = "Comes back in the answer, and in the log")
                    String correlation,
            @HeaderParam(Traces.TRACEPARENT)
                    @Schema(
                            type = SchemaType.STRING,
                            description =
                                    "W3C Trace Context: the trace that this request is a part of")
                    String traceparent)
            throws Exception {
        String id =
                Optional.ofNullable(correlation)
                        .filter(given -> !given.isBlank())
                        .map(Excerpt::of)
                        .orElseGet(() -> UUID.randomUUID().toString());
        byte[] given = body == null ? new byte[0] : body;
        try (LogField.Scope about = LogField.REQUEST_ID.is(id);
                Span span = traces.join("POST /api/v1/readings", traceparent)) {
            span.put("unshub.request_id", id);
            Answer answer;
            try {
                answer = keys.once(key, given, () -> take(given, id));
            } catch (Exception e) {
                span.fail(e);
                throw e;
            }
            span.put("http.response.status_code", answer.status());
            return Response.status(answer.status())
                    .header("X-Correlation-ID", id)
                    .entity(answer)
                    .build();
        }
    }

    private Answer take(byte[] body, String correlationId) {
        List<byte[]> readings = split(body);
        BufferWatch.Status status = buffer.status();
        if (status != null && status.full()) {
            throw busy("the buffer is full", Math.round(status.fillPercent()) + " %");
        }
        if (!requests.tryAcquire()) {
            throw busy(MOST_REQUESTS + " requests are under way", Integer.toString(MOST_REQUESTS));
        }
        try {
            Answer answer =
                    Answer.of(correlationId, readings.size(), intake.take(readings, this::barred));
            if (!answer.errors().isEmpty()) {
                LOG.warnf(
                        "readings of request %s: %d accepted, %d dead-lettered, %d refused; first:"
                                + " %s",
                        correlationId,
                        answer.accepted(),
                        answer.deadLettered(),
                        answer.refused(),
                        answer.errors().get(0).detail());
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy("the hub stops", "");
        } catch (Exception e) {
            String why = Excerpt.of(RootCause.of(e));
            LOG.warnf("readings of request %s are not known to be on disk: %s", correlationId, why);
            throw busy("not all readings are known to be on disk (" + why + ")", "");
        } finally {
            requests.release();
        }
    }

    private String barred(String topic) {
        if (gate.reaches(topic)) {
            return null;
        }
        String reach = gate.key().map(ApiKey::topics).orElse("");
        return "topic is %s, and this key reaches %s alone; post it with a key for its part of the namespace"
                .formatted(Excerpt.of(topic), reach);
    }

    private static List<byte[]> split(byte[] body) {
        List<byte[]> readings;
        try {
            readings = PostedBody.split(body);
        } catch (IllegalArgumentException e) {
            String[] parts = e.getMessage().split("; (?=send)", 2);
            throw new Refused(400, parts[0], "request-body", "", parts[1]);
        }
        if (readings.isEmpty() || readings.size() > MOST_READINGS) {
            throw new Refused(
                    400,
                    "the body holds " + readings.size() + " readings",
                    "readings",
                    Integer.toString(readings.size()),
                    "send 1 to " + MOST_READINGS);
        }
        return readings;
    }

    private static Refused busy(String detail, String value) {
        return new Refused(
                503,
                detail,
                "busy",
                value,
                "send the same again after the time that Retry-After gives; what came before is"
                        + " not taken twice");
    }
}
