package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.unshub.buffer.QueueView.Held;
import io.unshub.collect.Intake;
import io.unshub.collect.Intake.Finding;
import io.unshub.collect.Intake.Outcome;
import io.unshub.deadletter.Reason;
import io.unshub.envelope.PostedBody;
import java.time.Instant;
import java.util.List;
import org.apache.camel.CamelExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is posted goes the way of what is published. */
class CollectHttpRouteTest {

    @RegisterExtension final HubFixture hub = new HubFixture();

    @Test
    void takesReadingsInWithTheirBytesAndInOrder() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("collect-http");
        String first = hub.envelope(HubFixture.TOPIC, "1.0", Instant.now());
        String second = hub.envelope(HubFixture.TOPIC, "2.00", Instant.now());

        assertThat(post("[ " + first + " ,\n" + second + "]")).isEmpty();

        hub.awaitAccepted(2);
        assertThat(hub.buffered())
                .extracting(held -> new String(held.payload(), UTF_8))
                .containsExactly(first, second);
        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(1L, 2L);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void saysOfEachReadingWhatBecomesOfIt() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("collect-http");
        String good = hub.envelope(HubFixture.TOPIC, 1, Instant.now());

        List<Finding> findings =
                post(
                        "[%s,%s,%s,%s,%s,7,{}]"
                                .formatted(
                                        good,
                                        good.replace("GOOD", "good"),
                                        good.replace(HubFixture.TOPIC, "acme/Plant 9/x"),
                                        good.replace(HubFixture.TOPIC, "acme/+/x"),
                                        good.replace(HubFixture.TOPIC, "_hub/alarm/x")));

        assertThat(findings)
                .extracting(Finding::index, Finding::outcome, f -> f.rejection().reason())
                .containsExactly(
                        tuple(1, Outcome.DEAD_LETTERED, Reason.UNKNOWN_FLAG),
                        tuple(2, Outcome.DEAD_LETTERED, Reason.TOPIC_INVALID),
                        tuple(3, Outcome.REFUSED, Reason.TOPIC_INVALID),
                        tuple(4, Outcome.REFUSED, Reason.TOPIC_INVALID),
                        tuple(5, Outcome.REFUSED, Reason.PARSE_ERROR),
                        tuple(6, Outcome.REFUSED, Reason.FIELD_MISSING));
        assertThat(findings.get(5).rejection().detail())
                .isEqualTo("payload names no topic; add topic as text, see docs/uns/envelope.md");
        HubFixture.eventually(() -> hub.letters().count() == 2);
        hub.awaitAccepted(3);
        assertThat(hub.buffered()).hasSize(1);
        assertThat(hub.intake().count(Outcome.ACCEPTED)).isEqualTo(1);
        assertThat(hub.intake().count(Outcome.DEAD_LETTERED)).isEqualTo(2);
        assertThat(hub.intake().count(Outcome.REFUSED)).isEqualTo(4);
    }

    @Test
    void failsWhereNoRouteTakesIt() {
        String good = hub.envelope(HubFixture.TOPIC, 1, Instant.now());

        assertThatThrownBy(() -> post(good)).isInstanceOf(CamelExecutionException.class);
        assertThat(hub.intake().count(Outcome.ACCEPTED)).isZero();
    }

    private List<Finding> post(String body) throws Exception {
        Intake intake = hub.intake();
        return intake.take(PostedBody.split(body.getBytes(UTF_8)));
    }
}
