package io.unshub.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.forward.EventHubsReadBack;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The device that may: publishes 1,000 readings a second over mutual TLS through the whole suite,
 * and keeps of each what it was acknowledged for, and during which attempt. Threads: its own.
 * Failure: the first is kept; no reading is sent again.
 */
final class Publisher implements AutoCloseable {

    private static final int PER_TICK = 10;
    private static final int TICK_MILLIS = 10;
    private static final int TAGS = 20;
    private static final String OWN = "acme/plant1/packaging/line1/cell1/pump-01/";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AtomicInteger underWay = new AtomicInteger();
    private final Mqtt5AsyncClient client;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile String during = "before";
    private long sent;

    /** Readings that were acknowledged, and those of them that Event Hubs has not. */
    record Account(long acknowledged, long lost) {}

    Publisher(int port, MqttClientSslConfig ssl) {
        client =
                Mqtt5Client.builder()
                        .identifier("pump-01")
                        .serverHost("localhost")
                        .serverPort(port)
                        .sslConfig(ssl)
                        .buildAsync();
        client.toBlocking().connect();
        clock.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Says which attempt is under way. */
    void during(String attempt) {
        during = attempt;
    }

    /** Why it could not go on, or was refused something; null for never. */
    Throwable failure() {
        return failure.get();
    }

    private void tick() {
        for (int i = 0; i < PER_TICK; i++) {
            publish(OWN + "tag" + sent++ % TAGS);
        }
    }

    private void publish(String topic) {
        String id = UUID.randomUUID().toString();
        String attempt = during;
        underWay.incrementAndGet();
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(Target.envelope(id, topic).getBytes(UTF_8))
                .send()
                .whenComplete(
                        (result, error) -> {
                            Throwable why = error == null ? result.getError().orElse(null) : error;
                            if (why == null) {
                                acknowledged.put(id, attempt);
                            } else {
                                failure.compareAndSet(null, why);
                            }
                            underWay.decrementAndGet();
                        });
    }

    /** Stops, once what is under way is acknowledged. */
    void stop() throws InterruptedException {
        clock.shutdown();
        clock.awaitTermination(1, TimeUnit.MINUTES);
        await().atMost(1, TimeUnit.MINUTES).until(() -> underWay.get() == 0);
        client.toBlocking().disconnect();
    }

    /** Looks which of the acknowledged readings stand at Event Hubs. */
    Map<String, Account> compare(String connectionString) {
        Map<String, String> missing = new HashMap<>(acknowledged);
        try (EventHubsReadBack events = new EventHubsReadBack(connectionString, "$Default")) {
            events.read(Instant.EPOCH, event -> missing.remove(id(event.payload())));
        }
        Map<String, Account> accounts = new HashMap<>();
        acknowledged.values().forEach(each -> accounts.merge(each, new Account(1, 0), this::sum));
        missing.values().forEach(each -> accounts.merge(each, new Account(0, 1), this::sum));
        return accounts;
    }

    private Account sum(Account one, Account other) {
        return new Account(one.acknowledged() + other.acknowledged(), one.lost() + other.lost());
    }

    private static String id(byte[] payload) {
        try {
            JsonNode reading = JSON.readTree(payload);
            return reading.path("messageId").asText();
        } catch (java.io.IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
