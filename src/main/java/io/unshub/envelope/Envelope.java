package io.unshub.envelope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.unshub.quality.Quality;
import java.time.Instant;
import java.util.UUID;

/**
 * One reading in the canonical form, as in {@code schemas/envelope/v1/envelope.schema.json}.
 *
 * @param messageId identifies the reading; a re-read of the same source value has the same id
 * @param tsUtc when the source took the value
 * @param topic the UNS topic, {@code enterprise/site/area/line/cell/equipment/tag}
 * @param value a JSON number, string, boolean or null
 * @param quality how far the value can be trusted
 * @param units UCUM code of the value's unit, {@code 1} where it has none
 * @param sourceSystem the connection or system that the value came from
 * @param lineageVersion version of the tag model or mapping that made the reading
 * @param schemaVersion version of the envelope, {@code 1.0}
 * @param errorCode what the source reported when quality is not GOOD; null where there is none
 * @param publishedQuality the flag before a hub lowered it; null where none did
 * @param messageHistory the places that the reading came through, the latest last, as routes wrote
 *     them down; null where none did; not to be changed
 */
public record Envelope(
        UUID messageId,
        Instant tsUtc,
        String topic,
        JsonNode value,
        Quality quality,
        String units,
        String sourceSystem,
        String lineageVersion,
        String schemaVersion,
        String errorCode,
        Quality publishedQuality,
        ArrayNode messageHistory) {

    /** The version that this hub writes. */
    public static final String SCHEMA_VERSION = "1.0";

    /** One that nobody wrote a history on. */
    public Envelope(
            UUID messageId,
            Instant tsUtc,
            String topic,
            JsonNode value,
            Quality quality,
            String units,
            String sourceSystem,
            String lineageVersion,
            String schemaVersion,
            String errorCode,
            Quality publishedQuality) {
        this(
                messageId,
                tsUtc,
                topic,
                value,
                quality,
                units,
                sourceSystem,
                lineageVersion,
                schemaVersion,
                errorCode,
                publishedQuality,
                null);
    }

    /** The same with another history. */
    public Envelope withHistory(ArrayNode history) {
        return new Envelope(
                messageId,
                tsUtc,
                topic,
                value,
                quality,
                units,
                sourceSystem,
                lineageVersion,
                schemaVersion,
                errorCode,
                publishedQuality,
                history);
    }

    /** Whether a simulator made it, also where a hub has lowered its flag since. */
    public boolean simulated() {
        return quality == Quality.SIMULATED || publishedQuality == Quality.SIMULATED;
    }
}
