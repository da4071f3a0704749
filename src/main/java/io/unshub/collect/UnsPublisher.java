package io.unshub.collect;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import io.reactivex.Flowable;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import io.unshub.trace.Traces;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Publishes collected readings on the Unified Namespace.
 *
 * <p>In: readings. Out: the readings at a sink inside the process; where they are to be retained,
 * one MQTT 5 publish each, QoS 1, in order, many in flight. Guarantee: {@link #publish} returns
 * once every reading of the list is on disk. Threads: any. The connection is made again by itself.
 * Failure: {@link IllegalStateException} when an acknowledgement is missing after the time limit;
 * the same list may then be published again.
 */
public final class UnsPublisher implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(UnsPublisher.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final String NOT_ACKNOWLEDGED =
            "the UNS broker did not acknowledge within " + LIMIT.toSeconds() + " s";

    private final Mqtt5AsyncClient client;
    private final Sink sink;
    private final Traces traces;
    private CompletableFuture<?> connected;

    /** What takes readings without a connection. */
    @FunctionalInterface
    public interface Sink {
        /** Returns once the readings are on disk. */
        void publish(List<Reading> readings) throws InterruptedException;
    }

    /**
     * @param host of the MQTT 5 broker
     * @param port of the MQTT 5 broker
     * @param sink takes the readings; null if they are to be retained
     * @param traces that the publishes tell of
     * @param user user name
     * @param password that goes with it
     */
    public UnsPublisher(
            String host, int port, Sink sink, Traces traces, String user, String password) {
        this.sink = sink;
        this.traces = traces;
        client =
                Mqtt5Client.builder()
                        .simpleAuth()
                        .username(user)
                        .password(password.getBytes(StandardCharsets.UTF_8))
                        .applySimpleAuth()
                        .identifier("uns-hub-collect")
                        .serverHost(host)
                        .serverPort(port)
                        .automaticReconnect()
                        .initialDelay(200, TimeUnit.MILLISECONDS)
                        .maxDelay(10, TimeUnit.SECONDS)
                        .applyAutomaticReconnect()
                        .addDisconnectedListener(
                                context -> LOG.debugf(context.getCause(), "MQTT connection ended"))
                        .buildAsync();
    }

    /** Publishes all readings and waits until they are on disk. */
    public void publish(List<Envelope> readings) throws InterruptedException {
        publishAll(readings.stream().map(Reading::toPublish).toList());
    }

    /** Publishes what another broker had, topic and bytes as they were, and waits. */
    public void publishAsIs(List<Publication> publications) throws InterruptedException {
        publishAll(
                publications.stream()
                        .map(each -> new Reading(each.topic(), each.payload()))
                        .toList());
    }

    private void publishAll(List<Reading> readings) throws InterruptedException {
        if (sink != null) {
            sink.publish(readings);
            return;
        }
        connect();
        String trace = traces.current().traceparent();
        Flowable<Mqtt5Publish> messages =
                Flowable.fromIterable(readings)
                        .map(each -> message(each.topic(), each.payload(), trace));
        // one stream: the client takes turns between streams, and single publishes could overtake
        boolean inTime =
                client.toRx()
                        .publish(messages)
                        .doOnNext(UnsPublisher::check)
                        .ignoreElements()
                        .blockingAwait(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        if (!inTime) {
            throw new IllegalStateException(NOT_ACKNOWLEDGED);
        }
    }

    /**
     * Publishes a retained message of the hub itself and does not wait for the acknowledgement.
     *
     * @param topic under {@code _hub/}
     * @throws IllegalStateException if there is no connection to the broker
     */
    public void announce(String topic, byte[] payload) throws InterruptedException {
        connect();
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(payload)
                .send()
                .whenComplete(
                        (result, failure) -> {
                            if (failure != null) {
                                LOG.debugf(failure, "no acknowledgement for %s", topic);
                            }
                        });
    }

    private Mqtt5Publish message(String topic, byte[] payload, String trace) {
        var message =
                Mqtt5Publish.builder()
                        .topic(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .retain(true)
                        .payload(payload);
        return trace == null
                ? message.build()
                : message.userProperties()
                        .add(Traces.TRACEPARENT, trace)
                        .applyUserProperties()
                        .build();
    }

    private static void check(Mqtt5PublishResult result) {
        result.getError()
                .ifPresent(
                        error -> {
                            throw new IllegalStateException(
                                    "the broker did not take a reading: " + error, error);
                        });
    }

    @Override
    public void close() {
        try {
            client.disconnect().get(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("MQTT connection was gone already", e);
        }
    }

    private void connect() throws InterruptedException {
        CompletableFuture<?> connecting;
        synchronized (this) {
            if (connected == null) {
                connected = client.connectWith().cleanStart(true).keepAlive(30).send();
            }
            connecting = connected;
        }
        try {
            await(connecting);
        } catch (IllegalStateException e) {
            synchronized (this) {
                if (connected == connecting && connecting.isDone()) {
                    connected = null;
                }
            }
            throw e;
        }
    }

    private static void await(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(NOT_ACKNOWLEDGED, e);
        }
    }
}
