package io.unshub.ops.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.unshub.ops.Refused;
import io.unshub.scoring.Inference;
import io.unshub.uns.Excerpt;
import io.unshub.uns.RootCause;
import io.unshub.uns.RulesException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns every failure of a request into a {@link Problem}. */
final class Problems {

    private static final Logger LOG = Logger.getLogger(Problems.class);
    private static final int RETRY_SECONDS = 10;
    private static final String SEE = "see /api/v1/openapi for what there is";

    @ServerExceptionMapper
    Response refused(Refused e) {
        Response response = response(e.status(), e.getMessage(), e.rule(), e.value(), e.nextStep());
        if (e.status() == 503) {
            response.getHeaders().putSingle("Retry-After", RETRY_SECONDS);
        }
        return response;
    }

    @ServerExceptionMapper
    Response invalid(Inference.Invalid e) {
        int status =
                switch (e.rule()) {
                    case "model-known" -> 404;
                    case "model-works", "model-loaded" -> 503;
                    default -> 400;
                };
        return response(
                status, e.getMessage(), e.rule(), Excerpt.of(e.value()), e.nextStep(), e.field());
    }

    @ServerExceptionMapper
    Response rules(RulesException e) {
        String message = e.getMessage();
        int semicolon = message.lastIndexOf("; ");
        return response(
                400,
                message,
                "mapping",
                semicolon < 0 ? message : message.substring(0, semicolon),
                semicolon < 0
                        ? "see docs/deadletter/workbench.md"
                        : message.substring(semicolon + 2));
    }

    // the framework has a mapper of its own for this one, which says nothing
    @ServerExceptionMapper
    Response json(MismatchedInputException e) {
        return unreadable(e);
    }

    @ServerExceptionMapper
    Response json(JsonProcessingException e) {
        return unreadable(e);
    }

    private static Response unreadable(JsonProcessingException e) {
        return response(
                400,
                "the request body cannot be read: "
                        + Excerpt.of(e.getOriginalMessage().replaceFirst(" \\(.*", "")),
                "request-body",
                e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr(),
                SEE,
                e instanceof JsonMappingException mapping ? field(mapping) : null);
    }

    /** Where it went wrong, as in {@code instances[0].torque}; null for the body as a whole. */
    private static String field(JsonMappingException e) {
        StringBuilder field = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                field.append('[').append(step.getIndex()).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return field.isEmpty() ? null : Excerpt.of(field.toString());
    }

    @ServerExceptionMapper
    Response web(WebApplicationException e, UriInfo uri) {
        if (e.getCause() instanceof JsonProcessingException malformed) {
            return unreadable(malformed);
        }
        int status = e.getResponse().getStatus();
        return response(
                status,
                HttpResponseStatus.valueOf(status).reasonPhrase()
                        + ": "
                        + Excerpt.of(uri.getPath()),
                status == 404 ? "path" : status == 405 ? "method" : "request",
                Excerpt.of(uri.getPath()),
                SEE);
    }

    @ServerExceptionMapper
    Response fault(Exception e, UriInfo uri, HttpServerResponse answer) {
        if (answer.headWritten()) {
            // of a body in chunks that was too large, which is refused where it is read
            return Response.status(answer.getStatusCode()).build();
        }
        if (RootCause.throwable(e) instanceof HttpClosedException) {
            LOG.debugf("request %s was given up by who sent it", Excerpt.of(uri.getPath()));
        } else {
            LOG.errorf(e, "request %s failed", Excerpt.of(uri.getPath()));
        }
        return response(
                500,
                "the hub failed on this request: " + Excerpt.of(String.valueOf(e.getMessage())),
                "fault",
                Excerpt.of(uri.getPath()),
                "look into the hub's log, try again, and report it if it stays");
    }

    private static Response response(
            int status, String detail, String rule, String value, String nextStep) {
        return response(status, detail, rule, value, nextStep, null);
    }

    private static Response response(
            int status, String detail, String rule, String value, String nextStep, String field) {
        return Response.status(status)
                .type(Problem.MEDIA_TYPE)
                .entity(
                        new Problem(
                                "urn:unshub:problem:" + rule,
                                HttpResponseStatus.valueOf(status).reasonPhrase(),
                                status,
                                detail,
                                rule,
                                value,
                                nextStep,
                                field))
                .build();
    }
}
