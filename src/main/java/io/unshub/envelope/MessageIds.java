package io.unshub.envelope;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.unshub.uns.UtcText;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Makes the ids of collected readings, so that reading the same source value again is recognised.
 */
public final class MessageIds {

    /** Fixed for ever: another namespace would make every retained value look new. */
    private static final UUID NAMESPACE = UUID.fromString("5f3c1c0e-8a55-4f0b-9d0a-6c1b7d3f2a91");

    private static final char SEPARATOR = '\0';

    private MessageIds() {}

    /**
     * Returns the UUIDv5 of all that goes into a reading, so that the same id always stands for the
     * same bytes. The same input gives the same id on every machine and Java version.
     *
     * @param source name of the connection
     * @param lineage version of the tag model, with all that it decided: units, quality, error code
     * @param topic UNS topic
     * @param sourceTime when the source took the value
     * @param value the value as it goes into the envelope
     */
    public static UUID of(
            String source, List<String> lineage, String topic, Instant sourceTime, JsonNode value) {
        // the value stands last: it alone may hold any character
        String name =
                source
                        + SEPARATOR
                        + topic
                        + SEPARATOR
                        + UtcText.of(sourceTime)
                        + SEPARATOR
                        + String.join(String.valueOf(SEPARATOR), lineage)
                        + SEPARATOR
                        + text(value);
        return UuidCreator.getNameBasedSha1(NAMESPACE, name);
    }

    /** As JSON; a number's text is that, and had without a JSON writer. */
    static String text(JsonNode value) {
        return value.isNumber() ? value.asText() : value.toString();
    }
}
