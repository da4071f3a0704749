package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.buffer.QueueView.Held;
import io.unshub.deadletter.Reason;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Validation gives verdicts: it takes nothing out, throws for nothing and spares neighbours. */
class ValidateRouteTest {

    @RegisterExtension final HubFixture hub = new HubFixture();

    @Test
    void marksTheBadReadingAndTakesNoneOutOfTheBatch() throws Exception {
        hub.load("classpath:fixtures/validate/after-validate.yaml").run("validate");
        MockEndpoint deadLetter = hub.mock("mock:dead-letter");
        Reading good = reading(hub.envelope(HubFixture.TOPIC, 1, Instant.now()));
        Reading bad = reading("{\"value\": 1");
        Reading alsoGood = reading(hub.envelope(HubFixture.TOPIC, 2, Instant.now()));
        deadLetter.expectedMessageCount(1);

        hub.send("direct:validate", new Batch(List.of(good, bad, alsoGood)));

        deadLetter.assertIsSatisfied();
        assertThat(deadLetter.getExchanges().get(0).getIn().getBody(Batch.class).readings())
                .containsExactly(good, bad, alsoGood);
        assertThat(good.rejected()).isFalse();
        assertThat(good.envelope().value().intValue()).isEqualTo(1);
        assertThat(alsoGood.rejected()).isFalse();
        assertThat(bad.rejection().reason()).isEqualTo(Reason.PARSE_ERROR);
        assertThat(bad.envelope()).isNull();
    }

    @Test
    void sendsTheBatchToTheDeadLettersBeforeTheQualityStage() throws Exception {
        hub.load("classpath:fixtures/validate/after-validate.yaml").run("validate");
        List<String> order = new ArrayList<>();
        for (String stage : List.of("tag-quality", "dead-letter", "deduplicate")) {
            hub.mock("mock:" + stage).whenAnyExchangeReceived(exchange -> order.add(stage));
        }

        hub.send("direct:validate", new Batch(List.of(reading("x"))));

        assertThat(order).containsExactly("deduplicate", "dead-letter", "tag-quality");
    }

    @Test
    void letsTheNeighboursOfEveryKindOfBadReadingPass() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String valid = hub.envelope(HubFixture.TOPIC, 0, Instant.now());

        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.publish(HubFixture.TOPIC, "{\"value\": 1");
        hub.publish(HubFixture.TOPIC, valid.replace("\"units\":\"1\",", ""));
        hub.publish(HubFixture.TOPIC, valid.replace("\"1.0\"}", "\"2.0\"}"));
        hub.publish(HubFixture.TOPIC, valid.replace("GOOD", "BRILLIANT"));
        hub.publish(HubFixture.TOPIC + "/too-deep", valid);
        hub.publish(HubFixture.TOPIC, valid.replace("torque", "speed"));
        hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 0, Instant.EPOCH));
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.awaitAccepted(9);

        assertThat(hub.deadLetters())
                .extracting(Held::reason)
                .containsExactly(
                        "PARSE_ERROR",
                        "FIELD_MISSING",
                        "SCHEMA_UNSUPPORTED",
                        "UNKNOWN_FLAG",
                        "TOPIC_INVALID",
                        "TOPIC_MISMATCH",
                        "TIMESTAMP_INVALID");
        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(1L, 8L);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void refusesWhatIsLongerThanTheConfiguredLimit() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        int limit = 262_144;

        hub.publish(HubFixture.TOPIC, "x".repeat(limit + 1));
        hub.awaitAccepted(1);

        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo("SIZE_EXCEEDED");
                            assertThat(letter.payload()).hasSize(limit + 1);
                            assertThat(letter.detail()).contains("262145", "262144");
                        });
    }

    private static Reading reading(String payload) {
        return new Reading(HubFixture.TOPIC, payload.getBytes(UTF_8));
    }
}
