package io.unshub.load;

import io.unshub.simulator.eventhubs.EndpointConfig;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The local Event Hubs endpoint in a process of its own: {@code FarSideProcess PORT FOLDER}. */
public final class FarSideProcess {

    private static final String KEY = "ZGVtbw==";

    private FarSideProcess() {}

    /** Serves until the process is ended. */
    public static void main(String[] args) throws Exception {
        EventHubsEndpoint endpoint =
                EventHubsEndpoint.start(
                        new EndpointConfig(
                                Path.of(args[1]),
                                Integer.parseInt(args[0]),
                                "uns",
                                4,
                                "demo",
                                KEY));
        System.out.println("ready " + endpoint.port());
        new CountDownLatch(1).await();
    }

    /** What connects to it, there or not. */
    public static String connectionString(int port) {
        return "Endpoint=sb://127.0.0.1:"
                + port
                + ";SharedAccessKeyName=demo;SharedAccessKey="
                + KEY
                + ";UseDevelopmentEmulator=true;EntityPath=uns";
    }
}
