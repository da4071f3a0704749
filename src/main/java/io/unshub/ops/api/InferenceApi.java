package io.unshub.ops.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.unshub.scoring.Drift;
import io.unshub.scoring.Inference;
import io.unshub.scoring.Scoring;
import io.unshub.trace.LogField;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.jboss.logging.Logger;

/** Scores over HTTP, as {@code api/inference.openapi.yaml} describes it. */
@Path("/api/v1/inference")
@SecurityRequirement(name = "token")
@SecurityRequirement(name = "key")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class InferenceApi {

    private static final Logger LOG = Logger.getLogger(InferenceApi.class);
    private static final String REQUEST_ID = "X-Request-Id";
    private static final String NAME = "[A-Za-z0-9._-]{1,64}";
    private static final String TRACEPARENT = "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}";
    private static final int TRACE_BEGIN = 3;
    private static final int TRACE_END = 35;

    private final Scoring scoring;
    private final Inference inference;

    InferenceApi(Scoring scoring) {
        this.scoring = scoring;
        this.inference = new Inference(scoring);
    }

    /**
     * @param model plant, circuit and name
     * @param instances feature to value; null or absent for what is missing
     * @param explain whether to say which features moved each score
     */
    public record PredictRequest(
            String model,
            @JsonDeserialize(contentUsing = FeatureValues.class)
                    List<Map<String, Double>> instances,
            boolean explain) {}

    /**
     * @param requestId of the request, as given in X-Request-Id or made up
     * @param traceId of the W3C traceparent, or made up
     * @param result what the model says
     */
    public record PredictAnswer(
            String requestId, String traceId, @JsonUnwrapped Inference.Predictions result) {}

    /**
     * @param ready whether all models in production can be asked
     * @param trouble what is wrong; null when nothing is
     * @param missing models in production that could not be loaded
     * @param models those that can be asked
     */
    public record Health(
            boolean ready, String trouble, List<String> missing, List<Scoring.Status> models) {}

    /**
     * @param model plant, circuit and name
     * @param version in production
     * @param detected whether what comes is another population
     * @param state UNKNOWN, NONE or DRIFT
     * @param simulated whether that is of a simulation
     * @param figures of each feature, and of the score
     */
    public record ModelDrift(
            String model,
            int version,
            @JsonProperty("drift_detected") boolean detected,
            String state,
            boolean simulated,
            List<Drift> figures) {

        /** Of a model. */
        public static ModelDrift of(Scoring.Status status) {
            return new ModelDrift(
                    status.model(),
                    status.version(),
                    status.driftSentence() != null,
                    status.drift(),
                    status.simulated(),
                    status.drifts());
        }
    }

    /**
     * @param models each with its drift
     */
    public record DriftAnswer(List<ModelDrift> models) {}

    /** Scores instances with the version in production. */
    @POST
    @Path("predict")
    @Operation(operationId = "predict", summary = "Scores instances with the model in production")
    public Response predict(
            PredictRequest request,
            @HeaderParam(REQUEST_ID) String given,
            @HeaderParam("traceparent") String parent)
            throws Inference.Invalid {
        String requestId =
                given != null && given.matches(NAME) ? given : UUID.randomUUID().toString();
        String traceId =
                parent != null && parent.matches(TRACEPARENT)
                        ? parent.substring(TRACE_BEGIN, TRACE_END)
                        : UUID.randomUUID().toString().replace("-", "");
        try (LogField.Scope about = LogField.REQUEST_ID.is(requestId);
                LogField.Scope trace = LogField.TRACE_ID.is(traceId)) {
            return answer(request, requestId, traceId);
        }
    }

    private Response answer(PredictRequest request, String requestId, String traceId)
            throws Inference.Invalid {
        PredictRequest asked = request == null ? new PredictRequest(null, null, false) : request;
        long begin = System.nanoTime();
        try {
            Inference.Predictions result =
                    inference.predict(asked.model(), asked.instances(), asked.explain());
            LOG.infof(
                    "predict %s version %d: %d instances in %.3f ms",
                    result.model(),
                    result.version(),
                    result.predictions().size(),
                    (System.nanoTime() - begin) / 1e6);
            return Response.ok(new PredictAnswer(requestId, traceId, result))
                    .header(REQUEST_ID, requestId)
                    .build();
        } catch (Inference.Invalid e) {
            LOG.warnf("predict refused: %s %s: %s", e.field(), e.rule(), e.getMessage());
            throw e;
        }
    }

    /** Which models can be asked. */
    @GET
    @Path("health")
    @Operation(operationId = "inferenceHealth", summary = "The models, their versions, readiness")
    public Response health() {
        Health health =
                new Health(
                        scoring.loaded() && scoring.missingModels().isEmpty(),
                        scoring.trouble(),
                        scoring.missingModels(),
                        scoring.status());
        return Response.status(health.ready() ? 200 : 503).entity(health).build();
    }

    /** Compares now what comes with what the models were trained on. */
    @GET
    @Path("drift")
    @Operation(
            operationId = "inferenceDrift",
            summary = "How far what comes is from what the models were trained on")
    public DriftAnswer drift(@QueryParam("model") String model) throws Inference.Invalid {
        List<Scoring.Status> all = scoring.lookNow();
        if (model != null && all.stream().noneMatch(of -> of.model().equals(model))) {
            throw inference.unknown(model);
        }
        return new DriftAnswer(
                all.stream()
                        .filter(of -> model == null || of.model().equals(model))
                        .map(ModelDrift::of)
                        .toList());
    }
}
