package io.unshub.drill;

import io.unshub.simulator.eventhubs.EndpointConfig;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import io.unshub.simulator.eventhubs.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code uns-hub event-hubs}: the local Event Hubs endpoint in a process of its own. */
@Command(
        name = "event-hubs",
        description = "Serves the local Event Hubs endpoint alone, until it is stopped.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "Takes faults from standard input, one name a line, until NONE: SERVER_BUSY, SMALL,",
            "POISON, DETACH, DROP, SILENCE, UNAUTHORIZED."
        })
public final class FarSideProcess implements Callable<Integer> {

    private static final int FAILED = 2;

    @Spec private CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "5672",
            description = "Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data/eventhubs",
            description = "Folder of its log. Default: ${DEFAULT-VALUE}.")
    private Path data;

    /** Serves until the process is ended. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new FarSideProcess()).execute(args));
    }

    /** What connects to it, there or not. */
    public static String connectionString(int port) {
        return config(Path.of(""), port).connectionString(port);
    }

    /** What it serves. */
    public static EndpointConfig config(Path folder, int port) {
        return new EndpointConfig(folder, port, "uns", 4, "demo", "ZGVtbw==");
    }

    @Override
    public Integer call() throws Exception {
        try (EventHubsEndpoint endpoint = EventHubsEndpoint.start(config(data, port))) {
            spec.commandLine().getOut().println("ready " + endpoint.connectionString());
            obey(endpoint);
            // nothing more comes from standard input, as in the background
            new CountDownLatch(1).await();
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println("uns-hub: " + e.getMessage());
            return FAILED;
        }
    }

    private void obey(EventHubsEndpoint endpoint) throws IOException {
        BufferedReader commands =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            try {
                endpoint.inject(Fault.valueOf(line.strip()));
                spec.commandLine().getOut().println("fault " + line.strip());
            } catch (IllegalArgumentException e) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "uns-hub: there is no fault of that name; give one of "
                                        + Arrays.toString(Fault.values()));
            }
        }
    }
}
