package io.unshub.route;

import io.unshub.forward.EventHubsLogin;
import io.unshub.ops.HubConfig;
import io.unshub.ops.LocalEndpoint;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import io.unshub.uns.Secret;
import jakarta.inject.Singleton;
import java.io.IOException;

/** The event hub that is forwarded to: the embedded endpoint, or the one that is configured. */
@Singleton
final class FarSide implements AutoCloseable {

    private final HubConfig config;
    private EventHubsEndpoint embedded;
    private EventHubsLogin identity;

    FarSide(HubConfig config) {
        this.config = config;
    }

    void start() throws IOException {
        if (config.eventhubs().local().enabled()) {
            embedded = EventHubsEndpoint.start(LocalEndpoint.of(config));
        }
    }

    /** The connection string of the embedded endpoint; empty where there is none. */
    String embedded() {
        return embedded == null ? "" : embedded.connectionString();
    }

    /**
     * How to log in to the event hub that is forwarded to; a connection string as its file has it
     * now.
     *
     * @throws IllegalStateException if there is neither an embedded endpoint nor a configured hub
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    synchronized EventHubsLogin login() {
        if (embedded != null) {
            return new EventHubsLogin.ByKey(embedded.connectionString());
        }
        HubConfig.EventHubs hub = config.eventhubs();
        if (identity == null) {
            identity =
                    EventHubsLogin.Kind.of(hub.credential())
                            .map(
                                    kind ->
                                            new EventHubsLogin.ByIdentity(
                                                    kind,
                                                    hub.namespace().orElseThrow(),
                                                    hub.name().orElseThrow(),
                                                    hub.clientId().orElse(null),
                                                    hub.endpoint().orElse(null)))
                            .orElse(null);
        }
        return identity == null ? new EventHubsLogin.ByKey(connectionString(hub)) : identity;
    }

    private static String connectionString(HubConfig.EventHubs hub) {
        String given =
                hub.connectionString()
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "there is no event hub to forward to; set"
                                                        + " unshub.eventhubs.connection-string"));
        return Secret.of(given);
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
