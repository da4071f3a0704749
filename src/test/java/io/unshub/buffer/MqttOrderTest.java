package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.reactivex.Flowable;
import io.unshub.load.HubProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MqttOrderTest {

    private static final int TOPICS = 10;
    private static final int BURSTS = 40;
    private static final int EACH = 50;

    @TempDir Path data;

    private Broker broker;
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = HubProcess.freePort();
        broker = new Broker(new BrokerConfig(data, "127.0.0.1", port, 4_194_304, 1L << 30));
        broker.start();
    }

    @AfterEach
    void stop() throws Exception {
        broker.stop();
    }

    @Test
    void givesASubscriberTheReadingsOfATopicInTheOrderInWhichTheyWerePublished() {
        Map<String, Integer> latest = new ConcurrentHashMap<>();
        List<String> odd = new CopyOnWriteArrayList<>();
        AtomicInteger received = new AtomicInteger();
        var subscriber = client().toAsync();
        subscriber
                .subscribeWith()
                .topicFilter("acme/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(
                        message -> {
                            String topic = message.getTopic().toString();
                            int value =
                                    Integer.parseInt(
                                            new String(message.getPayloadAsBytes(), UTF_8));
                            int before = latest.getOrDefault(topic, -1);
                            if (value != before + 1) {
                                odd.add(topic + ": " + value + " after " + before);
                            }
                            latest.put(topic, value);
                            received.incrementAndGet();
                        })
                .send()
                .join();

        // the syncs of the journal, and the rests between them, fall anywhere in a burst
        var publisher = client().toRx();
        for (int burst = 0; burst < BURSTS; burst++) {
            publisher
                    .publish(
                            Flowable.fromIterable(
                                    IntStream.range(burst * EACH, (burst + 1) * EACH)
                                            .boxed()
                                            .flatMap(MqttOrderTest::everywhere)
                                            .toList()))
                    .ignoreElements()
                    .blockingAwait();
        }

        await().atMost(Duration.ofSeconds(60))
                .untilAtomic(received, equalTo(TOPICS * BURSTS * EACH));
        assertThat(odd).isEmpty();
        subscriber.disconnect().join();
        publisher.disconnect().blockingAwait();
        await().until(() -> broker.connections() == 0);
    }

    private static Stream<Mqtt5Publish> everywhere(int value) {
        return IntStream.range(0, TOPICS)
                .mapToObj(
                        i ->
                                Mqtt5Publish.builder()
                                        .topic(
                                                "acme/plant1/packaging/line1/cell1/pump-"
                                                        + i
                                                        + "/speed")
                                        .qos(MqttQos.AT_LEAST_ONCE)
                                        .payload(Integer.toString(value).getBytes(UTF_8))
                                        .build());
    }

    private Mqtt5Client client() {
        Mqtt5Client client = Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).build();
        client.toBlocking().connect();
        return client;
    }
}
