package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.TestFolders;
import io.unshub.buffer.QueueView.Held;
import io.unshub.load.HiveMqProcess;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.SparkplugBPayload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is published on the plant's own MQTT 5 broker is taken in as if it came here. */
class CollectUnsRouteTest {

    private static final int PORT = freePort();

    @TempDir Path folder;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .with("unshub.external.host", "127.0.0.1")
                    .with("unshub.external.port", Integer.toString(PORT))
                    .with("unshub.external.topics", "acme/#,_hub/#")
                    .with("unshub.external.receive-maximum", "20");

    private JavaProcess broker;
    private Mqtt5BlockingClient client;

    @BeforeEach
    void startBroker() throws Exception {
        broker =
                JavaProcess.start(
                        folder.resolve("broker.log"),
                        HiveMqProcess.class,
                        Integer.toString(PORT),
                        folder.resolve("broker").toString());
        HubFixture.eventually(() -> broker.lines().contains("ready"));
        client = Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(PORT).buildBlocking();
        client.connect();
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Test
    void takesTopicAndBytesAsTheyWereAndInOrder() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");
        HubFixture.eventually(() -> hub.subscriber().trouble().isEmpty());
        String spaced = hub.envelope(HubFixture.TOPIC, "1.0", Instant.now()) + " ";

        publish(HubFixture.TOPIC, spaced);
        publish("_hub/alarm/of-another-hub", "not for us");
        for (int value = 2; value <= 100; value++) {
            publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, value, Instant.now()));
        }
        hub.awaitAccepted(100);

        assertThat(hub.buffered())
                .extracting(Held::hubSeq)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 100).boxed().toList());
        assertThat(new String(hub.buffered().get(0).payload(), UTF_8)).isEqualTo(spaced);
        assertThat(hub.ledger().accepted()).isEqualTo(100);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void mapsWhatIsNoEnvelopeByTheRules() throws Exception {
        Path config = TestFolders.config(folder.resolve("config"));
        Files.writeString(
                config.resolve("mqtt-mapping.yaml"),
                """
                version: 1.0.0
                rules:
                  - name: meters
                    from: acme/meter/+
                    topic: acme/plant9/mixing/line1/cell1/{1}/power
                    units: W
                """);
        hub.with("unshub.config-dir", config.toString()).restart();
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");
        HubFixture.eventually(() -> hub.subscriber().trouble().isEmpty());

        publish("acme/meter/m-7", "12.50");
        publish("acme/meter/m-8", "{\"w\": 1}");
        hub.awaitAccepted(2);

        HubFixture.eventually(() -> hub.letters().count() == 1);
        assertThat(hub.buffered())
                .extracting(Held::topic)
                .containsExactly("acme/plant9/mixing/line1/cell1/m-7/power");
        assertThat(values()).containsExactly("12.50");
        assertThat(new String(hub.deadLetters().get(0).payload(), UTF_8)).isEqualTo("{\"w\": 1}");
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void takesSparkplugApartAndAsksForARebirth() throws Exception {
        Path config = TestFolders.config(folder.resolve("config"));
        Files.writeString(
                config.resolve("mqtt-mapping.yaml"),
                """
                version: 1.0.0
                rules:
                  - name: edge
                    from: spBv1.0/Plant9/edge/+/torque
                    topic: acme/plant9/mixing/line1/cell1/{1}/torque
                    value: /value
                    time: /time
                    timeFormat: epoch-millis
                    quality: /quality
                    qualities: {GOOD: GOOD, STALE: STALE}
                    units: N.m
                """);
        hub.with("unshub.config-dir", config.toString())
                .with("unshub.external.topics", "spBv1.0/#")
                .restart();
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");
        HubFixture.eventually(() -> hub.subscriber().trouble().isEmpty());

        try (var commands = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("spBv1.0/Plant9/NCMD/edge").send();
            sparkplug("DDATA/edge/mixer-1", 4, metric(null, 20.5));
            assertThat(commands.receive(30, TimeUnit.SECONDS)).isPresent();
        }
        sparkplug("NBIRTH/edge", 0);
        sparkplug("DBIRTH/edge/mixer-1", 1, metric("torque", 21.5));
        sparkplug("DDATA/edge/mixer-1", 2, metric(null, 22.5));
        sparkplug("DDEATH/edge/mixer-1", 3);
        hub.awaitAccepted(4);

        HubFixture.eventually(() -> hub.letters().count() == 1);
        assertThat(values()).containsExactly("21.5", "22.5", "22.5");
        assertThat(new String(hub.buffered().get(2).payload(), UTF_8))
                .contains("\"quality\":\"STALE\"");
        assertThat(hub.deadLetters().get(0).topic()).isEqualTo("spBv1.0/Plant9/DDATA/edge/mixer-1");
        assertThat(hub.report().findings()).isEmpty();
    }

    private static Metric metric(String name, double value) throws Exception {
        return new Metric(
                name, 1L, new Date(), MetricDataType.Double, false, false, null, null, value);
    }

    private void sparkplug(String topic, long sequence, Metric... metrics) throws Exception {
        client.publishWith()
                .topic("spBv1.0/Plant9/" + topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(
                        new SparkplugBPayloadEncoder()
                                .getBytes(
                                        new SparkplugBPayload(
                                                new Date(), List.of(metrics), sequence),
                                        false))
                .send();
    }

    @Test
    void getsWhatWasPublishedWhileTheHubWasAway() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");
        HubFixture.eventually(() -> hub.subscriber().trouble().isEmpty());
        publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 1, Instant.now()));
        hub.awaitAccepted(1);

        hub.restart();
        publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 2, Instant.now()));
        publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 3, Instant.now()));
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");

        hub.awaitAccepted(3);
        assertThat(values()).containsExactly("1", "2", "3");
    }

    @Test
    void acknowledgesNothingThatIsNotOnDiskHere() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");
        HubFixture.eventually(() -> hub.subscriber().trouble().isEmpty());
        hub.broker().holdPublishers(true);

        for (int value = 1; value <= 30; value++) {
            publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, value, Instant.now()));
        }
        // this hub goes down with them in hand, and the next one gets them from the broker
        hub.restart();
        assertThat(hub.buffered()).isEmpty();
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");

        hub.awaitAccepted(30);
        assertThat(new LinkedHashSet<>(values()))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 30).mapToObj(Long::toString).toList());
    }

    @Test
    void saysThatTheBrokerIsAwayAndComesBackByItself() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");
        HubFixture.eventually(() -> hub.subscriber().trouble().isEmpty());

        broker.close();
        HubFixture.eventually(() -> hub.subscriber().trouble().isPresent());
        assertThat(hub.subscriber().trouble().orElseThrow())
                .startsWith("the UNS broker 127.0.0.1:" + PORT + " is not connected (")
                .endsWith("waits in the session of uns-hub on that broker");

        startBroker();
        HubFixture.eventually(() -> hub.subscriber().trouble().isEmpty());
        publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 1, Instant.now()));
        hub.awaitAccepted(1);
    }

    @Test
    void saysWhichSubscriptionTheBrokerRefusesAndTakesTheOthers() throws Exception {
        hub.with("unshub.external.topics", "forbidden/#,acme/#").restart();
        hub.run(HubFixture.TO_BUFFER).run("collect-uns");

        HubFixture.eventually(
                () ->
                        hub.subscriber()
                                .trouble()
                                .filter(
                                        trouble ->
                                                trouble.contains(
                                                        "subscription to forbidden/# ([NOT_AUTHORIZED])"))
                                .isPresent());
        publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 1, Instant.now()));
        hub.awaitAccepted(1);
    }

    private List<String> values() throws Exception {
        return hub.buffered().stream()
                .map(held -> new String(held.payload(), UTF_8))
                .map(text -> text.replaceAll(".*\"value\":([^,]*),.*", "$1"))
                .toList();
    }

    private void publish(String topic, String payload) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    private static int freePort() {
        try {
            return HubProcess.freePort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
