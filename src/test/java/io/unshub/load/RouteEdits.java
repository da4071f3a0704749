package io.unshub.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.unshub.route.Patterns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;

/**
 * A route of the plant's own whose file is edited while the hub runs. It publishes each reading of
 * a plant as {@code _edited-TAG}, with the number of its version as lineageVersion; a subscriber
 * sees when the first one of a version comes.
 */
public final class RouteEdits implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ID = "edited";

    private final Path aside;
    private final Path file;
    private final String text;
    private final Mqtt5AsyncClient client;
    private final Map<String, Long> firsts = new ConcurrentHashMap<>();
    private int version;

    /**
     * @param hub that runs
     * @param config its configuration
     * @param plant whose readings the route takes
     */
    public RouteEdits(HubProcess hub, Path config, String plant) throws IOException {
        file = Files.createDirectories(config.resolve("routes")).resolve(ID + ".yaml");
        aside = config.resolve(ID + ".edited");
        text =
                Patterns.start("normalizer", ID)
                        .orElseThrow()
                        .replaceFirst("topics: \\S+", "topics: acme/" + plant + "/#")
                        .replace("units: Cel", "units: \"1\"")
                        .replaceFirst(
                                "tag: \\S+",
                                "tag: _edited-{tag}\n              lineageVersion: \"V\"");
        client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(hub.mqttPort())
                        .buildAsync();
        client.connect().join();
        client.subscribeWith()
                .topicFilter("acme/" + plant + "/#")
                .qos(MqttQos.AT_MOST_ONCE)
                .callback(this::received)
                .send()
                .join();
    }

    private void received(Mqtt5Publish reading) {
        long now = System.nanoTime();
        if (!reading.getTopic().toString().contains("/_edited-")) {
            return;
        }
        try {
            firsts.putIfAbsent(
                    JSON.readTree(reading.getPayloadAsBytes()).path("lineageVersion").asText(),
                    now);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the next version into the folder. */
    public void edit() throws IOException {
        version++;
        Files.writeString(aside, text.replace("\"V\"", "\"" + version + "\""));
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Does so under load, and returns after how many seconds the first of its readings came. */
    public double secondsOfAnEdit(Duration limit) throws IOException {
        long begin = System.nanoTime();
        edit();
        Long first =
                Awaitility.await("a reading of version " + version)
                        .atMost(limit)
                        .until(() -> firsts.get(Integer.toString(version)), each -> each != null);
        return (first - begin) / 1e9;
    }

    @Override
    public void close() {
        client.disconnect();
    }
}
