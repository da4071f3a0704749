package io.unshub.simulator.plant;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a simulated plant is started with.
 *
 * @param opcUaPort TCP port of the OPC UA server, 0 to 65535; 0 takes any free one
 * @param modbusPort TCP port of the Modbus server, 0 to 65535; 0 takes any free one
 * @param seed decides every value: the same seed gives the same values at the same tick
 * @param interval time between two values of a tag, at least 1 ms
 * @param replay recorded data that the OPC UA server plays in place of its signals
 */
public record PlantConfig(
        int opcUaPort,
        int modbusPort,
        long seed,
        Duration interval,
        Optional<ReplayConfig> replay) {

    /** Refuses ports and intervals that are out of range. */
    public PlantConfig {
        requirePort("OPC UA", opcUaPort);
        requirePort("Modbus", modbusPort);
        Objects.requireNonNull(replay, "replay");
        if (interval.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(
                    "update interval is %s, needs at least 1 ms (PT0.001S)".formatted(interval));
        }
    }

    /** Returns the plant of the demo: free ports, seed 1, one value a second, no replay. */
    public static PlantConfig demo() {
        return new PlantConfig(0, 0, 1, Duration.ofSeconds(1), Optional.empty());
    }

    private static void requirePort(String server, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "%s port is %d, needs 0 (any free one) to 65535".formatted(server, port));
        }
    }
}
