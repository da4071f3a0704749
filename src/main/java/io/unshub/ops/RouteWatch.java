package io.unshub.ops;

import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.Subscriptions.Failure;
import io.unshub.trace.LogField;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * What became of the plant's own route files, and how their routes do; turned into alarms, log
 * lines and messages on {@code _hub/route/ID}. Knows the shipped routes beside them.
 *
 * <p>Threads: any.
 */
public final class RouteWatch {

    private static final Logger LOG = Logger.getLogger(RouteWatch.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Subscriptions subscriptions;
    private final Alarms alarms;
    private final BiConsumer<String, Status> announce;
    private final Predicate<String> runs;
    private final InstantSource clock;
    private final Map<String, Status> shipped = new TreeMap<>();
    private final Map<String, Status> routes = new TreeMap<>();
    private final Set<String> raised = new HashSet<>();
    private final Map<String, Long> skipped = new TreeMap<>();

    /**
     * Why a file is not in force, or may not be.
     *
     * @param line in the file, from 1
     * @param rule that it breaks, as in {@code docs/eip/own-routes.md}
     * @param text with the value and the next step
     */
    public record Finding(int line, String rule, String text) {

        /** In one line: file, line, rule, text. */
        public String sentence(String file) {
            return "%s:%d: [%s] %s".formatted(file.replace('\\', '/'), line, rule, text);
        }
    }

    /**
     * A route file.
     *
     * @param route its id
     * @param file where it stands
     * @param inForce SHA-256 of the text that is in force; null for none
     * @param since when that, or its refusal, began
     * @param problems why the file as it stands is not in force; empty when it is
     * @param subscriptions names of those that the route in force reads
     * @param stopped whether an order has stopped the route
     */
    public record Status(
            String route,
            String file,
            String inForce,
            Instant since,
            List<Finding> problems,
            List<String> subscriptions,
            boolean stopped) {

        /** The problems, a line each: file, line, rule, text. */
        public List<String> sentences() {
            return problems.stream().map(each -> each.sentence(file)).toList();
        }
    }

    /**
     * @param subscriptions of the routes
     * @param alarms that are raised
     * @param announce is given the status of each route as it changes; null once it is gone
     * @param runs tells of a route's id whether it runs
     * @param clock tells when that is
     */
    public RouteWatch(
            Subscriptions subscriptions,
            Alarms alarms,
            BiConsumer<String, Status> announce,
            Predicate<String> runs,
            InstantSource clock) {
        this.subscriptions = subscriptions;
        this.alarms = alarms;
        this.announce = announce;
        this.runs = runs;
        this.clock = clock;
    }

    /** The route files, by route. */
    public synchronized List<Status> routes() {
        return List.copyOf(routes.values());
    }

    /** The shipped routes, by route, also those whose place a file has taken. */
    public synchronized Map<String, Status> shipped() {
        return Map.copyOf(shipped);
    }

    /** Whether a route runs now. */
    public boolean runs(String route) {
        return runs.test(route);
    }

    /** A shipped route is in force from now on, unless a file has taken its place. */
    public synchronized void ships(String route, String file, String sha256) {
        shipped.put(
                route,
                new Status(route, file, sha256, clock.instant(), List.of(), List.of(), false));
    }

    /** A file's text took effect; nothing if it had before. */
    public synchronized void tookEffect(
            String route, String file, String sha256, Collection<String> reads) {
        Status before = routes.get(route);
        if (before != null && before.problems().isEmpty() && sha256.equals(before.inForce())) {
            return;
        }
        about(route, () -> LOG.infof("route %s is in force as in %s", route, file));
        tell(
                new Status(
                        route,
                        file,
                        sha256,
                        clock.instant(),
                        List.of(),
                        reads.stream().sorted().toList(),
                        isStopped(before)));
        alarms.clear(alarm(route));
    }

    /** A file's text was refused; what was in force stays. */
    public synchronized void refused(String route, String file, List<Finding> problems) {
        Status before = routes.get(route);
        if (before != null && before.problems().equals(problems)) {
            return;
        }
        String inForce = before == null ? null : before.inForce();
        Status status =
                new Status(
                        route,
                        file,
                        inForce,
                        clock.instant(),
                        List.copyOf(problems),
                        before == null ? List.of() : before.subscriptions(),
                        isStopped(before));
        about(route, () -> status.sentences().forEach(LOG::warn));
        tell(status);
        alarms.clear(alarm(route));
        alarms.raise(
                alarm(route),
                Alarm.Severity.WARNING,
                "%s%s; %s"
                        .formatted(
                                status.sentences().get(0),
                                problems.size() == 1
                                        ? ""
                                        : " (and " + (problems.size() - 1) + " more)",
                                inForce == null
                                        ? "what ran before goes on"
                                        : "the version before stays in force"));
    }

    /** An order has stopped a route whose file is in force, or started it; nothing if it had. */
    public synchronized void stopped(String route, boolean stopped) {
        Status before = routes.get(route);
        if (before == null || before.stopped() == stopped) {
            return;
        }
        about(
                route,
                () ->
                        LOG.infof(
                                stopped
                                        ? "route %s is stopped; what comes waits in its subscription"
                                        : "route %s is started",
                                route));
        tell(
                new Status(
                        route,
                        before.file(),
                        before.inForce(),
                        clock.instant(),
                        before.problems(),
                        before.subscriptions(),
                        stopped));
    }

    private static boolean isStopped(Status before) {
        return before != null && before.stopped();
    }

    /** A file is gone, and its route with it. */
    public synchronized void gone(String route) {
        if (routes.remove(route) != null) {
            about(route, () -> LOG.infof("route %s is gone with its file", route));
            announce.accept(route, null);
        }
        alarms.clear(alarm(route));
    }

    /** Looks at what the routes fail on, and at what waits for them. */
    public synchronized void tick() {
        Set<String> failing = new HashSet<>();
        Instant since = clock.instant().minus(PATIENCE);
        subscriptions
                .failures()
                .forEach(
                        (name, failure) -> {
                            if (failure.since().isBefore(since)) {
                                failing.add(failing(name));
                                raise(name, failure);
                            }
                        });
        subscriptions
                .all()
                .keySet()
                .forEach(
                        name -> {
                            long now = subscriptions.skipped(name);
                            Long before = skipped.put(name, now);
                            if (now > (before == null ? 0 : before)) {
                                failing.add(full(name));
                                raiseFull(name);
                            }
                        });
        for (String alarm : raised) {
            if (!failing.contains(alarm)) {
                alarms.clear(alarm);
            }
        }
        raised.clear();
        raised.addAll(failing);
    }

    private void raise(String name, Failure failure) {
        alarms.raise(
                failing(name),
                Alarm.Severity.WARNING,
                "the route of the subscription %s fails %s; %,d copies wait and nothing is lost: mend what it says, or its file in config/routes, or let it pass over such readings with skip: true"
                        .formatted(name, failure.why(), subscriptions.waiting(name)));
    }

    private void raiseFull(String name) {
        alarms.raise(
                full(name),
                Alarm.Severity.WARNING,
                "%,d copies wait in the subscription %s, which is the most that it takes: its route misses what comes now, while the readings themselves go on; look at why the route is slow, or raise mostWaiting"
                        .formatted(subscriptions.waiting(name), name));
    }

    private static void about(String route, Runnable line) {
        try (var field = LogField.ROUTE.is(route)) {
            line.run();
        }
    }

    private void tell(Status status) {
        routes.put(status.route(), status);
        announce.accept(status.route(), status);
    }

    /** The alarm of a route whose file is refused. */
    public static String alarm(String route) {
        return "route-" + route;
    }

    /** The alarm of a subscription whose route fails. */
    public static String failing(String subscription) {
        return "subscription-" + subscription;
    }

    /** The alarm of a subscription that takes no more. */
    public static String full(String subscription) {
        return "subscription-full-" + subscription;
    }
}
