package io.unshub.load;

import io.unshub.simulator.eventhubs.EndpointConfig;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The local Event Hubs endpoint in a process of its own: {@code FarSideProcess PORT FOLDER}. */
public final class FarSideProcess {

    private FarSideProcess() {}

    /** Serves until the process is ended. */
    public static void main(String[] args) throws Exception {
        EventHubsEndpoint endpoint =
                EventHubsEndpoint.start(config(Path.of(args[1]), Integer.parseInt(args[0])));
        System.out.println("ready " + endpoint.port());
        new CountDownLatch(1).await();
    }

    /** What connects to it, there or not. */
    public static String connectionString(int port) {
        return config(Path.of(""), port).connectionString(port);
    }

    /** What it serves. */
    public static EndpointConfig config(Path folder, int port) {
        return new EndpointConfig(folder, port, "uns", 4, "demo", "ZGVtbw==");
    }
}
