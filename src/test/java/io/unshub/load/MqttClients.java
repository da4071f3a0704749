package io.unshub.load;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.unshub.pki.ClientKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Clients of a hub's broker. */
public final class MqttClients {

    private MqttClients() {}

    /** Hears all readings from now on, until it is closed. */
    public static AutoCloseable hear(int port, Consumer<Mqtt5Publish> heard) {
        Mqtt5AsyncClient client =
                Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildAsync();
        client.connect().join();
        client.subscribeWith()
                .topicFilter("acme/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(heard)
                .send()
                .join();
        return client::disconnect;
    }

    /** One with the certificate of this name, not yet connected. */
    public static Mqtt5BlockingClient withCertificate(int port, Path folder, String name)
            throws IOException {
        ClientKeys keys = ClientKeys.of(folder, name);
        return Mqtt5Client.builder()
                .identifier(name)
                .serverHost("localhost")
                .serverPort(port)
                .sslConfig()
                .keyManagerFactory(keys.keys())
                .trustManagerFactory(keys.trust())
                .applySslConfig()
                .buildBlocking();
    }
}
