package io.unshub.security;

import static io.unshub.security.Target.CELL;

import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * Edited packets of MQTT 3.1.1 and 5, each on a connection of its own, so that the hub looks at
 * every one: before CONNECT, as the CONNECT, and after it, by a client with a certificate and a
 * role; and on the plain listener, by anyone. What is still valid after the edits is taken as it
 * is: the client may no more with it than without.
 */
final class FuzzTries extends Tries {

    private static final String OWN = CELL + "fuzz-01/";
    private static final int THREADS = 3;
    private static final int ADDRESSES = 4_000;
    private static final int FIRST_ADDRESS = 10_000;

    private final Target target;
    private final long seed;
    private final AtomicInteger addresses = new AtomicInteger();

    private interface Sender {
        void send(Random random) throws IOException;
    }

    /**
     * @param packets how many in all
     * @param seed of what is done to them
     */
    FuzzTries(Target target, int packets, long seed) throws Exception {
        this.target = target;
        this.seed = seed;
        SSLContext tls = target.certificates().context("fuzz-01");
        on(
                Attempt.MQTT_FUZZ_BEFORE_CONNECT,
                () -> fuzz(packets / 100, random -> overTls(tls, mutated(random))));
        on(
                Attempt.MQTT_FUZZ_CONNECT,
                () ->
                        fuzz(
                                packets / 100,
                                random ->
                                        overTls(
                                                tls,
                                                Packet.mutated(
                                                        random,
                                                        Packet.connect(
                                                                version(random), "fuzz-01")))));
        on(
                Attempt.MQTT_FUZZ_AFTER_CONNECT,
                () ->
                        fuzz(
                                packets / 20,
                                random -> {
                                    MqttVersion version = version(random);
                                    overTls(
                                            tls,
                                            joined(
                                                    Packet.connect(
                                                            version,
                                                            "fuzz-01/" + random.nextInt(20)),
                                                    Packet.mutated(
                                                            random,
                                                            Packet.any(
                                                                    random, version, "fuzz-01",
                                                                    OWN))));
                                }));
        on(
                Attempt.MQTT_FUZZ_PLAIN,
                () -> fuzz(packets - packets / 100 * 2 - packets / 20, this::plainly));
    }

    private static MqttVersion version(Random random) {
        return random.nextBoolean() ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1;
    }

    private static byte[] mutated(Random random) {
        return Packet.mutated(random, Packet.any(random, version(random), "fuzz-01", OWN));
    }

    private void plainly(Random random) throws IOException {
        byte[] packet =
                random.nextBoolean()
                        ? mutated(random)
                        : Packet.mutated(random, Packet.connect(version(random), "fuzz-01"));
        try (Socket socket = Target.socket(target.hub().mqttPort(), address())) {
            exchange(socket, packet);
        }
    }

    private void overTls(SSLContext tls, byte[] packet) throws IOException {
        try (Socket socket = target.tlsSocket(tls, address())) {
            exchange(socket, packet);
        }
    }

    /** Sends all that there is, and reads until the hub ends it. */
    private static void exchange(Socket socket, byte[] packet) {
        try {
            socket.setSoTimeout(15_000);
            socket.getOutputStream().write(packet);
            socket.shutdownOutput();
            MqttTries.rest(socket.getInputStream());
        } catch (SocketTimeoutException e) {
            throw new IllegalStateException("the hub leaves a connection open that has ended", e);
        } catch (IOException e) {
            // it was quicker
        }
    }

    private int address() {
        return FIRST_ADDRESS + addresses.getAndIncrement() % ADDRESSES;
    }

    /** Whether the hub is still there when all were sent. */
    private boolean fuzz(int packets, Sender sender) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> parts = new ArrayList<>();
            for (int part = 0; part < THREADS; part++) {
                Random random = new Random(seed + part);
                int share = packets * (part + 1) / THREADS - packets * part / THREADS;
                parts.add(threads.submit(each(share, random, sender)));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } finally {
            threads.shutdownNow();
        }
        return target.hub().get("ledger").path("findings").isArray();
    }

    private static Callable<Void> each(int packets, Random random, Sender sender) {
        return () -> {
            for (int i = 0; i < packets; i++) {
                sender.send(random);
            }
            return null;
        };
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
