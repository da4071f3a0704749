package io.unshub.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.uns.Excerpt;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Control Bus: which of the plant's own routes shall be stopped, and which of them lead their
 * readings over a detour.
 *
 * <p>In: orders, from people and from routes. Out: what holds now. Each order is in the audit file
 * and on disk before it holds, and holds until the next one or until the route's file is gone, over
 * restarts and edits too. An order for what holds already does nothing. Threads: any. Failure: an
 * order that cannot be kept is not carried out; a file that cannot be read is as if no order had
 * been given, with a line in the log.
 */
public final class RouteControls {

    /** Name of its file in the data folder. */
    public static final String FILE = "route-controls.json";

    private static final Logger LOG = Logger.getLogger(RouteControls.class);
    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .registerModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    private final Path file;
    private final AuditFile audit;
    private final Predicate<String> own;
    private final InstantSource clock;
    private volatile Orders orders;

    /** What may be ordered. */
    public enum Action {
        /** The route runs. */
        START,
        /** The route does not run; what comes waits in its subscription. */
        STOP,
        /** The route leads its readings over its detour. */
        DETOUR_ON,
        /** The route does not. */
        DETOUR_OFF;

        /** As it is written: in lower case, with -. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * An order that holds.
     *
     * @param action {@code stop}, {@code detour-on} or {@code detour-off}
     * @param by who gave it, as they say
     * @param at when
     */
    public record Order(String action, String by, Instant at) {}

    /** What was ordered and holds, by route. */
    private record Orders(Map<String, Order> stops, Map<String, Order> detours) {}

    /**
     * @param file that the orders are kept in
     * @param audit gets a line for each
     * @param own tells the routes that orders may be given to: the plant's own ones, none of the
     *     data path
     * @param clock tells when an order was given
     */
    public RouteControls(Path file, AuditFile audit, Predicate<String> own, InstantSource clock) {
        this.file = file;
        this.audit = audit;
        this.own = own;
        this.clock = clock;
        this.orders = read(file);
    }

    private static Orders read(Path file) {
        if (Files.exists(file)) {
            try {
                Orders kept = JSON.readValue(file.toFile(), Orders.class);
                return new Orders(Map.copyOf(kept.stops()), Map.copyOf(kept.detours()));
            } catch (IOException | NullPointerException e) {
                LOG.warnf(
                        "%s cannot be read (%s): no route is stopped and no detour switched by it; give the orders again",
                        file, Excerpt.of(String.valueOf(e.getMessage())));
            }
        }
        return new Orders(Map.of(), Map.of());
    }

    /**
     * Gives an order to a route.
     *
     * @param action the word of an {@link Action}
     * @param who gives it, as they say
     * @throws Refused if there is no such action, or no such route of the plant's own
     */
    public synchronized void order(String route, String action, String who) {
        Action wanted = action(action);
        if (!own.test(route)) {
            throw unknown(route);
        }
        Order given = new Order(wanted.word(), who, clock.instant());
        Map<String, Order> stops = new TreeMap<>(orders.stops());
        Map<String, Order> detours = new TreeMap<>(orders.detours());
        boolean holds =
                switch (wanted) {
                    case START -> stops.remove(route) == null;
                    case STOP -> stops.putIfAbsent(route, given) != null;
                    case DETOUR_ON, DETOUR_OFF -> {
                        Order before = detours.put(route, given);
                        yield before != null && before.action().equals(given.action());
                    }
                };
        if (!holds) {
            audit.add(who, AuditEvent.ROUTE_ORDER, Map.of("route", route, "order", wanted.word()));
            keep(new Orders(stops, detours));
        }
    }

    /** What is said about a route that takes no orders. */
    public static Refused unknown(String route) {
        return new Refused(
                404,
                Excerpt.of(route) + " is no route of the plant's own",
                "own-route",
                Excerpt.of(route),
                "uns-hub routes list shows those; the data path takes no orders");
    }

    private static Action action(String word) {
        return Arrays.stream(Action.values())
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new Refused(
                                        400,
                                        "the action is " + Excerpt.of(String.valueOf(word)),
                                        "action",
                                        Excerpt.of(String.valueOf(word)),
                                        "give one of "
                                                + Arrays.stream(Action.values())
                                                        .map(Action::word)
                                                        .collect(Collectors.joining(", "))));
    }

    /** Forgets the orders for all routes but these, as their files are gone. */
    public synchronized void retain(Set<String> routes) {
        Map<String, Order> stops = new TreeMap<>(orders.stops());
        Map<String, Order> detours = new TreeMap<>(orders.detours());
        if (stops.keySet().retainAll(routes) | detours.keySet().retainAll(routes)) {
            orders = new Orders(stops, detours);
            try {
                write(orders);
            } catch (IOException e) {
                // they are forgotten again at the next start
                LOG.warnf("%s; the orders for routes that are gone are still in %s", e, file);
            }
        }
    }

    private void keep(Orders next) {
        try {
            write(next);
        } catch (IOException e) {
            throw new UncheckedIOException("the order cannot be kept in " + file, e);
        }
        orders = next;
    }

    private void write(Orders next) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        WholeFile.replaceOnDisk(file, to -> JSON.writeValue(to.toFile(), next));
    }

    /** Whether a route shall be stopped. */
    public boolean isStopped(String route) {
        return orders.stops().containsKey(route);
    }

    /**
     * Whether a route leads its readings over its detour.
     *
     * @param initially {@code on} or {@code off}: what holds until there is an order
     * @return {@code on} or {@code off}
     */
    public String detour(String route, String initially) {
        Order ordered = orders.detours().get(route);
        return ordered == null
                ? initially
                : ordered.action().equals(Action.DETOUR_ON.word()) ? "on" : "off";
    }

    /** The orders to a route that hold: to stop, and about its detour. */
    public List<Order> holding(String route) {
        Orders now = orders;
        return Stream.of(now.stops().get(route), now.detours().get(route))
                .filter(Objects::nonNull)
                .toList();
    }
}
