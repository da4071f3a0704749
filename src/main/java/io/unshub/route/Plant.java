package io.unshub.route;

import io.unshub.ops.HubConfig;
import io.unshub.simulator.plant.PlantConfig;
import io.unshub.simulator.plant.ReplayConfig;
import io.unshub.simulator.plant.SimulatedPlant;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;

/** The simulated plant, where the configuration asks for one. */
@Singleton
final class Plant implements AutoCloseable {

    private final HubConfig.Simulator config;
    private final Clock clock;
    private SimulatedPlant simulated;

    Plant(HubConfig config, Clock clock) {
        this.config = config.simulator();
        this.clock = clock;
    }

    void start() throws IOException {
        if (!config.enabled()) {
            return;
        }
        Optional<ReplayConfig> replay =
                config.replay()
                        .file()
                        .map(
                                file ->
                                        new ReplayConfig(
                                                file,
                                                ReplayConfig.Format.valueOf(
                                                        config.replay()
                                                                .format()
                                                                .toUpperCase(Locale.ROOT)),
                                                config.replay().speedUp(),
                                                config.replay().maxUnits(),
                                                true,
                                                Optional.empty()));
        simulated =
                SimulatedPlant.start(
                        new PlantConfig(
                                config.opcuaPort(),
                                config.modbusPort(),
                                config.seed(),
                                config.interval(),
                                replay),
                        clock);
    }

    @Override
    public void close() {
        if (simulated != null) {
            simulated.close();
        }
    }
}
