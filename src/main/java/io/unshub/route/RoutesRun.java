package io.unshub.route;

import jakarta.inject.Singleton;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Whether the hub has started: its routes run, those that nobody wants started apart. */
@Startup
@Singleton
final class RoutesRun implements HealthCheck {

    private final CamelContext camel;

    RoutesRun(CamelContext camel) {
        this.camel = camel;
    }

    @Override
    public HealthCheckResponse call() {
        String waiting =
                camel.getRoutes().stream()
                        .filter(Route::isAutoStartup)
                        .map(Route::getRouteId)
                        .filter(id -> !camel.getRouteController().getRouteStatus(id).isStarted())
                        .sorted()
                        .collect(Collectors.joining(", "));
        boolean started = camel.getStatus().isStarted() && waiting.isEmpty();
        var routes = HealthCheckResponse.named("routes").status(started);
        return waiting.isEmpty() ? routes.build() : routes.withData("not running", waiting).build();
    }
}
