package io.unshub.ops.api;

import io.unshub.buffer.Queues;
import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.Subscriptions.Subscription;
import io.unshub.forward.Explanation;
import io.unshub.forward.LaneTable;
import io.unshub.forward.LiveBridgeMapping;
import io.unshub.ops.Alarm;
import io.unshub.ops.Alarms;
import io.unshub.ops.Refused;
import io.unshub.ops.RouteControls;
import io.unshub.ops.RouteWatch;
import io.unshub.ops.RouteWatch.Finding;
import io.unshub.ops.RouteWatch.Status;
import io.unshub.uns.Excerpt;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.TopicFilter;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The routes, shipped and own, how they do, and orders to the own ones. */
@Path("/api/v1/routes")
@SecurityRequirement(name = "token")
@SecurityRequirement(name = "key")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class RoutesApi {

    private static final String RUNBOOK = "docs/runbooks/own-route.md";

    private final RouteWatch watch;
    private final RouteControls controls;
    private final Subscriptions subscriptions;
    private final Alarms alarms;
    private final HierarchyRules hierarchy;
    private final LiveBridgeMapping mapping;
    private final LaneTable lanes;
    private final Clock clock;

    RoutesApi(
            RouteWatch watch,
            RouteControls controls,
            Subscriptions subscriptions,
            Alarms alarms,
            HierarchyRules hierarchy,
            LiveBridgeMapping mapping,
            LaneTable lanes,
            Clock clock) {
        this.watch = watch;
        this.controls = controls;
        this.subscriptions = subscriptions;
        this.alarms = alarms;
        this.hierarchy = hierarchy;
        this.mapping = mapping;
        this.lanes = lanes;
        this.clock = clock;
    }

    /** Whose text a route has. */
    public enum Origin {
        /** It comes with the hub. */
        SHIPPED,
        /** It stands in config/routes. */
        OWN,
        /** It stands in config/routes, and takes the place of a shipped one. */
        OWN_FOR_SHIPPED
    }

    /** What a person should know of a route first. */
    public enum State {
        /** It runs, with the text of its file. */
        RUNNING,
        /** An order or somebody at the console stopped it, or it is about to start. */
        STOPPED,
        /** Its file as it stands is not in force. */
        REFUSED
    }

    /**
     * What a route reads.
     *
     * @param name of the durable subscription
     * @param topics its filters
     * @param waiting copies that wait
     * @param mostWaiting how many may wait
     * @param handled readings that the route has been through with, since the start
     * @param skipped copies that were not made since the start, as too many waited
     * @param passedOver copies that the route failed on and left out, since the start
     * @param late readings that came too late for a step, since the start
     * @param failing since when the route fails, and why; null while it does not
     */
    public record Reads(
            String name,
            List<String> topics,
            long waiting,
            long mostWaiting,
            long handled,
            long skipped,
            long passedOver,
            long late,
            Subscriptions.Failure failing) {}

    /**
     * @param route its id
     * @param origin whose text it has
     * @param state what to know first
     * @param running whether it runs; what was in force before does where a file was refused
     * @param file where its text stands, in the program for a shipped one
     * @param inForce SHA-256 of the text that is in force; null for none
     * @param since when that, or the refusal, began
     * @param problems why the file as it stands is not in force
     * @param orders that hold: to stop, and about its detour
     * @param reads its subscriptions; a shipped route has none
     * @param alarms that are raised on its account
     * @param runbook what to do about them; null while there is none
     */
    public record Route(
            String route,
            Origin origin,
            State state,
            boolean running,
            String file,
            String inForce,
            Instant since,
            List<Finding> problems,
            List<RouteControls.Order> orders,
            List<Reads> reads,
            List<Alarm> alarms,
            String runbook) {}

    /**
     * @param at when this was so
     * @param routes by id
     */
    public record Routes(Instant at, List<Route> routes) {}

    /**
     * An order.
     *
     * @param action {@code start}, {@code stop}, {@code detour-on} or {@code detour-off}
     */
    public record OrderRequest(String action) {}

    @GET
    @Operation(
            operationId = "routes",
            summary = "The routes: their files, whether they run, what they read, what is wrong")
    public Routes routes() {
        Map<String, Status> shipped = watch.shipped();
        Map<String, Status> all = new TreeMap<>(shipped);
        watch.routes().forEach(own -> all.put(own.route(), own));
        Map<String, Subscription> known = subscriptions.all();
        List<Alarm> raised = alarms.active();
        return new Routes(
                clock.instant(),
                all.values().stream()
                        .map(each -> route(each, shipped.get(each.route()), known, raised))
                        .toList());
    }

    /** Gives an order; it is carried out within a second, or once the batch under way has ended. */
    @POST
    @Path("{id}/orders")
    @Operation(
            operationId = "orderRoute",
            summary = "Stops or starts a route of the plant's own, or switches its detour")
    public Route order(
            @PathParam("id") String id,
            OrderRequest request,
            @HeaderParam("Unshub-User") @DefaultValue("unnamed") String user) {
        if (request == null) {
            throw new Refused(
                    400,
                    "the order has no body",
                    "request-body",
                    "",
                    "send {\"action\": \"stop\"}");
        }
        controls.order(id, request.action(), Excerpt.of(user));
        return routes().routes().stream()
                .filter(each -> each.route().equals(id))
                .findFirst()
                .orElseThrow(() -> RouteControls.unknown(id));
    }

    @GET
    @Path("explain")
    @Operation(operationId = "explainRoute", summary = "Where a topic goes, and by which rule")
    public Explanation explain(@QueryParam("topic") String topic) {
        if (topic == null) {
            throw new Refused(
                    400, "there is no topic", "topic", "", "add ?topic= with the topic, encoded");
        }
        return Explanation.of(
                topic,
                hierarchy,
                mapping.current(),
                Queues::laneOf,
                lane -> lanes.known() ? lanes.partitionOf(lane) : null);
    }

    private Route route(
            Status status, Status shipped, Map<String, Subscription> known, List<Alarm> raised) {
        boolean running = watch.runs(status.route());
        List<Alarm> its = raised.stream().filter(alarm -> concerns(alarm, status)).toList();
        String inForce = status.inForce();
        return new Route(
                status.route(),
                status == shipped
                        ? Origin.SHIPPED
                        : shipped == null ? Origin.OWN : Origin.OWN_FOR_SHIPPED,
                !status.problems().isEmpty()
                        ? State.REFUSED
                        : running ? State.RUNNING : State.STOPPED,
                running,
                status.file(),
                inForce == null && shipped != null ? shipped.inForce() : inForce,
                status.since(),
                status.problems(),
                controls.holding(status.route()),
                status.subscriptions().stream()
                        .map(known::get)
                        .filter(Objects::nonNull)
                        .map(this::reads)
                        .toList(),
                its,
                its.isEmpty() ? null : RUNBOOK);
    }

    private static boolean concerns(Alarm alarm, Status status) {
        return alarm.name().equals(RouteWatch.alarm(status.route()))
                || status.subscriptions().stream()
                        .flatMap(name -> Stream.of(RouteWatch.failing(name), RouteWatch.full(name)))
                        .anyMatch(alarm.name()::equals);
    }

    private Reads reads(Subscription subscription) {
        String name = subscription.name();
        return new Reads(
                name,
                subscription.topics().stream().map(TopicFilter::toString).toList(),
                subscriptions.waiting(name),
                subscription.mostWaiting(),
                subscriptions.handled(name),
                subscriptions.skipped(name),
                subscriptions.passedOverBy(name),
                subscriptions.lateFor(name),
                subscriptions.failures().get(name));
    }
}
