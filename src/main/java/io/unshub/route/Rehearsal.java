package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.unshub.buffer.Broker;
import io.unshub.buffer.Buffer;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.LedgerJournal;
import io.unshub.buffer.Queues;
import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.UnitOfWork;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.UnsPublisher;
import io.unshub.deduplication.Deduplication;
import io.unshub.envelope.Batch;
import io.unshub.envelope.EnvelopeValidator;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.forward.LiveBridgeMapping;
import io.unshub.ledger.Ledger;
import io.unshub.ops.Alarms;
import io.unshub.ops.BufferWatch;
import io.unshub.ops.HubConfig;
import io.unshub.ops.RouteWatch;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.spi.Registry;
import org.apache.commons.io.FileUtils;

/**
 * The way of readings through a configuration, run aside: the real stages, broker and routes in a
 * folder of its own, with nothing at the edges. No source is read, and what would leave is noted.
 *
 * <p>In: readings as they were published, with the times at which they came. Out: where each went,
 * and what routes made of them. The same readings give the same result. Threads: one at a time.
 * Failure: what cannot be set up throws; a route that fails is told of.
 */
public final class Rehearsal implements AutoCloseable {

    /** Routes of the data path, those that are called first. */
    private static final List<String> DATA_PATH =
            List.of(
                    "dead-letter",
                    "buffer",
                    "withhold",
                    "tap",
                    "tag-quality",
                    "deduplicate",
                    "validate",
                    "ingest",
                    "forward");

    private static final int BATCH = 500;
    private static final int ABOVE_ALL = 1000;
    private static final Duration LATER = Duration.ofDays(2);
    private static final int LOOK_MILLIS = 20;
    private static final int STILL_LOOKS = 60;

    private final Path data;
    private final Time time = new Time();
    // what a step waits for comes at the end, while the readings stay as old as they are
    private final Time steps = new Time();
    private final HubConfig config;
    private final Broker broker;
    private final Ledger ledger;
    private final LedgerJournal journal;
    private final DeadLetters letters;
    private final Buffer buffer;
    private final Subscriptions subscriptions;
    private final Deduplication deduplication;
    private final OwnRoutes routes;
    private final RouteWatch watch;
    private final DefaultCamelContext camel;
    private final List<Result> forwarded = Collections.synchronizedList(new ArrayList<>());
    private BiConsumer<String, Object> trace = (step, body) -> {};

    /**
     * A reading as it was published.
     *
     * @param topic that it was published on
     * @param payload as it was
     * @param receivedUtc when it came
     */
    public record Published(String topic, byte[] payload, Instant receivedUtc) {}

    /**
     * Where a reading went.
     *
     * @param topic that it was published on
     * @param hubSeq its place among those of the topic
     * @param destination {@code forwarded} or {@code dead-letter REASON}
     * @param payload as it arrived there
     * @param quality its flag there; null for a dead letter
     */
    public record Result(
            String topic, long hubSeq, String destination, byte[] payload, String quality) {}

    /** Takes the place of the far side. */
    public final class FarEnd {
        /** Notes what would be sent. */
        public void send(Batch batch) {
            for (Reading reading : batch) {
                forwarded.add(
                        new Result(
                                reading.topic(),
                                reading.hubSeq(),
                                "forwarded",
                                reading.payload(),
                                String.valueOf(reading.quality())));
                reading.end(Outcome.FORWARDED);
            }
        }
    }

    private static final class Time extends Clock {
        private volatile Instant now = Instant.EPOCH;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    /**
     * Sets a configuration up.
     *
     * @param configDir with everything that a hub reads
     * @throws Exception if it is not valid
     */
    public Rehearsal(Path configDir) throws Exception {
        data = Files.createTempDirectory("uns-hub-rehearsal-");
        SmallRyeConfig settings = settings(configDir);
        config = settings.getConfigMapping(HubConfig.class);
        Beans beans = new Beans();
        broker = beans.broker(config);
        ledger = beans.ledger(time);
        journal = beans.journal(broker, ledger, time);
        letters = beans.deadLetters(broker, ledger, journal);
        Alarms alarms = new Alarms(time, (name, alarm) -> {});
        subscriptions = beans.subscriptions(broker, time);
        watch = new RouteWatch(subscriptions, alarms, (route, status) -> {}, time);
        routes = beans.ownRoutes(config, subscriptions, watch, beans.auditFile(config, time), time);
        HierarchyRules rules = beans.hierarchy(config);
        UnsPublisher publisher = beans.unsPublisher(config);
        LiveBindings bindings = beans.bindings(config, rules, settings, alarms);
        EnvelopeValidator validator = beans.validator(config, rules, time);
        LiveBridgeMapping mapping = beans.bridgeMapping(config);
        deduplication = beans.deduplication(config, ledger, alarms);
        buffer = new Buffer(broker, ledger, journal, time, topic -> false);
        camel = new DefaultCamelContext();
        Registry registry = camel.getRegistry();
        registry.bind("clock", steps);
        registry.bind("ledger", ledger);
        registry.bind("validator", validator);
        registry.bind(
                "validation", beans.validation(validator, beans.drift(config, publisher, time)));
        registry.bind("qualityTagging", beans.qualityTagging(config, bindings));
        registry.bind("buffer", buffer);
        registry.bind("deduplication", deduplication);
        registry.bind(
                "withholding",
                beans.withholding(
                        config,
                        mapping,
                        new BufferWatch(() -> null, () -> true, alarms, hold -> {}),
                        bindings));
        registry.bind("scoring", beans.scoring(config, broker, null, null, time));
        registry.bind("subscriptions", subscriptions);
        registry.bind("lines", beans.lines());
        registry.bind("eventHubs", new FarEnd());
        registry.bind("retry-far-side", beans.retryFarSide());
        camel.getComponent("kamelet", KameletComponent.class).setLocation("classpath:kamelets");
        camel.addComponent("file", new EdgeComponent());
        camel.getCamelContextExtension().addInterceptStrategy(tracing());
    }

    private InterceptStrategy tracing() {
        return (context, definition, target, next) ->
                exchange -> {
                    target.process(exchange);
                    String route = exchange.getFromRouteId();
                    if (routes.isOwn(route)) {
                        String step = definition.getLabel().replaceAll("/[^?\\]]*", "");
                        trace.accept(route + ": " + step, exchange.getMessage().getBody());
                    }
                };
    }

    /** Has each step of the plant's own routes told, with the body after it. */
    public Rehearsal tracing(BiConsumer<String, Object> told) {
        trace = told;
        return this;
    }

    /**
     * Carries readings through.
     *
     * @return where they went, and where what was made of them went, in the order of arrival
     * @throws Exception if a route of the plant's own is refused, or fails
     */
    public List<Result> run(List<Published> readings) throws Exception {
        time.now =
                readings.stream()
                        .map(Published::receivedUtc)
                        .max(Instant::compareTo)
                        .orElse(Instant.EPOCH);
        steps.now = time.now;
        broker.start();
        journal.load();
        camel.start();
        routes.take(camel);
        for (String route : DATA_PATH) {
            routes.loadShipped(route);
        }
        routes.start();
        for (RouteWatch.Status status : watch.routes()) {
            if (!status.problems().isEmpty()) {
                throw new IllegalArgumentException(
                        String.join(System.lineSeparator(), status.problems()));
            }
        }
        feed(readings);
        settle();
        // what waits for later readings has them now
        steps.now = time.now.plus(LATER);
        settle();
        List<Result> results = new ArrayList<>(forwarded);
        letters.read(
                letter ->
                        results.add(
                                new Result(
                                        letter.topic(),
                                        letter.hubSeq(),
                                        "dead-letter " + letter.rejection().reason(),
                                        letter.rejection().detail().getBytes(UTF_8),
                                        null)));
        return results;
    }

    private void feed(List<Published> readings) throws Exception {
        try (UnitOfWork unit = buffer.open(Queues.REPLAY)) {
            int open = 0;
            for (Published each : readings) {
                Reading reading = new Reading(each.topic(), each.payload());
                reading.acceptedBefore(each.receivedUtc());
                unit.replay(reading);
                if (++open == BATCH) {
                    unit.commit();
                    open = 0;
                }
            }
            unit.commit();
        }
    }

    /** Waits until nothing moves any more. */
    private void settle() throws InterruptedException {
        int still = 0;
        List<Long> before = List.of();
        while (still < STILL_LOOKS) {
            List<Long> now = new ArrayList<>();
            now.add(ledger.ingested());
            now.add((long) forwarded.size());
            now.add(letters.count());
            now.add(broker.depth(Queues.INGEST).orElse(0L));
            subscriptions.all().keySet().forEach(name -> now.add(subscriptions.waiting(name)));
            subscriptions
                    .failures()
                    .forEach(
                            (name, failure) -> {
                                throw new IllegalStateException(
                                        "the route of the subscription %s fails %s"
                                                .formatted(name, failure.why()));
                            });
            boolean waiting = broker.depth(Queues.INGEST).orElse(0L) > 0 || ledger.buffered() > 0;
            still = now.equals(before) && !waiting ? still + 1 : 0;
            before = now;
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private SmallRyeConfig settings(Path configDir) throws IOException {
        Map<String, String> own = new HashMap<>();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            own.put("unshub.mqtt.port", Integer.toString(free.getLocalPort()));
        }
        own.put("unshub.mqtt.host", "127.0.0.1");
        own.put("unshub.config-dir", configDir.toString());
        own.put("unshub.data-dir", data.toString());
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withMapping(HubConfig.class)
                        .withValidateUnknown(false)
                        .withSources(new PropertiesConfigSource(own, "rehearsal", ABOVE_ALL));
        Path file = configDir.resolve("application.properties");
        if (Files.exists(file)) {
            builder.withSources(new PropertiesConfigSource(file.toUri().toURL()));
        }
        return builder.build();
    }

    @Override
    public void close() throws Exception {
        camel.stop();
        deduplication.close();
        journal.close();
        broker.stop();
        FileUtils.deleteQuietly(data.toFile());
    }
}
