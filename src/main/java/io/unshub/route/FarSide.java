package io.unshub.route;

import io.unshub.ops.HubConfig;
import io.unshub.ops.LocalEndpoint;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import jakarta.inject.Singleton;
import java.io.IOException;

/** The event hub that is forwarded to: the embedded endpoint, or the one that is configured. */
@Singleton
final class FarSide implements AutoCloseable {

    private final HubConfig config;
    private EventHubsEndpoint embedded;

    FarSide(HubConfig config) {
        this.config = config;
    }

    void start() throws IOException {
        if (config.eventhubs().local().enabled()) {
            embedded = EventHubsEndpoint.start(LocalEndpoint.of(config));
        }
    }

    /**
     * The connection string to forward to.
     *
     * @throws IllegalStateException if there is neither an embedded endpoint nor a configured hub
     */
    String connectionString() {
        if (embedded != null) {
            return embedded.connectionString();
        }
        return config.eventhubs()
                .connectionString()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "there is no event hub to forward to; set"
                                                + " unshub.eventhubs.connection-string"));
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
