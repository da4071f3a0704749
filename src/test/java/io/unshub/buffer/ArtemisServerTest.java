package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import io.unshub.load.HubProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing on topics that nobody made an address of. */
class ArtemisServerTest {

    private static final String TOPIC = "acme/plant1/packaging/line1/cell1/pump-01/temperature";
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir Path data;

    private int port;
    private Broker broker;
    private ArtemisServer server;
    private Mqtt5BlockingClient publisher;
    private final List<Mqtt5AsyncClient> subscribers = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        port = HubProcess.freePort();
        broker = new Broker(new BrokerConfig(data, "127.0.0.1", port, 4_194_304, 1L << 30));
        broker.start();
        server = (ArtemisServer) broker.server();
        publisher = Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildBlocking();
        publisher.connect();
    }

    @AfterEach
    void stop() throws Exception {
        if (publisher.getState().isConnected()) {
            publisher.disconnect();
        }
        subscribers.forEach(each -> each.disconnect().join());
        subscribers.clear();
        broker.stop();
    }

    @Test
    void makesNoAddressOfATopicThatIsPublishedOn() throws Exception {
        int before = server.getPostOffice().getAddresses().size();
        for (int i = 0; i < 100; i++) {
            publish(TOPIC + i, "21.5");
        }

        awaitTaken(100);
        assertThat(server.getPostOffice().getAddresses()).hasSize(before);
        assertThat(server.getPagingManager().getStoreNames())
                .doesNotContain(SimpleString.of(TOPIC + 1));
    }

    @Test
    void countsWhatIsPublishedOnATopicToTheAddressOfAllThatIsPublished() throws Exception {
        subscribe(TOPIC);
        var pages = server.getPagingManager();

        assertThat(pages.getPageStore(SimpleString.of(TOPIC + 1)))
                .isSameAs(pages.getPageStore(SimpleString.of(Queues.PUBLISHED)));
        assertThat(pages.getPageStore(SimpleString.of(TOPIC)))
                .isNotSameAs(pages.getPageStore(SimpleString.of(Queues.PUBLISHED)));
    }

    @ParameterizedTest
    @ValueSource(strings = {TOPIC, "acme/#", "#", "acme/+/packaging/+/cell1/+/temperature"})
    void bringsASubscriberWhatIsPublishedBeforeAndAfterItForgetsTopics(String filter)
            throws Exception {
        publish(TOPIC, "before anyone subscribed");
        List<String> received = subscribe(filter);

        publish(TOPIC, "known");
        server.forget();
        publish(TOPIC, "forgotten");
        server.forget();
        List<String> later = subscribe("acme/plant1/#");
        publish(TOPIC, "for both");

        await().atMost(WAIT)
                .untilAsserted(
                        () -> {
                            assertThat(received).containsExactly("known", "forgotten", "for both");
                            assertThat(later).containsExactly("for both");
                        });
        awaitTaken(4);
    }

    @Test
    void keepsTheAddressOfASubscriptionWhenItForgetsTopics() throws Exception {
        subscribe(TOPIC);
        publish(TOPIC, "1");
        server.forget();

        assertThat(server.getPostOffice().getAddressInfo(SimpleString.of(TOPIC))).isNotNull();
        assertThat(server.bindingQuery(SimpleString.of(TOPIC)).getQueueNames()).hasSize(1);
    }

    @Test
    void letsTheAddressOfASubscriptionGoThatIsNoMore() throws Exception {
        subscribe(TOPIC);
        subscribers.remove(0).disconnect().join();

        await().atMost(WAIT)
                .until(() -> server.getPostOffice().getAddressInfo(SimpleString.of(TOPIC)) == null);
        publish(TOPIC, "after");
        awaitTaken(1);
    }

    @Test
    void takesRetainedAndExactlyOncePublishesOnTopicsAsBefore() throws Exception {
        publisher
                .publishWith()
                .topic(TOPIC)
                .qos(MqttQos.EXACTLY_ONCE)
                .retain(true)
                .payload("kept".getBytes(UTF_8))
                .send();
        server.forget();

        List<String> received = subscribe("acme/#");

        await().atMost(WAIT).untilAsserted(() -> assertThat(received).containsExactly("kept"));
        awaitTaken(1);
    }

    @Test
    void losesNothingOfWhoPublishesTheMomentItOpensItsPortForTheFirstTime() throws Exception {
        stop();
        broker =
                new Broker(
                        new BrokerConfig(
                                data.resolve("new"), "127.0.0.1", port, 4_194_304, 1L << 30));
        CompletableFuture<Void> published =
                CompletableFuture.runAsync(
                        () -> {
                            while (!publisher.getState().isConnected()) {
                                try {
                                    publisher.connect();
                                } catch (Mqtt5MessageException | ConnectionFailedException e) {
                                    Thread.onSpinWait(); // its port is not open yet
                                }
                            }
                            publish(TOPIC, "first");
                        });
        broker.start();
        published.get(20, TimeUnit.SECONDS);

        awaitTaken(1);
    }

    private void awaitTaken(long publishes) {
        await().atMost(WAIT).until(() -> broker.settledDepth(Queues.INGEST) == publishes);
    }

    private void publish(String topic, String payload) {
        publisher
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    private List<String> subscribe(String filter) {
        List<String> received = new CopyOnWriteArrayList<>();
        Mqtt5AsyncClient client =
                Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildAsync();
        client.connect().join();
        subscribers.add(client);
        client.subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(each -> received.add(new String(each.getPayloadAsBytes(), UTF_8)))
                .send()
                .join();
        return received;
    }
}
