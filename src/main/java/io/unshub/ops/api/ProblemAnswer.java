package io.unshub.ops.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.ext.web.RoutingContext;

/** A {@link Problem} as the answer to a request that reaches no resource. */
public final class ProblemAnswer {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ProblemAnswer() {}

    /** Ends the request with it. */
    public static void end(
            RoutingContext request, int status, String rule, String detail, String next) {
        try {
            request.response()
                    .setStatusCode(status)
                    .putHeader("Content-Type", Problem.MEDIA_TYPE)
                    .end(
                            JSON.writeValueAsString(
                                    new Problem(
                                            "urn:unshub:problem:" + rule,
                                            HttpResponseStatus.valueOf(status).reasonPhrase(),
                                            status,
                                            detail + "; " + next,
                                            rule,
                                            "",
                                            next,
                                            null)));
        } catch (JsonProcessingException e) {
            request.fail(e);
        }
    }
}
