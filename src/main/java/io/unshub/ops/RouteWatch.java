package io.unshub.ops;

import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.Subscriptions.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * What became of the plant's own route files, and how their routes do; turned into alarms, log
 * lines and messages on {@code _hub/route/ID}.
 *
 * <p>Threads: any.
 */
public final class RouteWatch {

    private static final Logger LOG = Logger.getLogger(RouteWatch.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Subscriptions subscriptions;
    private final Alarms alarms;
    private final BiConsumer<String, Status> announce;
    private final InstantSource clock;
    private final Map<String, Status> routes = new TreeMap<>();
    private final Set<String> raised = new HashSet<>();
    private final Map<String, Long> skipped = new TreeMap<>();

    /**
     * A route file.
     *
     * @param route its id
     * @param file where it stands
     * @param inForce SHA-256 of the text that is in force; null for none
     * @param since when that, or its refusal, began
     * @param problems why the file as it stands is not in force; empty when it is
     */
    public record Status(
            String route, String file, String inForce, Instant since, List<String> problems) {}

    /**
     * @param subscriptions of the routes
     * @param alarms that are raised
     * @param announce is given the status of each route as it changes; null once it is gone
     * @param clock tells when that is
     */
    public RouteWatch(
            Subscriptions subscriptions,
            Alarms alarms,
            BiConsumer<String, Status> announce,
            InstantSource clock) {
        this.subscriptions = subscriptions;
        this.alarms = alarms;
        this.announce = announce;
        this.clock = clock;
    }

    /** The route files, by route. */
    public synchronized List<Status> routes() {
        return List.copyOf(routes.values());
    }

    /** A file's text took effect; nothing if it had before. */
    public synchronized void tookEffect(String route, String file, String sha256) {
        Status before = routes.get(route);
        if (before != null && before.problems().isEmpty() && sha256.equals(before.inForce())) {
            return;
        }
        LOG.infof("route %s is in force as in %s", route, file);
        tell(new Status(route, file, sha256, clock.instant(), List.of()));
        alarms.clear(alarm(route));
    }

    /** A file's text was refused; what was in force stays. */
    public synchronized void refused(String route, String file, List<String> problems) {
        Status before = routes.get(route);
        if (before != null && before.problems().equals(problems)) {
            return;
        }
        problems.forEach(LOG::warn);
        String inForce = before == null ? null : before.inForce();
        tell(new Status(route, file, inForce, clock.instant(), List.copyOf(problems)));
        alarms.clear(alarm(route));
        alarms.raise(
                alarm(route),
                Alarm.Severity.WARNING,
                "%s%s; %s"
                        .formatted(
                                problems.get(0),
                                problems.size() == 1
                                        ? ""
                                        : " (and " + (problems.size() - 1) + " more)",
                                inForce == null
                                        ? "what ran before goes on"
                                        : "the version before stays in force"));
    }

    /** A file is gone, and its route with it. */
    public synchronized void gone(String route) {
        if (routes.remove(route) != null) {
            LOG.infof("route %s is gone with its file", route);
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
                                failing.add("subscription-" + name);
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
                                failing.add("subscription-full-" + name);
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
                "subscription-" + name,
                Alarm.Severity.WARNING,
                "the route of the subscription %s fails %s; %,d copies wait and nothing is lost: mend what it says, or its file in config/routes, or let it pass over such readings with skip: true"
                        .formatted(name, failure.why(), subscriptions.waiting(name)));
    }

    private void raiseFull(String name) {
        alarms.raise(
                "subscription-full-" + name,
                Alarm.Severity.WARNING,
                "%,d copies wait in the subscription %s, which is the most that it takes: its route misses what comes now, while the readings themselves go on; look at why the route is slow, or raise mostWaiting"
                        .formatted(subscriptions.waiting(name), name));
    }

    private void tell(Status status) {
        routes.put(status.route(), status);
        announce.accept(status.route(), status);
    }

    private static String alarm(String route) {
        return "route-" + route;
    }
}
