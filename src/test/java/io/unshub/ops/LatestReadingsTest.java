package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import io.unshub.ops.LatestReadings.Latest;
import io.unshub.ops.LatestReadings.Level;
import io.unshub.ops.LatestReadings.Point;
import io.unshub.quality.Quality;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LatestReadingsTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final String PUMP = "acme/plant1/packaging/line1/cell1/pump-01";
    private static final String SPEED = PUMP + "/speed";

    private final LatestReadings latest = new LatestReadings();

    @Test
    void keepsOfEachTopicTheReadingThatWasTakenInLast() throws Exception {
        keep(latest, SPEED, 1, "1.5");
        keep(latest, SPEED, 2, "9223372036854775807");
        // the same again, after a rollback
        keep(latest, SPEED, 1, "1.5");

        Latest now = latest.series(SPEED).orElseThrow().latest();
        assertThat(now.value()).hasToString("9223372036854775807");
        assertThat(now.quality()).isEqualTo(Quality.GOOD);
        assertThat(now.units()).isEqualTo("Cel");
        assertThat(now.tsUtc()).isEqualTo(START.plusSeconds(2));
        assertThat(now.acceptedUtc()).isEqualTo(START.plusSeconds(3));
        assertThat(latest.series(SPEED).orElseThrow().points())
                .containsExactly(
                        new Point(START.plusSeconds(1), 1.5, Quality.GOOD),
                        new Point(START.plusSeconds(2), 9.223372036854775807e18, Quality.GOOD));
        assertThat(latest.series(PUMP)).isEmpty();
    }

    @Test
    void keepsTheLastHundredAsNumbersWhereTheyAreSome() throws Exception {
        for (int i = 1; i <= 250; i++) {
            keep(latest, SPEED, i, Integer.toString(i));
        }
        keep(latest, SPEED, 251, "true");
        keep(latest, SPEED, 252, "\"on\"");
        keep(latest, SPEED, 253, "null");

        List<Point> points = latest.series(SPEED).orElseThrow().points();
        assertThat(points).hasSize(100);
        assertThat(points.get(0).value()).isEqualTo(154);
        assertThat(points.subList(96, 100))
                .extracting(Point::value)
                .containsExactly(250.0, 1.0, null, null);
        assertThat(latest.series(SPEED).orElseThrow().latest().value().isNull()).isTrue();
    }

    @Test
    void leavesOutWhatWasRefusedAndShortensWhatIsLong() throws Exception {
        Reading refused = reading(SPEED, 1, "1");
        refused.reject(new Rejection(Reason.UNKNOWN_FLAG, "quality", "no such flag"));
        latest.keep(new Batch(List.of(refused, new Reading(SPEED, new byte[0]))));
        assertThat(latest.count()).isZero();

        keep(latest, SPEED, 2, '"' + "x".repeat(100_000) + '"');

        assertThat(latest.series(SPEED).orElseThrow().latest().value().textValue())
                .hasSizeLessThan(300)
                .startsWith("xxx");
    }

    @Test
    void isATree() throws Exception {
        // "-" and "." stand before "/", "0" right after it
        for (String topic :
                List.of(
                        "acme/b",
                        "acme/b-c/x",
                        "acme/b.d",
                        "acme/b/y",
                        "acme/b/z/1",
                        "acme/b0",
                        "acme/a/1",
                        "other/1")) {
            keep(latest, topic, 1, "1");
        }

        assertThat(latest.below("")).extracting(Level::path).containsExactly("acme", "other");
        assertThat(latest.below("acme"))
                .extracting(Level::name)
                .containsExactly("a", "b", "b-c", "b.d", "b0");
        assertThat(latest.below("acme"))
                .extracting(Level::parent)
                .containsExactly(true, true, true, false, false);
        assertThat(latest.below("acme").get(1).latest().topic()).isEqualTo("acme/b");
        assertThat(latest.below("acme").get(0).latest()).isNull();
        assertThat(latest.below("acme/b")).extracting(Level::name).containsExactly("y", "z");
        assertThat(latest.below("acme/none")).isEmpty();
        assertThat(latest.find("/b/"))
                .extracting(Latest::topic)
                .containsExactly("acme/b/y", "acme/b/z/1");
    }

    @Test
    void isBoundedAndGivesASeriesToWhatIsLookedAt() throws Exception {
        LatestReadings small = new LatestReadings(4, 2);
        for (int i = 1; i <= 5; i++) {
            keep(small, "t/" + i, 1, "1");
            keep(small, "t/" + i, 2, "2");
        }

        assertThat(small.count()).isEqualTo(4);
        assertThat(small.full()).isTrue();
        assertThat(small.below("t")).hasSize(4);
        assertThat(small.series("t/5")).isEmpty();
        assertThat(small.series("t/1").orElseThrow().points()).hasSize(2);
        // 2 was never looked at and makes room for 4
        assertThat(small.series("t/4").orElseThrow().points()).hasSize(1);
        keep(small, "t/4", 3, "3");
        assertThat(small.series("t/4").orElseThrow().points()).hasSize(2);
        assertThat(small.series("t/1").orElseThrow().points()).hasSize(2);
        assertThat(small.series("t/2").orElseThrow().points()).hasSize(1);
    }

    @Test
    void showsOfTheLastReadingWhereItCameThroughShortenedAndBounded() throws Exception {
        ArrayNode history = JsonNodeFactory.instance.arrayNode();
        for (int place = 0; place < 25; place++) {
            history.addObject().put("hub", "h" + place).put("route", "x".repeat(9_999));
        }
        Reading traced = reading(SPEED, 1, "1");
        traced.valid(traced.envelope().withHistory(history.add("no place")));
        latest.keep(new Batch(List.of(traced)));

        assertThat(latest.series(SPEED).orElseThrow().history())
                .hasSize(20)
                .allSatisfy(place -> assertThat(place.route()).hasSizeLessThan(300))
                .extracting(LatestReadings.Place::hub)
                .startsWith("h6")
                .endsWith("h24", "");

        keep(latest, SPEED, 2, "1");
        assertThat(latest.series(SPEED).orElseThrow().history()).isEmpty();
    }

    private static void keep(LatestReadings latest, String topic, long seq, String value)
            throws Exception {
        latest.keep(new Batch(List.of(reading(topic, seq, value))));
    }

    private static Reading reading(String topic, long seq, String value) throws Exception {
        JsonNode node = new ObjectMapper().readTree(value);
        Reading reading = new Reading(topic, new byte[0]);
        reading.accept(seq, START.plusSeconds(seq + 1));
        reading.valid(
                new Envelope(
                        UUID.randomUUID(),
                        START.plusSeconds(seq),
                        topic,
                        node,
                        Quality.GOOD,
                        "Cel",
                        "test",
                        "1",
                        "1.0",
                        null,
                        null));
        return reading;
    }
}
