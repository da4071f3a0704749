package io.unshub.simulator.eventhubs;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What the endpoint serves.
 *
 * @param dataDir folder of the log; made when it is absent
 * @param port port on loopback; 0 for a free one
 * @param eventHub name of the one event hub
 * @param partitions number of partitions, 1 to 32; a log that exists keeps the number it has
 * @param keyName name of the shared access key
 * @param key the shared access key
 */
public record EndpointConfig(
        Path dataDir, int port, String eventHub, int partitions, String keyName, String key) {

    public EndpointConfig {
        Objects.requireNonNull(dataDir, "dataDir");
        Objects.requireNonNull(eventHub, "eventHub");
        Objects.requireNonNull(keyName, "keyName");
        Objects.requireNonNull(key, "key");
        if (partitions < 1 || partitions > 32) {
            throw new IllegalArgumentException("partitions is " + partitions + ", must be 1 to 32");
        }
    }

    /** A connection string for an endpoint that listens on this port of loopback. */
    public String connectionString(int openPort) {
        return "Endpoint=sb://%s:%d;SharedAccessKeyName=%s;SharedAccessKey=%s;"
                        .formatted(EventHubsEndpoint.HOST, openPort, keyName, key)
                + "UseDevelopmentEmulator=true;EntityPath="
                + eventHub;
    }
}
