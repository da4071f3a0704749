package io.unshub.route;

import io.unshub.trace.LogField;
import io.unshub.uns.Excerpt;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

/** Says when a step of a route fails: once a minute for each route, in a line. Threads: any. */
final class RouteFaults implements Processor {

    private static final Logger LOG = Logger.getLogger(RouteFaults.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final Map<String, Instant> said = new ConcurrentHashMap<>();

    RouteFaults(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        String route = String.valueOf(exchange.getFromRouteId());
        Instant now = clock.instant();
        Instant last = said.get(route);
        if (last == null || now.isAfter(last.plus(PAUSE))) {
            said.put(route, now);
            try (var about = LogField.ROUTE.is(OwnRoutes.routeOf(route))) {
                LOG.warnf(
                        "a step of route %s fails: %s", route, Excerpt.of(String.valueOf(failure)));
            }
            LOG.debugf(failure, "route %s", route);
        }
    }
}
