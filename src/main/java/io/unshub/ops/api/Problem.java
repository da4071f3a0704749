package io.unshub.ops.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * An error, in the form of RFC 9457.
 *
 * @param type names the class of problem
 * @param title what it is, in two words
 * @param status the HTTP status
 * @param detail what is wrong with this request
 * @param rule the rule that was broken
 * @param value the value that broke it
 * @param nextStep what the caller can do
 * @param field where in the request; absent where the rule says it
 */
@Schema(description = "An error, in the form of RFC 9457")
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String rule,
        String value,
        String nextStep,
        @JsonInclude(JsonInclude.Include.NON_NULL) String field) {

    /** The media type of problems. */
    public static final String MEDIA_TYPE = "application/problem+json";
}
