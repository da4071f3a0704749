package io.unshub.route;

import io.unshub.trace.LogField;
import io.unshub.trace.Span;
import io.unshub.trace.Traces;
import java.util.Collection;
import java.util.List;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** Hands what a source delivers to the route, and returns once the route is through with it. */
abstract class HandingConsumer extends DefaultConsumer {

    private final Traces traces;
    private String route;

    HandingConsumer(Endpoint endpoint, Processor processor) {
        super(endpoint, processor);
        Traces made = endpoint.getCamelContext().getRegistry().findSingleByType(Traces.class);
        traces = made == null ? Traces.OFF : made;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        route = OwnRoutes.routeOf(getRouteId());
    }

    /**
     * Hands over one message.
     *
     * @throws Exception what the route threw, if it did not take it
     */
    final void carry(Object body) throws Exception {
        Exchange exchange = createExchange(false);
        try (LogField.Scope about = LogField.ROUTE.is(route);
                Span span = span(body)) {
            exchange.getIn().setBody(body);
            getProcessor().process(exchange);
            if (exchange.getException() != null) {
                span.fail(exchange.getException());
                throw exchange.getException();
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }

    private Span span(Object body) {
        if (!(body instanceof Collection<?> readings)) {
            return Span.NONE;
        }
        Span span = traces.begin(route, List.of());
        span.put("messaging.batch.message_count", readings.size());
        return span;
    }
}
