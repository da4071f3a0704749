package io.unshub.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.unshub.envelope.Envelope;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.quality.Quality;
import io.unshub.route.Rehearsal.Result;
import java.time.Instant;

/**
 * A reading where it ended.
 *
 * @param topic that it was published on
 * @param number the value, where it is a number; null else
 * @param text the value as text
 * @param units UCUM code
 * @param quality its flag
 * @param atUtc source time
 * @param source system or route that it comes from
 * @param payload as it arrived, byte for byte
 */
public record Seen(
        String topic,
        Double number,
        String text,
        String units,
        Quality quality,
        Instant atUtc,
        String source,
        String payload) {

    static Seen of(Result result) {
        Envelope envelope = EnvelopeCodec.decode(result.payload());
        return new Seen(
                result.topic(),
                envelope.value().isNumber() ? envelope.value().doubleValue() : null,
                envelope.value().asText(),
                envelope.units(),
                Quality.valueOf(result.quality()),
                envelope.tsUtc(),
                envelope.sourceSystem(),
                new String(result.payload(), UTF_8));
    }

    /** The last level of the topic. */
    public String tag() {
        return topic.substring(topic.lastIndexOf('/') + 1);
    }
}
