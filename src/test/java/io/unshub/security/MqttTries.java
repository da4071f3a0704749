package io.unshub.security;

import static io.unshub.security.Target.CELL;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.net.ssl.SSLSocket;

/** Attempts of who may connect, or comes to the plain listener, to get what is not theirs. */
final class MqttTries extends Tries {

    private static final int CONNACK = 0x20;

    private final Target target;

    MqttTries(Target target) {
        this.target = target;
        on(
                Attempt.MQTT_PLAIN_LISTENER,
                () -> {
                    Mqtt5Client.builder()
                            .identifier("pump-02")
                            .serverHost("127.0.0.1")
                            .serverPort(target.hub().mqttPort())
                            .buildBlocking()
                            .connect();
                    return false;
                });
        on(Attempt.MQTT_NO_ROLE, () -> as("nobody", client -> {}));
        on(
                Attempt.MQTT_CLIENT_ID_TAKEOVER,
                () -> {
                    target.client("pump-01", target.certificates().ssl("pump-02")).connect();
                    return false;
                });
        on(Attempt.MQTT_PUBLISH_OUTSIDE, () -> publishes("pump-02", CELL + "pump-01/tag0", false));
        on(Attempt.MQTT_PUBLISH_RETAINED, () -> publishes("pump-02", CELL + "pump-01/tag0", true));
        on(Attempt.MQTT_PUBLISH_SYS, () -> publishes("pump-02", "$SYS/broker/uptime", false));
        on(Attempt.MQTT_PUBLISH_HUB, () -> publishes("ann", "_hub/alarm/fire", false));
        on(Attempt.MQTT_PUBLISH_NAMESPACE, () -> publishes("ann", "_other/plant1/x", false));
        on(
                Attempt.MQTT_WILL,
                () -> {
                    target.client("pump-02")
                            .connectWith()
                            .willPublish()
                            .topic(CELL + "pump-01/tag0")
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload(new byte[0])
                            .applyWillPublish()
                            .send();
                    return false;
                });
        on(Attempt.MQTT_SUBSCRIBE_OUTSIDE, () -> subscribes("pump-02", CELL + "pump-01/tag0"));
        on(Attempt.MQTT_SUBSCRIBE_WILDCARD, () -> subscribes("spark", "#"));
        on(Attempt.MQTT_SUBSCRIBE_SHARED, () -> subscribes("spark", "$share/group/+/plant1/#"));
        on(Attempt.MQTT_SUBSCRIBE_SYS, () -> subscribes("ann", "$SYS/#"));
        on(Attempt.MQTT_SUBSCRIBE_BUFFER, () -> subscribes("ann", "$hub/lane/00"));
        on(
                Attempt.MQTT_TOO_MANY_TOPICS,
                () ->
                        as(
                                "pump-02",
                                client ->
                                        IntStream.rangeClosed(0, Target.TOPICS)
                                                .mapToObj(
                                                        i -> sent(client, CELL + "pump-02/tag" + i))
                                                .toList()
                                                .forEach(CompletableFuture::join)));
        on(
                Attempt.MQTT_TOO_MANY_SUBSCRIPTIONS,
                () ->
                        as(
                                "spark",
                                client -> {
                                    for (int i = 0; i <= Target.SUBSCRIPTIONS; i++) {
                                        subscribe(client, CELL + "none/tag" + i);
                                    }
                                }));
        on(Attempt.MQTT_OVERSIZE, () -> oversize(MqttVersion.MQTT_5, Attempt.MQTT_OVERSIZE));
        on(
                Attempt.MQTT_OVERSIZE_3_1_1,
                () -> oversize(MqttVersion.MQTT_3_1_1, Attempt.MQTT_OVERSIZE_3_1_1));
        on(Attempt.MQTT_BROWSER, this::browser);
        on(
                Attempt.MQTT_SECOND_CONNECT,
                () ->
                        ended(
                                Attempt.MQTT_SECOND_CONNECT,
                                Packet.connect(MqttVersion.MQTT_3_1_1, "pump-02")));
        on(
                Attempt.MQTT_LOG_INJECTION,
                () ->
                        ended(
                                        Attempt.MQTT_LOG_INJECTION,
                                        Packet.publish(
                                                MqttVersion.MQTT_3_1_1,
                                                "acme/x\r\n" + HttpTries.FORGED + "\u001b[2J",
                                                MqttQoS.AT_LEAST_ONCE,
                                                new byte[0]))
                                && !HttpTries.isForged(target));
    }

    private interface Doing {
        void with(Mqtt5BlockingClient client);
    }

    private boolean as(String name, Doing doing) throws Exception {
        Mqtt5BlockingClient client = target.client(name);
        client.connect();
        try {
            doing.with(client);
        } finally {
            if (client.getState().isConnected()) {
                client.disconnect();
            }
        }
        return false;
    }

    private boolean publishes(String who, String topic, boolean retain) throws Exception {
        return as(who, client -> publish(client, topic, retain));
    }

    private boolean subscribes(String who, String filter) throws Exception {
        return as(who, client -> subscribe(client, filter));
    }

    private static CompletableFuture<?> sent(Mqtt5BlockingClient client, String topic) {
        return client.toAsync()
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(Target.envelope(topic).getBytes(UTF_8))
                .send();
    }

    private static void publish(Mqtt5BlockingClient client, String topic, boolean retain) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(retain)
                .payload(Target.envelope(topic).getBytes(UTF_8))
                .send();
    }

    private static void subscribe(Mqtt5BlockingClient client, String filter) {
        client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    /** More than the client's own library would send. */
    private boolean oversize(MqttVersion version, Attempt attempt) throws Exception {
        return ended(
                attempt,
                version,
                Packet.publish(
                        version,
                        CELL + "pump-02/large",
                        MqttQoS.AT_LEAST_ONCE,
                        new byte[Target.PACKET_BYTES]));
    }

    private boolean ended(Attempt attempt, byte[] packet) throws Exception {
        return ended(attempt, MqttVersion.MQTT_3_1_1, packet);
    }

    /** Whether the hub ends a connection, that it had taken, because of a packet. */
    private boolean ended(Attempt attempt, MqttVersion version, byte[] packet) throws Exception {
        try (SSLSocket socket =
                target.tlsSocket(target.certificates().context("pump-02"), attempt.ordinal())) {
            socket.getOutputStream().write(Packet.connect(version, "pump-02"));
            InputStream in = socket.getInputStream();
            if (in.read() != CONNACK) {
                throw new IOException("the client was not taken");
            }
            in.skipNBytes(in.read());
            socket.getOutputStream().write(packet);
            byte[] answer = rest(in);
            // nothing, or a DISCONNECT
            return answer.length == 0 || (answer[0] & 0xF0) == 0xE0;
        }
    }

    /** A page in a browser of this machine, which asks the plain listener for a WebSocket. */
    private boolean browser() throws IOException {
        try (Socket socket =
                Target.socket(target.hub().mqttPort(), Attempt.MQTT_BROWSER.ordinal())) {
            socket.getOutputStream()
                    .write(
                            """
                            GET / HTTP/1.1\r
                            Host: localhost\r
                            Upgrade: websocket\r
                            Connection: Upgrade\r
                            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                            Sec-WebSocket-Protocol: mqtt\r
                            Sec-WebSocket-Version: 13\r
                            \r
                            """
                                    .getBytes(UTF_8));
            return rest(socket.getInputStream()).length == 0;
        }
    }

    /** What comes until the hub ends the connection. */
    static byte[] rest(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // reset: ended, too
        }
        return all.toByteArray();
    }
}
