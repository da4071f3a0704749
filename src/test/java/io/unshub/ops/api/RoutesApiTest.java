package io.unshub.ops.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.buffer.Broker;
import io.unshub.buffer.BrokerConfig;
import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.Subscriptions.Subscription;
import io.unshub.ops.Alarms;
import io.unshub.ops.AuditFile;
import io.unshub.ops.Refused;
import io.unshub.ops.RouteControls;
import io.unshub.ops.RouteControls.Order;
import io.unshub.ops.RouteWatch;
import io.unshub.ops.RouteWatch.Finding;
import io.unshub.ops.api.RoutesApi.OrderRequest;
import io.unshub.ops.api.RoutesApi.Origin;
import io.unshub.ops.api.RoutesApi.Route;
import io.unshub.ops.api.RoutesApi.State;
import io.unshub.uns.TopicFilter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutesApiTest {

    private static final Instant NOW = Instant.parse("2026-01-05T08:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final Finding TYPO =
            new Finding(7, "parameter", "topic is no parameter; did you mean topics?");

    @TempDir Path work;

    private final Set<String> running = new HashSet<>(Set.of("ingest", "withhold", "means"));
    private final Alarms alarms = new Alarms(CLOCK, (name, alarm) -> {});
    private Broker broker;
    private Subscriptions subscriptions;
    private RouteWatch watch;
    private RouteControls controls;
    private RoutesApi api;

    @BeforeEach
    void start() throws Exception {
        broker = new Broker(new BrokerConfig(work, "127.0.0.1", 0, 1_000_000, 1_000_000_000));
        broker.start();
        subscriptions = new Subscriptions(broker, CLOCK);
        watch =
                new RouteWatch(
                        subscriptions,
                        alarms,
                        (route, status) -> {},
                        running::contains,
                        Clock.offset(CLOCK, Duration.ofMinutes(1)));
        controls =
                new RouteControls(
                        work.resolve(RouteControls.FILE),
                        AuditFile.in(work, CLOCK),
                        "means"::equals,
                        CLOCK);
        api = new RoutesApi(watch, controls, subscriptions, alarms, null, null, null, CLOCK);
        watch.ships("ingest", "routes/ingest.yaml", "abc");
        watch.ships("withhold", "routes/withhold.yaml", "def");
    }

    @AfterEach
    void stop() throws Exception {
        broker.stop();
    }

    private Route route(String id) {
        return api.routes().routes().stream()
                .filter(each -> each.route().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void tellsAShippedRouteFromOneThatWasStopped() {
        assertThat(route("ingest").state()).isEqualTo(State.RUNNING);
        assertThat(route("ingest").origin()).isEqualTo(Origin.SHIPPED);
        assertThat(route("ingest").inForce()).isEqualTo("abc");

        running.remove("ingest");

        assertThat(route("ingest").state()).isEqualTo(State.STOPPED);
    }

    @Test
    void saysOfAStoppedRouteWhoStoppedIt() {
        watch.tookEffect("means", "config/routes/means.yaml", "123", List.of());
        assertThat(route("means").orders()).isEmpty();

        Route answer = api.order("means", new OrderRequest("stop"), "ann");
        running.remove("means");

        assertThat(answer.orders()).isEqualTo(route("means").orders());
        assertThat(route("means").state()).isEqualTo(State.STOPPED);
        assertThat(route("means").orders()).containsExactly(new Order("stop", "ann", NOW));
        assertThatThrownBy(() -> api.order("ingest", new OrderRequest("stop"), "ann"))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("the data path takes no orders");
        assertThatThrownBy(() -> api.order("means", null, "ann"))
                .hasMessageContaining("the order has no body");
    }

    @Test
    void showsWhatARouteReadsAndWhyItFails() throws Exception {
        subscriptions.subscribe(
                new Subscription("line1", List.of(TopicFilter.of("acme/#")), false, 10));
        watch.tookEffect("means", "config/routes/means.yaml", "123", List.of("line1"));
        subscriptions.handled("line1", 5);
        subscriptions.late("line1", 2);
        subscriptions.failing("line1", "on a reading of acme/a: no unit");
        watch.tick();

        Route means = route("means");
        assertThat(means.origin()).isEqualTo(Origin.OWN);
        assertThat(means.state()).isEqualTo(State.RUNNING);
        assertThat(means.reads())
                .singleElement()
                .satisfies(
                        reads -> {
                            assertThat(reads.topics()).containsExactly("acme/#");
                            assertThat(reads.mostWaiting()).isEqualTo(10);
                            assertThat(reads.handled()).isEqualTo(5);
                            assertThat(reads.late()).isEqualTo(2);
                            assertThat(reads.failing().since()).isEqualTo(NOW);
                            assertThat(reads.failing().why()).endsWith("no unit");
                        });
        assertThat(means.alarms()).extracting("name").containsExactly("subscription-line1");
        assertThat(Path.of(means.runbook())).exists();
    }

    @Test
    void keepsWhatIsInForceBesideWhatWasRefused() {
        watch.tookEffect("means", "config/routes/means.yaml", "123", List.of());
        watch.refused("means", "config/routes/means.yaml", List.of(TYPO));
        watch.refused("withhold", "config/routes/withhold.yaml", List.of(TYPO));

        assertThat(route("means").state()).isEqualTo(State.REFUSED);
        assertThat(route("means").running()).isTrue();
        assertThat(route("means").inForce()).isEqualTo("123");
        assertThat(route("means").problems()).containsExactly(TYPO);
        assertThat(route("means").alarms()).extracting("name").containsExactly("route-means");
        assertThat(route("withhold").origin()).isEqualTo(Origin.OWN_FOR_SHIPPED);
        assertThat(route("withhold").inForce()).as("the shipped one").isEqualTo("def");

        watch.gone("withhold");

        assertThat(route("withhold").origin()).isEqualTo(Origin.SHIPPED);
        assertThat(route("withhold").alarms()).isEmpty();
    }
}
