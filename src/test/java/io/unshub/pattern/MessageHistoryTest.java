package io.unshub.pattern;

import static io.unshub.pattern.Readings.NOON;
import static io.unshub.pattern.Readings.at;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.envelope.Reading;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageHistoryTest {

    private static final String INGEST =
            "{\"hub\":\"plant1\",\"route\":\"ingest\",\"at\":\"2026-01-01T12:00:00Z\"}";

    private final MessageHistory history =
            new MessageHistory("plant1", () -> NOON.plusNanos(1_500_000_000));

    @Test
    void beginsWithWhenTheHubTookTheReadingIn() {
        Reading reading = at(0, "1");

        history.stamp(List.of(reading), "hot", "in-celsius", 20);
        history.stamp(List.of(reading), "hot", "", 20);

        assertThat(reading.envelope().messageHistory())
                .hasToString(
                        "["
                                + INGEST
                                + ",{\"hub\":\"plant1\",\"route\":\"hot\",\"step\":\"in-celsius\",\"at\":\"2026-01-01T12:00:01.500Z\"}"
                                + ",{\"hub\":\"plant1\",\"route\":\"hot\",\"at\":\"2026-01-01T12:00:01.500Z\"}]");
    }

    @Test
    void goesOnWithWhatOthersWroteDownAndLeavesItAsItCame() {
        ArrayNode elsewhere =
                JsonNodeFactory.instance
                        .arrayNode()
                        .add(7)
                        .addObject()
                        .put("line", "7")
                        .withArray("x");
        ArrayNode before = JsonNodeFactory.instance.arrayNode();
        before.addObject().put("gateway", "g7").set("more", elsewhere);
        String written = before.toString();
        Reading reading = at(0, "1");
        reading.trace(before);

        history.stamp(List.of(reading), "hot", "", 20);

        assertThat(before).as("not changed").hasToString(written);
        assertThat(reading.envelope().messageHistory()).hasSize(3).startsWith(before.get(0));
        assertThat(EnvelopeCodec.decode(reading.payload()).messageHistory())
                .hasToString(reading.envelope().messageHistory().toString());
    }

    @Test
    void keepsTheLatestPlacesWhereTheyWouldBeTooMany() {
        Reading reading = at(0, "1");
        for (int turn = 0; turn < 100; turn++) {
            history.stamp(List.of(reading), turn % 2 == 0 ? "there" : "back", "turn-" + turn, 3);
        }

        assertThat(reading.envelope().messageHistory())
                .extracting(place -> place.path("step").asText())
                .containsExactly("turn-98", "", "turn-99");
        assertThat(reading.payload()).hasSizeLessThan(600);
    }

    @Test
    void writesNoTakingInOnWhatAStepMade() {
        Reading made = Reading.of(at(0, "1").envelope());

        history.stamp(List.of(made), "sums", "", 20);

        assertThat(made.envelope().messageHistory()).hasSize(1);
    }

    @Test
    void staysWithWhatStepsBehindItMakeOfTheReading() throws Exception {
        FakeHand hand = new FakeHand();
        Reading split = Readings.text(0, "[1]");
        Reading warm = at(0, "1");
        Reading first = at(0, "1");
        history.stamp(List.of(split, warm, first), "hot", "", 20);

        Reading element = Readings.through(new Splitting("", List.of(), 10), hand, split).get(0);
        Reading kelvin = Readings.through(new UnitConversion("K"), hand, warm).get(0);
        Windows mean =
                new Windows(
                        "mean",
                        Duration.ofSeconds(10),
                        Duration.ZERO,
                        Duration.ZERO,
                        Clock.systemUTC());
        Reading sum = Readings.through(mean, hand, first, at(10, "2")).get(0);

        assertThat(List.of(element, kelvin, sum))
                .allSatisfy(
                        each ->
                                assertThat(new String(each.payload(), UTF_8))
                                        .contains("\"messageHistory\":[" + INGEST));
    }
}
