package io.unshub.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.quality.Quality;
import io.unshub.route.Rehearsal.Published;
import java.time.Instant;
import java.util.UUID;

/**
 * What a test publishes.
 *
 * @param topic that it is published on
 * @param value number, text, boolean or null
 * @param units UCUM code
 * @param quality its flag
 * @param atUtc source time, and when it comes; null for a second after the one before
 * @param payload what is published instead of an envelope; null for an envelope
 */
public record Given(
        String topic, Object value, String units, Quality quality, Instant atUtc, String payload) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The same in other units. */
    public Given units(String ucum) {
        return new Given(topic, value, ucum, quality, atUtc, payload);
    }

    /** The same with another flag, as {@code STALE}. */
    public Given quality(Quality flag) {
        return new Given(topic, value, units, flag, atUtc, payload);
    }

    /** The same at another time. */
    public Given at(Instant utc) {
        return new Given(topic, value, units, quality, utc, payload);
    }

    /**
     * As it is published.
     *
     * @param place of this one among those of the test; no two are a repeat of each other
     * @param usual when it comes, unless it says itself
     */
    Published published(int place, Instant usual) {
        Instant time = atUtc == null ? usual : atUtc;
        byte[] bytes =
                payload != null
                        ? payload.getBytes(UTF_8)
                        : EnvelopeCodec.encode(
                                new Envelope(
                                        UUID.nameUUIDFromBytes((topic + place).getBytes(UTF_8)),
                                        time,
                                        topic,
                                        JSON.valueToTree(value),
                                        quality,
                                        units,
                                        "test",
                                        "1.0.0",
                                        Envelope.SCHEMA_VERSION,
                                        null,
                                        null));
        return new Published(topic, bytes, time);
    }
}
