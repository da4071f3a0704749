package io.unshub.collect;

import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientReconnector;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.reactivex.disposables.Disposable;
import io.unshub.pki.ClientKeys;
import io.unshub.uns.Excerpt;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Takes what is published on another MQTT 5 broker, where the plant already has its UNS.
 *
 * <p>In: a subscription of QoS 1 with a session that outlives the connection. Out: lists of
 * publications in the order of their arrival. Guarantee: a publication is acknowledged to the
 * broker once the sink has taken it; until then the broker keeps it, through any crash of the hub,
 * and at most receive-maximum of them are under way. Threads: one calls the sink. Failure: the
 * connection is made again for ever; a sink that throws gets the same list again.
 */
public final class UnsSubscriber implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(UnsSubscriber.class);
    private static final int BATCH = 500;
    private static final Duration LINGER = Duration.ofMillis(20);
    private static final Duration STOP = Duration.ofSeconds(10);

    private final Options options;
    private final InstantSource clock;
    private final BlockingQueue<Mqtt5Publish> received = new LinkedBlockingQueue<>();
    private final Backoff backoff =
            new Backoff(
                    Duration.ofMillis(200), Duration.ofSeconds(10), RandomGenerator.getDefault());
    private volatile Mqtt5AsyncClient client;
    private Disposable stream;
    private Thread worker;
    private volatile boolean closing;
    private volatile boolean connected;
    private volatile Instant last;
    private volatile String cause = "not connected yet";
    private volatile String refusal;
    private volatile String unreadable;

    /** Takes publications, or throws and then gets the same again. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes all of them durably.
         *
         * @throws Exception if it took none, or not all
         */
        void accept(List<Publication> publications) throws Exception;
    }

    /**
     * Where to subscribe, and to what.
     *
     * @param host of the broker; null for none, and then nothing is ever connected
     * @param port of the broker
     * @param clientId names the session there; two hubs must not have the same
     * @param user user name; null for none
     * @param password says what it is at each connect; an {@link java.io.UncheckedIOException}
     *     where that cannot be known
     * @param tls says what to show there and whom to trust at each connect; an {@link
     *     java.io.UncheckedIOException} where that cannot be known; null for a plain connection
     * @param filters topic filters
     * @param receiveMaximum most publications that are not acknowledged yet, 1 to 65535
     * @param sessionExpiry how long the broker keeps what comes while the hub is away
     * @param silence how long nothing may come before that is worth an alarm; zero for ever
     */
    public record Options(
            String host,
            int port,
            String clientId,
            String user,
            Supplier<String> password,
            Supplier<ClientKeys> tls,
            List<String> filters,
            int receiveMaximum,
            Duration sessionExpiry,
            Duration silence) {}

    /**
     * @param options where to subscribe
     * @param clock tells how long nothing came
     */
    public UnsSubscriber(Options options, InstantSource clock) {
        this.options = options;
        this.clock = clock;
    }

    /** Starts to connect in the background. */
    public synchronized void start(Sink sink) {
        if (options.host() == null) {
            return;
        }
        last = clock.instant();
        client =
                Mqtt5Client.builder()
                        .identifier(options.clientId())
                        .transportConfig(transport())
                        .automaticReconnect()
                        .initialDelay(200, TimeUnit.MILLISECONDS)
                        .maxDelay(10, TimeUnit.SECONDS)
                        .applyAutomaticReconnect()
                        .addConnectedListener(context -> connected())
                        .addDisconnectedListener(this::comeAgainUnlessClosed)
                        .addDisconnectedListener(context -> disconnected(context.getCause()))
                        .buildAsync();
        // before the connection: the broker sends what it kept as soon as there is one
        listen(client);
        worker = new Thread(() -> carry(sink), "uns-subscriber");
        worker.setDaemon(true);
        worker.start();
        client.connect(connect());
    }

    private MqttClientTransportConfig transport() {
        MqttClientTransportConfigBuilder transport =
                MqttClientTransportConfig.builder()
                        .serverHost(options.host())
                        .serverPort(options.port());
        if (options.tls() != null) {
            ClientKeys keys = options.tls().get();
            transport =
                    transport
                            .sslConfig()
                            .keyManagerFactory(keys.keys())
                            .trustManagerFactory(keys.trust())
                            .protocols(List.of("TLSv1.3", "TLSv1.2"))
                            .applySslConfig();
        }
        return transport.build();
    }

    /** With the password as it is now, as it may have been replaced. */
    private Mqtt5Connect connect() {
        Mqtt5ConnectBuilder connect =
                Mqtt5Connect.builder()
                        .cleanStart(false)
                        .sessionExpiryInterval(options.sessionExpiry().toSeconds())
                        .restrictions()
                        .receiveMaximum(options.receiveMaximum())
                        .applyRestrictions();
        if (options.user() != null) {
            connect =
                    connect.simpleAuth()
                            .username(options.user())
                            .password(password().getBytes(StandardCharsets.UTF_8))
                            .applySimpleAuth();
        }
        return connect.build();
    }

    /** None where it cannot be read, which is told; the broker then refuses. */
    private String password() {
        try {
            return options.password().get();
        } catch (UncheckedIOException e) {
            unreadable = e.getCause().getMessage();
            return "";
        }
    }

    /** Publishes on that broker, with QoS 0; nothing while it is not connected. */
    public void publish(Publication publication) {
        Mqtt5AsyncClient to = client;
        if (to != null) {
            to.publishWith()
                    .topic(publication.topic())
                    .payload(publication.payload())
                    .send()
                    .whenComplete(
                            (sent, failure) -> {
                                if (failure != null) {
                                    LOG.debugf(failure, "%s was not sent", publication.topic());
                                }
                            });
        }
    }

    /** What is wrong with the subscription, for an operator; empty while all is well. */
    public Optional<String> trouble() {
        if (client == null) {
            return Optional.empty();
        }
        String where = "%s:%d".formatted(options.host(), options.port());
        if (refusal != null) {
            return Optional.of(refusal);
        }
        if (!connected) {
            return Optional.of(
                    "the UNS broker %s is not connected%s (%s); what is published there waits in the session of %s on that broker"
                            .formatted(
                                    where,
                                    options.tls() == null ? "" : " over TLS",
                                    unreadable == null ? cause : unreadable,
                                    options.clientId()));
        }
        Duration quiet = Duration.between(last, clock.instant());
        return options.silence().isZero() || quiet.compareTo(options.silence()) < 0
                ? Optional.empty()
                : Optional.of(
                        "nothing has come from the UNS broker %s since %s; check its publishers and the filters %s"
                                .formatted(
                                        where,
                                        last.truncatedTo(ChronoUnit.SECONDS),
                                        options.filters()));
    }

    /** A session that the broker has lost ends the stream: what comes in the next needs another. */
    private void listen(Mqtt5AsyncClient from) {
        stream =
                from.toRx()
                        .publishes(MqttGlobalPublishFilter.ALL, true)
                        .subscribe(
                                received::add,
                                ended -> {
                                    if (!closing) {
                                        listen(from);
                                    }
                                });
    }

    private void comeAgainUnlessClosed(MqttClientDisconnectedContext context) {
        if (closing) {
            context.getReconnector().reconnect(false);
        } else if (context.getReconnector() instanceof Mqtt5ClientReconnector again) {
            unreadable = null;
            again.connect(connect());
            try {
                again.transportConfig(transport());
            } catch (UncheckedIOException e) {
                // with what was there before
                unreadable = e.getCause().getMessage();
            }
        }
    }

    private void connected() {
        Mqtt5AsyncClient subscribing = client;
        if (subscribing == null) {
            return;
        }
        cause = "not subscribed yet";
        refusal = null;
        CompletableFuture.allOf(
                        options.filters().stream()
                                .map(filter -> subscribe(subscribing, filter))
                                .toArray(CompletableFuture[]::new))
                .thenRun(this::subscribed);
    }

    private CompletableFuture<?> subscribe(Mqtt5AsyncClient with, String filter) {
        return with.subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .whenComplete(
                        (answer, failure) -> {
                            if (failure instanceof Mqtt5SubAckException refused) {
                                refusal =
                                        "the UNS broker %s:%d refuses the subscription to %s (%s); mend unshub.external.topics or the rights there"
                                                .formatted(
                                                        options.host(),
                                                        options.port(),
                                                        filter,
                                                        refused.getMqttMessage().getReasonCodes());
                                LOG.error(refusal);
                            }
                        });
    }

    private void subscribed() {
        connected = true;
        last = clock.instant();
        LOG.infof("UNS broker %s:%d: connected", options.host(), options.port());
    }

    private void disconnected(Throwable why) {
        cause = Excerpt.printable(String.valueOf(why.getMessage()));
        if (connected && !closing) {
            LOG.warnf(
                    "UNS broker %s:%d: disconnected (%s); trying again",
                    options.host(), options.port(), cause);
        }
        connected = false;
    }

    private void carry(Sink sink) {
        List<Mqtt5Publish> batch = new ArrayList<>(BATCH);
        try {
            while (!closing) {
                Mqtt5Publish first = received.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                last = clock.instant();
                batch.add(first);
                Mqtt5Publish next = first;
                while (next != null && batch.size() < BATCH) {
                    next = received.poll(LINGER.toMillis(), TimeUnit.MILLISECONDS);
                    if (next != null) {
                        batch.add(next);
                    }
                }
                deliver(batch, sink);
                batch.forEach(Mqtt5Publish::acknowledge);
                batch.clear();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed with publications that the broker will send again", e);
        }
    }

    private void deliver(List<Mqtt5Publish> batch, Sink sink) throws InterruptedException {
        List<Publication> publications =
                batch.stream()
                        .filter(publish -> !publish.getTopic().toString().startsWith("_hub/"))
                        .map(
                                publish ->
                                        new Publication(
                                                publish.getTopic().toString(),
                                                publish.getPayloadAsBytes()))
                        .toList();
        boolean failed = false;
        while (true) {
            try {
                sink.accept(publications);
                backoff.reset();
                return;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                if (!failed) {
                    LOG.warnf(
                            "%d publications of the UNS broker were not taken (%s); they are offered"
                                    + " again, and not acknowledged until then",
                            publications.size(), e.getMessage());
                    failed = true;
                }
                Thread.sleep(backoff.next().toMillis());
            }
        }
    }

    @Override
    public synchronized void close() {
        closing = true;
        if (worker == null) {
            return;
        }
        try {
            worker.join(STOP.toMillis());
            worker.interrupt();
            // without a reason code the session stays, with all that was not acknowledged
            client.disconnect().get(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.debug("the connection to the UNS broker was not ended in good order", e);
        }
        stream.dispose();
        worker = null;
        client = null;
    }
}
