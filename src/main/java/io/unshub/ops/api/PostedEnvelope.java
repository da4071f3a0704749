package io.unshub.ops.api;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a posted reading looks like, for the API's description; docs/uns/envelope.md has the rules.
 *
 * @param messageId a UUID, made once for each reading
 * @param tsUtc when the value was measured, ISO 8601 with a zone
 * @param topic where it belongs
 * @param value number, text, truth value or null
 * @param quality GOOD, STALE, SIMULATED or ERROR
 * @param units UCUM; 1 for none
 * @param sourceSystem who measured
 * @param lineageVersion of the tag's definition
 * @param schemaVersion of the envelope
 * @param errorCode of the source, where quality is not GOOD
 */
@Schema(name = "Envelope", description = "A reading; the rules stand in docs/uns/envelope.md")
public record PostedEnvelope(
        @Schema(required = true, format = "uuid") String messageId,
        @Schema(required = true, format = "date-time") String tsUtc,
        @Schema(required = true) String topic,
        @Schema(required = true, description = "number, text, truth value or null") Object value,
        @Schema(
                        required = true,
                        enumeration = {"GOOD", "STALE", "SIMULATED", "ERROR"})
                String quality,
        @Schema(required = true) String units,
        @Schema(required = true) String sourceSystem,
        @Schema(required = true) String lineageVersion,
        @Schema(required = true, example = "1.0") String schemaVersion,
        String errorCode) {}
