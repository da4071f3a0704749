package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class RoutesRunTest {

    @Test
    void hasStartedOnceTheRoutesRun() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.addRoutes(
                    new RouteBuilder() {
                        @Override
                        public void configure() {
                            from("direct:wanted").routeId("wanted").to("log:wanted");
                            from("direct:spare")
                                    .routeId("spare")
                                    .autoStartup(false)
                                    .to("log:spare");
                        }
                    });
            RoutesRun check = new RoutesRun(camel);
            assertThat(check.call().getStatus()).isEqualTo(Status.DOWN);

            camel.start();
            assertThat(check.call().getStatus()).isEqualTo(Status.UP);
            assertThat(check.call().getData()).isEmpty();

            camel.getRouteController().stopRoute("wanted");
            assertThat(check.call().getStatus()).isEqualTo(Status.DOWN);
            assertThat(check.call().getData().orElseThrow())
                    .isEqualTo(Map.of("not running", "wanted"));
        }
    }
}
