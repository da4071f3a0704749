package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.unshub.buffer.Buffer;
import io.unshub.buffer.MemoryStore;
import io.unshub.buffer.Queues;
import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.UnitOfWork;
import io.unshub.collect.LiveBindings;
import io.unshub.deadletter.DeadLetter;
import io.unshub.deduplication.Deduplication;
import io.unshub.envelope.Batch;
import io.unshub.envelope.EnvelopeValidator;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.envelope.SchemaDrift;
import io.unshub.envelope.Validation;
import io.unshub.forward.LiveBridgeMapping;
import io.unshub.forward.Withholding;
import io.unshub.ledger.Ledger;
import io.unshub.ops.Alarms;
import io.unshub.ops.AuditFile;
import io.unshub.ops.BufferWatch;
import io.unshub.ops.HubConfig;
import io.unshub.ops.RouteControls;
import io.unshub.ops.RouteWatch;
import io.unshub.scoring.Scoring;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.ComponentResolver;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.apache.commons.io.FileUtils;

/**
 * The way of readings through a configuration, run aside: the real stages and routes in a folder of
 * its own, with queues in memory and nothing at the edges. No source is read, and what would leave
 * is noted.
 *
 * <p>In: readings as they were published, with the times at which they came. Out: where each went,
 * and what routes made of them. The same readings give the same result. Threads: one at a time.
 * Failure: what cannot be set up throws; a route that fails is told of.
 */
public final class Rehearsal implements AutoCloseable {

    /** Routes of the data path up to the buffer, those that are called first. */
    private static final List<String> DATA_PATH =
            List.of(
                    "dead-letter",
                    "withhold",
                    "tap",
                    "tag-quality",
                    "deduplicate",
                    "validate",
                    "ingest");

    private static final String END =
            """
            - route:
                id: buffer
                from:
                  uri: direct:buffer
                  steps:
                    - bean:
                        ref: ends
                        method: send
            """;

    /** What stays in the process; any other component is an edge. */
    private static final Set<String> INSIDE =
            Set.of("bean", "buffer", "direct", "kamelet", "log", "seda", "step", "timer", "uns");

    private static final int BATCH = 500;
    // far fewer than a subscription holds: none gets full only as its route is slower than a file
    private static final int MOST_AHEAD = 5_000;
    private static final int ABOVE_ALL = 1000;
    private static final Duration LATER = Duration.ofDays(2);
    private static final int LOOK_MILLIS = 20;
    private static final int STILL_LOOKS = 500;
    private static final int WAITING_FOR_NOTHING = 20;

    private final Path data;
    private final Time time = new Time();
    // what a step waits for comes at the end, while the readings stay as old as they are
    private final Time steps = new Time();
    private final HubConfig config;
    private final MemoryStore store;
    private final Ledger ledger;
    private final Buffer buffer;
    private final Subscriptions subscriptions;
    private final Deduplication deduplication;
    private final OwnRoutes routes;
    private final RouteWatch watch;
    private final DefaultCamelContext camel;
    private final List<Result> ended = Collections.synchronizedList(new ArrayList<>());
    private final List<Result> letters = Collections.synchronizedList(new ArrayList<>());

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
     * @param destination {@code forwarded}, {@code on the plant}, {@code repeat} or {@code
     *     dead-letter REASON}
     * @param payload as it arrived there
     * @param quality its flag there; null for a dead letter
     */
    public record Result(
            String topic, long hubSeq, String destination, byte[] payload, String quality) {}

    /** Stands before the stages at which readings end, and notes those. */
    public final class Ends {
        private final Withholding withholding;
        private final Deduplication repeats;
        private final Validation validation;

        Ends(Withholding withholding, Deduplication repeats, Validation validation) {
            this.withholding = withholding;
            this.repeats = repeats;
            this.validation = validation;
        }

        /** Lets the time come at which the readings came. */
        public void validate(Batch batch) {
            batch.readings().stream()
                    .map(Reading::acceptedUtc)
                    .filter(time.now::isBefore)
                    .forEach(now -> time.now = now);
            validation.validate(batch);
            // what a route makes is as old as it says, however far the recording is by now
            batch.readings().stream()
                    .filter(reading -> reading.generated() && !reading.rejected())
                    .forEach(reading -> reading.acceptedBefore(reading.envelope().tsUtc()));
        }

        /** Notes what would be sent. */
        public void send(Batch batch) {
            for (Reading reading : batch) {
                note(reading, "forwarded");
                reading.end(Outcome.FORWARDED);
            }
        }

        /** Notes what stays on the plant. */
        public void withhold(Batch batch) {
            List<Reading> before = List.copyOf(batch.readings());
            withholding.withhold(batch);
            noteEnded(before, "on the plant");
        }

        /** Notes what came before. */
        public void deduplicate(Batch batch) {
            List<Reading> before = List.copyOf(batch.readings());
            repeats.deduplicate(batch);
            noteEnded(before, "repeat");
        }

        private void noteEnded(List<Reading> readings, String where) {
            readings.stream()
                    .filter(reading -> reading.outcome() != null)
                    .forEach(reading -> note(reading, where));
        }

        private void note(Reading reading, String where) {
            ended.add(
                    new Result(
                            reading.topic(),
                            reading.hubSeq(),
                            where,
                            reading.payload(),
                            String.valueOf(reading.quality())));
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
        this(configDir, (endpoint, message) -> {});
    }

    /**
     * As {@link #Rehearsal(Path)}, telling what would leave by an endpoint of the routes.
     *
     * @param edge is given the URI of the endpoint, and what goes there; of any thread
     */
    public Rehearsal(Path configDir, BiConsumer<String, Message> edge) throws Exception {
        data = Files.createTempDirectory("uns-hub-rehearsal-");
        // where the configuration is not valid nobody closes this, and the folder is empty
        data.toFile().deleteOnExit();
        SmallRyeConfig settings = settings(configDir);
        config = settings.getConfigMapping(HubConfig.class);
        Beans beans = new Beans();
        store = new MemoryStore(this::note);
        ledger = beans.ledger(time);
        Alarms alarms = new Alarms(time, (name, alarm) -> {});
        subscriptions = new Subscriptions(store, time);
        AuditFile audit = beans.auditFile(config, time);
        watch = new RouteWatch(subscriptions, alarms, (route, status) -> {}, route -> true, time);
        RouteControls controls = beans.routeControls(config, watch, audit, time);
        routes = beans.ownRoutes(config, subscriptions, watch, controls, audit, time);
        HierarchyRules rules = beans.hierarchy(config);
        LiveBindings bindings = beans.bindings(config, rules, settings, alarms, audit);
        EnvelopeValidator validator = beans.validator(config, rules, time);
        LiveBridgeMapping mapping = beans.bridgeMapping(config);
        deduplication = beans.deduplication(config, ledger, alarms);
        buffer = new Buffer(store, ledger, time);
        camel = new DefaultCamelContext();
        Registry registry = camel.getRegistry();
        registry.bind("clock", steps);
        registry.bind("ledger", ledger);
        registry.bind("validator", validator);
        registry.bind("qualityTagging", beans.qualityTagging(config, bindings));
        registry.bind("buffer", buffer);
        Ends ends =
                new Ends(
                        beans.withholding(
                                config,
                                mapping,
                                new BufferWatch(() -> null, () -> true, alarms, hold -> {}),
                                bindings),
                        deduplication,
                        beans.validation(
                                validator,
                                new SchemaDrift(
                                        data.resolve("schema-drift.json"), time, found -> {})));
        registry.bind("withholding", ends);
        registry.bind("deduplication", ends);
        // nobody scores here, and copies for it go nowhere
        registry.bind(
                "scoring",
                new Scoring(
                        config.configDir(),
                        null,
                        time,
                        () -> 0,
                        config.scoring().mostWaiting(),
                        null));
        registry.bind("subscriptions", subscriptions);
        registry.bind("latest", beans.latest());
        registry.bind("lines", beans.lines());
        registry.bind("controlBus", beans.controlBus(controls));
        registry.bind("historyStamp", beans.historyStamp(config, steps));
        registry.bind("claims", beans.claims(config, steps));
        registry.bind("rows", beans.rows());
        registry.bind("records", beans.records());
        registry.bind("validation", ends);
        registry.bind("ends", ends);
        registry.bind("retry-far-side", beans.retryFarSide());
        camel.getComponent("kamelet", KameletComponent.class).setLocation("classpath:kamelets");
        camel.getPropertiesComponent()
                .addPropertiesSource(
                        new PropertiesSource() {
                            @Override
                            public String getName() {
                                return "configuration";
                            }

                            @Override
                            public String getProperty(String name) {
                                return settings.getOptionalValue(name, String.class).orElse(null);
                            }
                        });
        ComponentResolver resolver = PluginHelper.getComponentResolver(camel);
        camel.getCamelContextExtension()
                .addContextPlugin(
                        ComponentResolver.class,
                        (name, context) ->
                                INSIDE.contains(name)
                                        ? resolver.resolveComponent(name, context)
                                        : new EdgeComponent(edge));
    }

    /** Where the routes run; not to be started by anyone else. */
    public ModelCamelContext camel() {
        return camel;
    }

    /** Has each step of the plant's own routes told, with the body after it. */
    public Rehearsal tracing(BiConsumer<String, Object> told) {
        camel.getCamelContextExtension()
                .addInterceptStrategy(
                        (context, definition, target, next) ->
                                new Traced(
                                        target,
                                        definition.getLabel().replaceAll("/[^?\\]]*", ""),
                                        told));
        return this;
    }

    private final class Traced extends DelegateAsyncProcessor {
        private final String step;
        private final BiConsumer<String, Object> told;

        Traced(Processor target, String step, BiConsumer<String, Object> told) {
            super(target);
            this.step = step;
            this.told = told;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            return super.process(
                    exchange,
                    done -> {
                        if (routes.isOwn(exchange.getFromRouteId())) {
                            told.accept(
                                    exchange.getFromRouteId() + ": " + step,
                                    exchange.getMessage().getBody());
                        }
                        callback.done(done);
                    });
        }
    }

    /**
     * Carries readings through.
     *
     * @return where they went, and where what was made of them went, in the order of arrival
     * @throws Exception if a route of the plant's own is refused, or fails
     */
    public List<Result> run(List<Published> readings) throws Exception {
        List<Instant> times = readings.stream().map(Published::receivedUtc).sorted().toList();
        Instant last = times.isEmpty() ? Instant.EPOCH : times.get(times.size() - 1);
        time.now = times.isEmpty() ? Instant.EPOCH : times.get(0);
        steps.now = last;
        camel.start();
        routes.take(camel);
        routes.load("buffer", END);
        for (String route : DATA_PATH) {
            routes.loadShipped(route);
        }
        routes.start();
        for (RouteWatch.Status status : watch.routes()) {
            if (!status.problems().isEmpty()) {
                throw new IllegalArgumentException(
                        String.join(System.lineSeparator(), status.sentences()));
            }
        }
        feed(readings);
        settle(name -> subscriptions.handled(name) < subscriptions.copied(name));
        // what waits for later readings has them now: no step holds any from here
        steps.now = last.plus(LATER);
        settle(name -> subscriptions.waiting(name) > 0);
        List<Result> results = new ArrayList<>(ended);
        results.addAll(letters);
        return results;
    }

    private void note(DeadLetter letter) {
        letters.add(
                new Result(
                        letter.topic(),
                        letter.hubSeq(),
                        "dead-letter " + letter.rejection().reason(),
                        letter.rejection().detail().getBytes(UTF_8),
                        null));
    }

    private void feed(List<Published> readings) throws Exception {
        try (UnitOfWork unit = buffer.open(Queues.REPLAY)) {
            boolean move = true;
            int open = 0;
            for (Published each : readings) {
                Reading reading = new Reading(each.topic(), each.payload());
                reading.acceptedBefore(each.receivedUtc());
                unit.replay(reading);
                if (++open == BATCH) {
                    unit.commit();
                    open = 0;
                    move = move && awaitRoom();
                }
            }
            unit.commit();
        }
    }

    /**
     * Waits while stages and routes are far behind, for as long as they get on.
     *
     * @return whether they do
     */
    private boolean awaitRoom() throws InterruptedException {
        int still = 0;
        long before = 0;
        for (long now = store.undelivered(); now > MOST_AHEAD; now = store.undelivered()) {
            requireRoutes();
            still = now == before ? still + 1 : 0;
            if (still == STILL_LOOKS) {
                return false;
            }
            before = now;
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        return true;
    }

    private void requireRoutes() {
        subscriptions
                .failures()
                .forEach(
                        (name, failure) -> {
                            throw new IllegalStateException(
                                    "the route of the subscription %s fails %s"
                                            .formatted(name, failure.why()));
                        });
    }

    /** Waits until nothing moves any more, longer while a subscription has readings to come. */
    private void settle(Predicate<String> toCome) throws InterruptedException {
        int still = 0;
        List<Long> before = List.of();
        while (still < STILL_LOOKS) {
            List<Long> now = new ArrayList<>();
            now.add(ledger.ingested());
            now.add((long) ended.size());
            now.add((long) letters.size());
            now.add(store.depth(Queues.INGEST).orElse(0L));
            subscriptions.all().keySet().forEach(name -> now.add(subscriptions.waiting(name)));
            requireRoutes();
            boolean waiting =
                    store.depth(Queues.INGEST).orElse(0L) > 0
                            || subscriptions.all().keySet().stream().anyMatch(toCome);
            // a batch that was taken apart has been copied twice: it then only stands still
            still = now.equals(before) ? still + (waiting ? 1 : WAITING_FOR_NOTHING) : 0;
            before = now;
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private SmallRyeConfig settings(Path configDir) throws IOException {
        Map<String, String> own = new HashMap<>();
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
        FileUtils.deleteQuietly(data.toFile());
    }
}
