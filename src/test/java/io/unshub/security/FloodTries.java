package io.unshub.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Attempts to take the room or the time of others. */
final class FloodTries extends Tries {

    private static final int PAUSE_MILLIS = 30;
    private static final int DRIP_MILLIS = 250;

    private final Target target;
    private final String key;
    private final int sockets;

    /**
     * @param key may post readings
     * @param sockets how many at a time where many are needed; fewer than one address may have
     */
    FloodTries(Target target, String key, int sockets) {
        this.target = target;
        this.key = key;
        this.sockets = sockets;
        on(Attempt.FLOOD_HALF_OPEN, this::halfOpen);
        on(
                Attempt.FLOOD_SLOW_HANDSHAKE,
                () -> {
                    try (Socket socket = socket(Attempt.FLOOD_SLOW_HANDSHAKE)) {
                        // a record of 16 kB that never comes
                        return drips(
                                socket, new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x3f, (byte) 0xfc, 3});
                    }
                });
        on(
                Attempt.FLOOD_SLOW_CONNECT,
                () -> {
                    try (Socket socket =
                            target.tlsSocket(
                                    target.certificates().context("pump-02"),
                                    Attempt.FLOOD_SLOW_CONNECT.ordinal())) {
                        return drips(
                                socket,
                                Packet.connect(MqttVersion.MQTT_5, "pump-02/" + "x".repeat(200)));
                    }
                });
        on(Attempt.FLOOD_CONNECTIONS, this::connections);
        on(Attempt.FLOOD_CONNECTION_RATE, this::rate);
        on(Attempt.FLOOD_HTTP_SLOW_BODY, this::slowBody);
    }

    private Socket socket(Attempt attempt) throws IOException {
        return Target.socket(target.tlsPort(), attempt.ordinal());
    }

    /** Says nothing, on many connections; the hub ends all of them. */
    private boolean halfOpen() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < sockets; i++) {
                open.add(socket(Attempt.FLOOD_HALF_OPEN));
                Thread.sleep(PAUSE_MILLIS);
            }
            for (Socket each : open) {
                if (MqttTries.rest(each.getInputStream()).length > 0) {
                    return false;
                }
            }
            return true;
        } finally {
            close(open);
        }
    }

    /** More at a time than one address may have: the last ones are ended at once. */
    private boolean connections() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < Target.PER_ADDRESS + 10; i++) {
                open.add(socket(Attempt.FLOOD_CONNECTIONS));
                Thread.sleep(PAUSE_MILLIS);
            }
            return MqttTries.rest(open.get(open.size() - 1).getInputStream()).length == 0;
        } finally {
            close(open);
        }
    }

    /** More within a second than one address may begin, each ended by its client. */
    private boolean rate() throws IOException {
        int ended = 0;
        for (int i = 0; i < Target.PER_SECOND * 20; i++) {
            try (Socket socket = socket(Attempt.FLOOD_CONNECTION_RATE)) {
                socket.setSoTimeout(1);
                ended += socket.getInputStream().read() < 0 ? 1 : 0;
            } catch (IOException e) {
                // still open, or reset
                ended += e instanceof java.net.SocketTimeoutException ? 0 : 1;
            }
        }
        return ended > 0;
    }

    private boolean slowBody() throws Exception {
        try (Socket socket =
                Target.socket(target.httpPort(), Attempt.FLOOD_HTTP_SLOW_BODY.ordinal())) {
            socket.getOutputStream()
                    .write(
                            "POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
                                    .formatted(key)
                                    .getBytes(UTF_8));
            return drips(socket, new byte[1_000]);
        }
    }

    /** Whether the hub ends the connection before all has dripped in. */
    private static boolean drips(Socket socket, byte[] bytes) throws Exception {
        OutputStream out = socket.getOutputStream();
        Thread drip =
                new Thread(
                        () -> {
                            try {
                                for (byte each : bytes) {
                                    out.write(each);
                                    out.flush();
                                    Thread.sleep(DRIP_MILLIS);
                                }
                            } catch (IOException | InterruptedException e) {
                                // ended
                            }
                        },
                        "drip");
        drip.setDaemon(true);
        drip.start();
        MqttTries.rest(socket.getInputStream());
        drip.interrupt();
        return true;
    }

    private static void close(List<Socket> open) throws IOException {
        for (Socket each : open) {
            each.close();
        }
    }
}
