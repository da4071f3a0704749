package io.unshub.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.TestFolders;
import io.unshub.load.HubProcess;
import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.Circuits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Models on the built hub, from outside. */
final class ScoringBench {

    private static final int SECONDS = 20;
    private static final long LONGEST_START_SECONDS = 60;
    private static final String MACHINE = "acme/bench/area1/line1/cell0/machine-";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work;
    private final Path config;
    private final Path data;

    ScoringBench(Path work) throws IOException {
        this.work = Files.createDirectories(work);
        config = TestFolders.config(work.resolve("config"));
        data = Files.createDirectories(work.resolve("data"));
    }

    private HubProcess hub() throws IOException {
        return HubProcess.on(data)
                .with("unshub.config-dir", config.toString())
                .with("unshub.simulator.enabled", "false");
    }

    /** Puts one model into production for each machine. */
    private void models(int count) throws Exception {
        Path recorded = Circuits.record(work, 50, 1);
        for (int i = 0; i < count; i++) {
            String yaml =
                    Circuits.YAML
                            .replace("circuit_id: mixing", "circuit_id: mixing" + i)
                            .replace("acme/plant9/mixing/line1/cell1/+", MACHINE + i);
            Path file = config.resolve("ml/plant9/mixing" + i + ".yml");
            Files.createDirectories(file.getParent());
            Files.writeString(file, yaml);
            Circuits.produce(data, CircuitConfig.load(file), recorded);
        }
    }

    /** From the start of the process to the first score that a subscriber sees, in seconds. */
    double startToFirstScore(int models) throws Exception {
        models(models);
        try (HubProcess hub = hub()) {
            long begin = System.nanoTime();
            hub.launch();
            Mqtt5BlockingClient client = connect(hub.mqttPort(), begin);
            try (var scores = client.publishes(MqttGlobalPublishFilter.ALL)) {
                client.subscribeWith()
                        .topicFilter(MACHINE + (models - 1) + "/_score-failure")
                        .send();
                publish(client, "temperature", models - 1);
                publish(client, "torque", models - 1);
                scores.receive(LONGEST_START_SECONDS, TimeUnit.SECONDS).orElseThrow();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            client.disconnect();
            return seconds;
        }
    }

    /**
     * From the order of {@code ml rollback} to the first score of the version before, in seconds;
     * the order itself is a command in a process of its own.
     *
     * @param command how long each command took is put here
     */
    double[] rollbacks(int models, double[] command) throws Exception {
        models(models);
        String model = "plant9/mixing0/failure";
        Path recorded = Circuits.record(work, 60, 2);
        Circuits.produce(
                data, CircuitConfig.load(config.resolve("ml/plant9/mixing0.yml")), recorded);
        double[] seconds = new double[command.length];
        try (HubProcess hub = hub().start()) {
            Mqtt5BlockingClient client = connect(hub.mqttPort(), System.nanoTime());
            try (var scores = client.publishes(MqttGlobalPublishFilter.ALL)) {
                client.subscribeWith().topicFilter(MACHINE + "0/_score-failure").send();
                publish(client, "temperature", 0);
                String before = hash(client, scores);
                for (int i = 0; i < seconds.length; i++) {
                    long begin = System.nanoTime();
                    Process order =
                            new ProcessBuilder(
                                            "./uns-hub",
                                            "ml",
                                            "rollback",
                                            model,
                                            "--config",
                                            config.toString(),
                                            "--data-dir",
                                            data.toString())
                                    .inheritIO()
                                    .start();
                    long ended = 0;
                    String now = before;
                    while (now.equals(before)) {
                        LockSupport.parkNanos(20_000_000);
                        if (ended == 0 && !order.isAlive()) {
                            ended = System.nanoTime();
                        }
                        now = hash(client, scores);
                    }
                    long seen = System.nanoTime();
                    order.waitFor();
                    command[i] = ((ended == 0 ? seen : ended) - begin) / 1e9;
                    seconds[i] = (seen - begin) / 1e9;
                    before = now;
                }
            }
            client.disconnect();
        }
        return seconds;
    }

    /** Of the model that scores the next reading. */
    private static String hash(
            Mqtt5BlockingClient client, Mqtt5BlockingClient.Mqtt5Publishes scores)
            throws Exception {
        publish(client, "torque", 0);
        byte[] score =
                scores.receive(LONGEST_START_SECONDS, TimeUnit.SECONDS)
                        .orElseThrow()
                        .getPayloadAsBytes();
        return JSON.readTree(score).at("/score/sha256").asText();
    }

    private static Mqtt5BlockingClient connect(int port, long begin) {
        while (true) {
            try {
                Mqtt5BlockingClient client =
                        Mqtt5Client.builder()
                                .serverHost("127.0.0.1")
                                .serverPort(port)
                                .buildBlocking();
                client.connect();
                return client;
            } catch (RuntimeException e) {
                if (System.nanoTime() - begin > LONGEST_START_SECONDS * 1_000_000_000L) {
                    throw e;
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private static void publish(Mqtt5BlockingClient client, String tag, int machine) {
        String topic = MACHINE + machine + "/" + tag;
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(
                        ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":45,"
                                        + "\"quality\":\"GOOD\",\"units\":\"1\","
                                        + "\"sourceSystem\":\"bench\",\"lineageVersion\":\"1.0.0\","
                                        + "\"schemaVersion\":\"1.0\"}")
                                .formatted(UUID.randomUUID(), Instant.now(), topic)
                                .getBytes(UTF_8))
                .send();
    }

    /** Milliseconds that {@code POST predict} takes from when it was due, sorted. */
    double[] predictMillis(int rate) throws Exception {
        models(1);
        try (HubProcess hub = hub().with("quarkus.log.level", "WARN").start()) {
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:%d/api/v1/inference/predict"
                                                    .formatted(hub.port("quarkus.http.port"))))
                            .header("Content-Type", "application/json")
                            .header(
                                    "Authorization",
                                    "Bearer " + Files.readString(data.resolve("inference-token")))
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            "{\"model\":\"plant9/mixing0/failure\",\"instances\":"
                                                    + "[{\"temperature\":85,\"torque\":45,"
                                                    + "\"temperature_mean_10m\":85}]}"))
                            .build();
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            ask(client, request, rate);
            return ask(client, request, rate);
        }
    }

    private static double[] ask(HttpClient client, HttpRequest request, int rate) {
        int questions = rate * SECONDS;
        double[] millis = new double[questions];
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < questions; i++) {
            int at = i;
            long due = begin + i * 1_000_000_000L / rate;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            answers.add(
                    client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                            .thenAccept(
                                    answer -> {
                                        if (answer.statusCode() != 200) {
                                            throw new IllegalStateException(answer.body());
                                        }
                                        millis[at] = (System.nanoTime() - due) / 1e6;
                                    }));
        }
        answers.forEach(CompletableFuture::join);
        Arrays.sort(millis);
        return millis;
    }

    /** A hub with a model for each of ten machines in a hundred: ten inputs and one score each. */
    HubProcess scoringTenth() throws Exception {
        StringBuilder inputs = new StringBuilder();
        StringBuilder features = new StringBuilder();
        StringBuilder csv = new StringBuilder("unit,time,failed");
        for (int tag = 0; tag < 10; tag++) {
            inputs.append("  t%d: tag-%d%n".formatted(tag, tag));
            features.append("  - {of: t%d, as: mean, over: 10s}%n".formatted(tag));
            csv.append(",t").append(tag);
        }
        for (int row = 0; row < 400; row++) {
            csv.append("%n%d,0,%d".formatted(row, row % 2));
            for (int tag = 0; tag < 10; tag++) {
                csv.append(',').append(row % 2 * 10 + tag + row % 7);
            }
        }
        String yaml =
                """
                plant_id: plant9
                circuit_id: tenth
                model: failure
                version: 1.0.0
                environment_version: "1"
                equipment: acme/+/area1/line1/cell0/+
                inputs:
                %strigger: t9
                features:
                %stask: classification
                target: failed
                positive: "1"
                algorithm: cart
                """
                        .formatted(inputs, features);
        Path file = config.resolve("ml/plant9/tenth.yml");
        Files.createDirectories(file.getParent());
        Files.writeString(file, yaml);
        Path recorded = Files.writeString(work.resolve("tenth.csv"), csv);
        Circuits.produce(data, CircuitConfig.load(file), recorded);
        return hub().with("unshub.status-interval", "1s");
    }
}
