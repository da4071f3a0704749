package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.unshub.buffer.QueueView.Held;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Foreign readings are downgraded by the shipped rules; no byte but the flag changes. */
class TagQualityRouteTest {

    private static final String PACKAGING = "acme/plant9/packaging/line1/cell1/filler-01/";

    @RegisterExtension final HubFixture hub = new HubFixture();

    @Test
    void downgradesTheOldToStaleAndTheImpossibleToErrorAndLeavesTheRest() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        Instant now = Instant.now();
        String temperature = PACKAGING + "temperature";

        hub.publish(temperature, hub.envelope(temperature, 20, now));
        hub.publish(temperature, hub.envelope(temperature, 20, now.minus(Duration.ofHours(1))));
        hub.publish(temperature, hub.envelope(temperature, 999, now));
        hub.awaitAccepted(3);

        assertThat(hub.buffered())
                .extracting(Held::hubSeq, Held::quality)
                .containsExactly(tuple(1L, "GOOD"), tuple(2L, "STALE"), tuple(3L, "ERROR"));
    }

    @Test
    void changesNoByteButTheFlagAndKeepsThePublishedOneBesideIt() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String topic = PACKAGING + "temperature";
        // a number that no double and no re-encoding would survive
        String published =
                hub.envelope(topic, "20.00000000000000000000000000000000000010e0", Instant.EPOCH)
                        .replace(
                                Instant.EPOCH.toString(),
                                Instant.now().minus(Duration.ofHours(1)).toString());

        hub.publish(topic, published);
        hub.awaitAccepted(1);

        assertThat(hub.buffered())
                .singleElement()
                .satisfies(
                        held ->
                                assertThat(new String(held.payload(), UTF_8))
                                        .isEqualTo(
                                                published.replace(
                                                        "\"quality\":\"GOOD\"",
                                                        "\"quality\":\"STALE\","
                                                                + "\"publishedQuality\":\"GOOD\"")));
    }

    @Test
    void neverUpgrades() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String topic = PACKAGING + "temperature";

        hub.publish(topic, hub.envelope(topic, 20, Instant.now()).replace("GOOD", "ERROR"));
        hub.awaitAccepted(1);

        assertThat(hub.buffered()).extracting(Held::quality).containsExactly("ERROR");
    }

    @Test
    void leavesAloneWhatTheHubCollectsItself() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        // bound in the shipped tag file, so it was tagged at its source
        String own = "acme/plant1/packaging/line1/cell1/pump-01/temperature";

        hub.publish(own, hub.envelope(own, 999, Instant.now().minus(Duration.ofHours(1))));
        hub.awaitAccepted(1);

        assertThat(hub.buffered()).extracting(Held::quality).containsExactly("GOOD");
    }
}
