package io.unshub.cli;

import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.ModelBench;
import io.unshub.scoring.ModelCard;
import io.unshub.scoring.Registry;
import io.unshub.scoring.Training;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.io.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code uns-hub rehearse-start}: starts the demo on free ports, with a model, and ends once it is
 * ready. The launcher's {@code archive-classes} has Java note which classes that takes. No reading
 * goes through it: Java 17.0.15 crashed when it made the archive after the Azure SDK had sent one.
 * The exit code is 0 only when all of it was done.
 */
@Command(
        name = "rehearse-start",
        hidden = true,
        description = "Starts the demo once, on free ports, and ends.")
final class RehearseStartCommand implements Callable<Integer> {

    private static final long LONGEST_SECONDS = 180;
    private static final int FAILED = 2;
    private static final String CIRCUIT =
            """
            plant_id: rehearsal
            circuit_id: packaging
            model: heat
            version: 1.0.0
            environment_version: "1"
            equipment: acme/plant1/packaging/line1/cell1/+
            inputs: {temperature: temperature}
            trigger: temperature
            features:
              - {of: temperature}
              - {of: temperature, as: mean, over: 10m}
            task: classification
            target: hot
            positive: "1"
            algorithm: cart
            """;

    @Parameters(
            paramLabel = "FOLDER",
            description = "Empty; takes configuration and data of the rehearsal.")
    private Path folder;

    @Override
    public Integer call() throws Exception {
        // the classes of each command are noted, too
        UnsHub.commandLine().getUsageMessage();
        Path config = folder.resolve("config").toAbsolutePath();
        Path data = folder.resolve("data").toAbsolutePath();
        FileUtils.copyDirectory(
                Path.of(System.getProperty("uns-hub.home"), "config").toFile(), config.toFile());
        produce(config, data);
        System.setProperty("unshub.config-dir", config.toString());
        System.setProperty("unshub.data-dir", data.toString());
        for (String port :
                List.of(
                        "unshub.mqtt.port",
                        "quarkus.http.port",
                        "unshub.eventhubs.local.port",
                        "unshub.simulator.opcua-port",
                        "unshub.simulator.modbus-port")) {
            System.setProperty(port, Integer.toString(freePort()));
        }
        System.setProperty("unshub.simulator.enabled", "false");
        Thread watch = new Thread(RehearseStartCommand::watch, "rehearsal");
        watch.setDaemon(true);
        watch.start();
        UnsHub.commandLine().execute("run", "--profile", "demo");
        return FAILED;
    }

    /** Puts a model into production for a piece of equipment of the demo's plant. */
    private static void produce(Path config, Path data) throws IOException, Registry.Refused {
        Path file = config.resolve("ml/rehearsal/packaging.yml");
        Files.createDirectories(file.getParent());
        Files.createDirectories(data);
        CircuitConfig circuit = CircuitConfig.load(Files.writeString(file, CIRCUIT));
        StringBuilder recorded = new StringBuilder("unit,time,temperature,hot\n");
        for (int unit = 0; unit < 40; unit++) {
            recorded.append("%d,0,%d,%d%n".formatted(unit, unit, unit / 20));
        }
        Registry registry = new Registry(data, Clock.systemUTC(), (what, about) -> {});
        ModelCard card =
                new ModelBench(registry, Clock.systemUTC())
                        .train(
                                circuit,
                                Files.writeString(config.resolve("recorded.csv"), recorded),
                                new Training.Options(1, 0),
                                "rehearsal",
                                null);
        registry.promote(circuit, card.version(), "rehearsal");
    }

    private static void watch() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        HttpClient client = HttpClient.newHttpClient();
        URI ready =
                URI.create(
                        "http://127.0.0.1:%s/observe/health/ready"
                                .formatted(System.getProperty("quarkus.http.port")));
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            try {
                HttpRequest request = HttpRequest.newBuilder(ready).build();
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()
                        == 200) {
                    System.exit(0);
                }
            } catch (IOException e) {
                // not there yet
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        System.exit(FAILED);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
