package io.unshub.route;

import io.unshub.buffer.Subscriptions;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.RouteControls;
import io.unshub.ops.RouteWatch;
import io.unshub.ops.RouteWatch.Finding;
import io.unshub.route.RouteCheck.Checked;
import io.unshub.uns.RootCause;
import io.unshub.uns.Sha256;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jboss.logging.Logger;

/**
 * The routes: the shipped ones, and the files in {@code config/routes}, taken over while the hub
 * runs.
 *
 * <p>A changed file is checked first, and its route replaced once it has passed; when the new one
 * does not start, the one before runs again. A file with the id of a shipped route takes its place
 * until it is gone. One file never hurts another. The text in force is kept in {@code data/routes},
 * so that after a restart, too, a file that was spoilt leaves what was in force.
 *
 * <p>Guarantees: a reading is never lost by an edit. A batch under way ends first; what comes
 * meanwhile waits in its queue or subscription. Threads: one at a time.
 */
final class OwnRoutes {

    private static final Logger LOG = Logger.getLogger(OwnRoutes.class);
    private static final long STOP_SECONDS = 15;

    /** A Kamelet where a route uses it. */
    private static final Pattern KAMELET =
            Pattern.compile(
                    "(kamelet:\\s*|name:\\s*)[\"']?(unshub-[a-z-]+-(source|action|sink))\\b(?!/)");

    /** What the name of a route's Kamelet has beside the route's own. */
    private static final Pattern PART = Pattern.compile("\\.\\d+\\.\\d+-unshub-[a-z-]+$");

    private final Path folder;
    private final Path kept;
    private final RouteCheck check;
    private final RouteFileOwner owner;
    private final Subscriptions subscriptions;
    private final RouteWatch watch;
    private final RouteControls controls;
    private final AuditFile audit;
    private final InstantSource clock;
    private final Map<String, Version> inForce = new TreeMap<>();
    private final Map<String, Version> notStarted = new TreeMap<>();
    private final List<Checked> spoilt = new ArrayList<>();
    private final Set<String> stopped = new HashSet<>();
    private final Map<String, List<String>> loaded = new HashMap<>();
    private int versions;
    private Map<Path, String> seen = Map.of();
    private Map<Path, String> taken = Map.of();
    private CamelContext camel;

    /** A text of a route. */
    private record Version(Checked checked) {
        String text() {
            return checked.text();
        }

        String sha256() {
            return Sha256.hex(text());
        }

        List<String> reads() {
            return checked.subscriptions().stream().map(Subscriptions.Subscription::name).toList();
        }
    }

    /**
     * @param folder of the files
     * @param kept folder of the texts in force
     * @param check refuses what cannot work
     * @param owner refuses what others than the plant's own people may have written
     * @param subscriptions that the routes read
     * @param watch is told what became of each file
     * @param controls says which routes shall be stopped
     * @param audit gets a line for each change
     * @param clock tells when a fault was said last
     */
    OwnRoutes(
            Path folder,
            Path kept,
            RouteCheck check,
            RouteFileOwner owner,
            Subscriptions subscriptions,
            RouteWatch watch,
            RouteControls controls,
            AuditFile audit,
            InstantSource clock) {
        this.folder = folder;
        this.kept = kept;
        this.check = check;
        this.owner = owner;
        this.subscriptions = subscriptions;
        this.watch = watch;
        this.controls = controls;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Before any route runs: takes up the subscriptions, so that no reading passes them by, and
     * loads the shipped routes whose place is not taken.
     *
     * @throws Exception if a queue cannot be made, or a shipped route cannot be loaded
     */
    void prepare(CamelContext context) throws Exception {
        take(context);
        for (String id : check.shipped()) {
            ships(id);
            loadShipped(id);
        }
    }

    /** As {@link #prepare}, without shipped routes. */
    void take(CamelContext context) throws Exception {
        camel = context;
        // Camel would say at length, and at each try, what fails
        DefaultErrorHandlerDefinition errors = new DefaultErrorHandlerDefinition();
        errors.setRedeliveryPolicy(new RedeliveryPolicyDefinition().logExhausted(false));
        errors.setOnExceptionOccurredProcessor(new RouteFaults(clock));
        context.getCamelContextExtension().setErrorHandlerFactory(errors);
        seen = look();
        taken = seen;
        for (Checked each : choose(checked(taken.keySet())).values()) {
            inForce.put(each.id(), new Version(each));
            for (var subscription : each.subscriptions()) {
                subscriptions.subscribe(subscription);
            }
        }
    }

    private List<Checked> checked(Collection<Path> files) throws IOException {
        List<Checked> all = new ArrayList<>();
        for (Checked each : check.check(List.copyOf(files))) {
            Optional<String> trouble = owner.trouble(each.path());
            all.add(trouble.isEmpty() ? each : each.with(new Finding(1, "owner", trouble.get())));
        }
        return all;
    }

    /** The file's text where it is right, else the one that was in force before. */
    private Map<String, Checked> choose(List<Checked> files) throws IOException {
        Map<Path, String> texts = new LinkedHashMap<>();
        for (Checked file : files) {
            Path before = kept.resolve(file.path().getFileName());
            if (file.ok()) {
                texts.put(file.path(), file.text());
            } else {
                spoilt.add(file);
                if (Files.exists(before)) {
                    texts.put(file.path(), Files.readString(before));
                }
            }
        }
        Map<String, Checked> chosen = new TreeMap<>();
        check.checkTexts(texts).values().stream()
                .filter(Checked::ok)
                .forEach(each -> chosen.put(each.id(), each));
        return chosen;
    }

    /** Once the shipped routes run: starts the own ones. */
    void start() {
        Map<String, Version> prepared = new TreeMap<>(inForce);
        inForce.clear();
        controls.retain(taken.keySet().stream().map(RouteFile::name).collect(Collectors.toSet()));
        prepared.values().forEach(version -> apply(version, true));
        spoilt.forEach(this::refuse);
        spoilt.clear();
        forget();
    }

    /** Reads what a check needs, so that the first edit is not the slow one. */
    void warm() {
        check.warm();
    }

    /** Takes over what has changed, once it has stood still from one look to the next. */
    void refresh() throws IOException {
        obey();
        Map<Path, String> now = look();
        boolean still = now.equals(seen);
        seen = now;
        if (!still || now.equals(taken)) {
            return;
        }
        taken = now;
        List<Checked> files = checked(now.keySet());
        Set<String> there =
                files.stream()
                        .map(file -> RouteFile.name(file.path()))
                        .collect(Collectors.toCollection(TreeSet::new));
        controls.retain(there);
        for (String id : List.copyOf(inForce.keySet())) {
            if (!there.contains(id)) {
                end(id);
            }
        }
        notStarted.keySet().retainAll(there);
        watch.routes().stream()
                .map(RouteWatch.Status::route)
                .filter(route -> !there.contains(route))
                .forEach(watch::gone);
        for (Checked file : files) {
            Version before = inForce.get(RouteFile.name(file.path()));
            if (!file.ok()) {
                refuse(file);
            } else if (before == null || !before.text().equals(file.text())) {
                apply(new Version(file), false);
            } else {
                // spoilt, and put right as it was
                watch.tookEffect(
                        file.id(), file.path().toString(), before.sha256(), before.reads());
            }
        }
        forget();
    }

    /** Stops and starts what was ordered since. */
    private void obey() {
        for (Version version : List.copyOf(inForce.values())) {
            String id = version.checked().id();
            if (controls.isStopped(id) != stopped.contains(id)) {
                apply(version, true);
            }
        }
    }

    private void refuse(Checked file) {
        audit.add(
                "hub",
                AuditEvent.ROUTE_REFUSED,
                Map.of(
                        "route",
                        RouteFile.name(file.path()),
                        "sha256",
                        Sha256.hex(file.text()),
                        "rules",
                        file.findings().stream().map(Finding::rule).distinct().toList()));
        watch.refused(RouteFile.name(file.path()), file.path().toString(), file.findings());
    }

    /** Puts a route in the place of the one before, or leaves that. */
    private void apply(Version next, boolean atStart) {
        String id = next.checked().id();
        Path file = next.checked().path();
        Version before = inForce.get(id);
        try {
            remove(id);
            boolean stop = controls.isStopped(id);
            if (stop) {
                stopped.add(id);
            } else {
                load(id, next.text());
                stopped.remove(id);
            }
            WholeFile.replace(
                    Files.createDirectories(kept).resolve(file.getFileName()),
                    to -> Files.writeString(to, next.text()));
            if (!atStart) {
                audit.add("hub", AuditEvent.ROUTE, Map.of("route", id, "sha256", next.sha256()));
            }
            inForce.put(id, next);
            notStarted.remove(id);
            watch.tookEffect(id, file.toString(), next.sha256(), next.reads());
            watch.stopped(id, stop);
        } catch (Exception e) {
            LOG.debugf(e, "route %s", id);
            if (atStart) {
                notStarted.put(id, next);
            }
            watch.refused(
                    id,
                    file.toString(),
                    List.of(
                            new Finding(
                                    1,
                                    "start",
                                    "the route does not start: %s; correct it"
                                            .formatted(RootCause.of(e)))));
            back(id, before);
        }
    }

    /** Starts what ran before: the version before, or the shipped route. */
    private void back(String id, Version before) {
        try {
            remove(id);
            if (before != null) {
                if (!stopped.contains(id)) {
                    load(id, before.text());
                }
            } else if (check.shipped().contains(id)) {
                load(id, check.shipped(id));
                ships(id);
            }
        } catch (Exception e) {
            LOG.errorf(e, "route %s cannot be put back; restart the hub", id);
        }
    }

    private void end(String id) {
        inForce.remove(id);
        stopped.remove(id);
        try {
            Files.deleteIfExists(kept.resolve(id + ".yaml"));
            Files.deleteIfExists(kept.resolve(id + ".yml"));
            audit.add("hub", AuditEvent.ROUTE, Map.of("route", id, "sha256", "none"));
        } catch (IOException e) {
            LOG.warnf("%s; the file of route %s is gone, but what was in force is kept", e, id);
        }
        back(id, null);
        watch.gone(id);
    }

    /** Whether a route is one of the plant's own, in force. */
    boolean isOwn(String id) {
        return inForce.containsKey(id);
    }

    /** The route that a part of it belongs to. */
    static String routeOf(String part) {
        return PART.matcher(part).replaceFirst("");
    }

    /** Loads a shipped route, unless its place is taken. */
    void loadShipped(String id) throws Exception {
        if (!inForce.containsKey(id)) {
            load(id, check.shipped(id));
        }
    }

    /**
     * Loads a route. Its Kamelets become routes of its own: Camel shares them between routes
     * otherwise, and leaves them running when their route is removed (4.17.0).
     *
     * @throws Exception if it cannot be loaded, or does not start
     */
    void load(String id, String text) throws Exception {
        int version = ++versions;
        List<String> parts = new ArrayList<>(List.of(id));
        loaded.put(id, parts);
        String own =
                KAMELET.matcher(text)
                        .replaceAll(
                                use -> {
                                    String part =
                                            "%s.%d.%d-%s"
                                                    .formatted(
                                                            id,
                                                            version,
                                                            parts.size(),
                                                            use.group(2));
                                    // what a source drives ends before its route does
                                    parts.add(
                                            use.group(3).equals("source") ? 0 : parts.size(), part);
                                    return Matcher.quoteReplacement(use.group() + "/" + part);
                                });
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.fromString(id + ".yaml", own));
    }

    private void remove(String id) throws Exception {
        ModelCamelContext model = (ModelCamelContext) camel;
        for (String part : loaded.getOrDefault(id, List.of())) {
            if (camel.getRoute(part) != null) {
                camel.getRouteController().stopRoute(part, STOP_SECONDS, TimeUnit.SECONDS);
                camel.removeRoute(part);
            }
            RouteDefinition definition = model.getRouteDefinition(part);
            if (definition != null) {
                model.removeRouteDefinition(definition);
            }
        }
        loaded.remove(id);
    }

    /**
     * Ends the subscriptions that no route reads any more. What waits for a route that did not
     * start with the hub stays, until it is mended or its file is gone.
     */
    private void forget() {
        Set<String> read =
                Stream.concat(inForce.values().stream(), notStarted.values().stream())
                        .flatMap(version -> version.reads().stream())
                        .collect(Collectors.toSet());
        for (String name : subscriptions.kept()) {
            if (!read.contains(name)) {
                try {
                    long dropped = subscriptions.unsubscribe(name);
                    LOG.infof(
                            "the subscription %s has no route any more and is ended; %d copies that waited in it are dropped, their readings are not touched",
                            name, dropped);
                } catch (Exception e) {
                    LOG.warnf("the subscription %s cannot be ended: %s", name, e);
                }
            }
        }
    }

    private void ships(String id) {
        watch.ships(id, "routes/" + id + ".yaml", Sha256.hex(check.shipped(id)));
    }

    private Map<Path, String> look() throws IOException {
        Map<Path, String> files = new TreeMap<>();
        for (Path file : RouteCheck.files(folder)) {
            files.put(file, owner.stamp(file));
        }
        return files;
    }
}
