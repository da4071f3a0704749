package io.unshub.pattern;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Readings for the tests of the steps. */
final class Readings {

    static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    static final String TOPIC = "acme/plant1/packaging/line2/filler/pump-101/temperature";

    private Readings() {}

    /** A number, so many seconds after noon. */
    static Reading at(double second, String number) {
        return at(second, number, Quality.GOOD);
    }

    static Reading at(double second, String number, Quality quality) {
        return of(TOPIC, second, new DecimalNode(new BigDecimal(number)), quality, "Cel");
    }

    static Reading text(double second, String text) {
        return of(TOPIC, second, new TextNode(text), Quality.GOOD, "1");
    }

    static Reading in(String units, String number) {
        return of(TOPIC, 0, new DecimalNode(new BigDecimal(number)), Quality.GOOD, units);
    }

    /** Accepted at noon. */
    static Reading of(String topic, double second, JsonNode value, Quality quality, String units) {
        Reading reading =
                Reading.of(
                        new Envelope(
                                UUID.nameUUIDFromBytes((topic + second + value).getBytes(UTF_8)),
                                NOON.plusMillis((long) (second * 1000)),
                                topic,
                                value,
                                quality,
                                units,
                                "test",
                                "1.0.0",
                                Envelope.SCHEMA_VERSION,
                                null,
                                null));
        reading.accept(1, NOON);
        return reading;
    }

    /** Carries readings through a step. */
    static List<Reading> through(Step step, Hand hand, Reading... readings)
            throws InterruptedException {
        Batch batch = new Batch(List.of(readings));
        step.apply(batch, hand);
        return batch.readings();
    }
}
