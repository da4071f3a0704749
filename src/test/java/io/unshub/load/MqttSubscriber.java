package io.unshub.load;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.BufferedWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A plain subscriber in a process of its own: {@code MqttSubscriber PORT FILTER FILE}. Writes a
 * line per message: topic and payload, tab-separated; prints {@code subscribed} once it listens.
 */
public final class MqttSubscriber {

    private MqttSubscriber() {}

    /** Receives until the process is ended. */
    public static void main(String[] args) throws Exception {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(Integer.parseInt(args[0]))
                        .buildBlocking();
        client.connect();
        try (var received = client.publishes(MqttGlobalPublishFilter.ALL);
                BufferedWriter out = Files.newBufferedWriter(Path.of(args[2]))) {
            client.subscribeWith().topicFilter(args[1]).qos(MqttQos.AT_LEAST_ONCE).send();
            System.out.println("subscribed");
            while (true) {
                var message = received.receive();
                out.write(message.getTopic().toString());
                out.write('\t');
                out.write(new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
                out.write('\n');
                out.flush();
            }
        }
    }
}
