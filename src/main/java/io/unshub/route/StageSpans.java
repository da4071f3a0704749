package io.unshub.route;

import io.unshub.envelope.Reading;
import io.unshub.trace.Traces;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

/**
 * Makes a span of each route that a batch goes through. Camel's own tracer makes some forty of the
 * same batch, a pair for each Kamelet, and knows no links.
 */
final class StageSpans extends RoutePolicySupport implements RoutePolicyFactory {

    private final Traces traces;

    StageSpans(Traces traces) {
        this.traces = traces;
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String id, NamedNode route) {
        return id.equals(OwnRoutes.routeOf(id)) ? this : null;
    }

    @Override
    public void onExchangeBegin(Route route, Exchange exchange) {
        if (!(exchange.getMessage().getBody() instanceof Reading)) {
            traces.current().stage(route.getRouteId());
        }
    }

    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
        traces.current().leave(route.getRouteId());
    }
}
