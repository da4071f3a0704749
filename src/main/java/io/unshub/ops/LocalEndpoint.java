package io.unshub.ops;

import io.unshub.simulator.eventhubs.EndpointConfig;

/** The embedded Event Hubs endpoint, as it is configured. */
public final class LocalEndpoint {

    private LocalEndpoint() {}

    /** What it serves; it runs only if {@code unshub.eventhubs.local.enabled}. */
    public static EndpointConfig of(HubConfig config) {
        HubConfig.EventHubs.Local local = config.eventhubs().local();
        return new EndpointConfig(
                config.dataDir().resolve("eventhubs"),
                local.port(),
                local.name(),
                local.partitions(),
                local.keyName(),
                local.key());
    }
}
