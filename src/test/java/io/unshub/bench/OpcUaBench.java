package io.unshub.bench;

import io.unshub.TestFolders;
import io.unshub.collect.OpcUaPlant;
import io.unshub.drill.FarSideProcess;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.commons.io.FileUtils;

/**
 * The hub between an OPC UA server of 10,000 tags and an Event Hubs endpoint, each in a process of
 * its own.
 */
final class OpcUaBench {

    private static final int TAGS = 10_000;
    private static final Duration WARM_UP = Duration.ofSeconds(360);

    private final Path folder;
    private final int port;
    private final int farSidePort;

    OpcUaBench(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.port = HubProcess.freePort();
        this.farSidePort = HubProcess.freePort();
        Path config = TestFolders.config(folder.resolve("config"));
        for (String part : new String[] {"connections", "tags", "models"}) {
            FileUtils.deleteDirectory(config.resolve(part).toFile());
            Files.createDirectories(config.resolve(part));
        }
        Files.writeString(
                config.resolve("connections/scada.yaml"),
                """
                name: scada
                protocol: opcua
                url: %s
                """
                        .formatted(OpcUaPlant.url(port)));
        StringBuilder tags = new StringBuilder("connection: scada\nversion: 1.0.0\ntags:\n");
        for (int i = 0; i < TAGS; i++) {
            tags.append(
                    """
                      - topic: acme/plant1/packaging/line%d/cell%d/machine-%d/tag-%d
                        address: %s
                        units: Cel
                        interval: 1s
                    """
                            .formatted(i / 1_000, i / 100, i / 10, i % 10, OpcUaPlant.address(i)));
        }
        Files.writeString(config.resolve("tags/scada.yaml"), tags);
    }

    /**
     * What a hub did for a minute.
     *
     * @param forwarded readings per second that Event Hubs acknowledged
     * @param backlog readings that came and did not leave in that time
     * @param cores that the hub used
     */
    record Minute(double forwarded, long backlog, double cores) {}

    /** Offers so many changes a second. */
    Minute minute(HubProcess prepared, int rate, Duration window) throws Exception {
        try (JavaProcess plant =
                        JavaProcess.start(
                                folder.resolve("plant.log"),
                                OpcUaPlant.class,
                                Integer.toString(port),
                                Integer.toString(TAGS),
                                Integer.toString(rate));
                JavaProcess farSide =
                        JavaProcess.start(
                                folder.resolve("far-side.log"),
                                FarSideProcess.class,
                                "--port",
                                Integer.toString(farSidePort),
                                "--data",
                                folder.resolve("far-side").toString());
                HubProcess hub =
                        prepared.with("unshub.config-dir", folder.resolve("config").toString())
                                .forwardingTo(farSidePort)
                                .start()) {
            Load.pass(WARM_UP);
            Load.Counts before = Load.counts(hub.lines());
            double cpu = hub.cpuSeconds();
            Load.pass(window);
            Load.Counts after = Load.counts(hub.lines());
            double seconds = (after.nanos() - before.nanos()) / 1e9;
            return new Minute(
                    after.forwardedPerSecondSince(before),
                    after.backlog() - before.backlog(),
                    (hub.cpuSeconds() - cpu) / seconds);
        }
    }
}
