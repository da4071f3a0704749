package io.unshub.drill;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttTopic;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import io.unshub.pki.ClientKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code uns-hub load}: a publisher in a process of its own, MQTT 5, QoS 1.
 *
 * <p>Writes each acknowledged messageId to a file of its own, synced every 10 ms: the file holds
 * nothing that the broker has not acknowledged. Goes on when the broker dies and comes back; what
 * was not acknowledged is published again only with a session that outlives the connection.
 *
 * <p>The value of a reading is its number within its topic, and the lower half of its messageId is
 * its number within this run, the upper half is random: who has all numbers has all readings.
 */
@Command(
        name = "load",
        description = "Publishes readings at a rate, and keeps the ids of those acknowledged.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "Publishes on acme/NAME/area1/..., on this machine's loopback. With TLS the hub's",
            "certificate needs the name localhost, and the subject with the CN NAME a role."
        })
public final class LoadGenerator implements Callable<Integer> {

    private static final long SESSION_SECONDS = 3_600;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "1883",
            description = "The MQTT port. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "load",
            description = "Client id and plant. Default: ${DEFAULT-VALUE}.")
    private String name;

    @Option(
            names = "--topics",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many topics, in turn. Default: ${DEFAULT-VALUE}.")
    private int topics;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Readings a second; 0 for as many as go. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "30",
            description = "How long. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--payload-bytes",
            paramLabel = "N",
            defaultValue = "300",
            description = "Size of a reading, about. Default: ${DEFAULT-VALUE}.")
    private int payloadBytes;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many may wait for their acknowledgement. Default: ${DEFAULT-VALUE}.")
    private int inFlight;

    @Option(
            names = "--ack-file",
            paramLabel = "FILE",
            description = "Takes messageId, topic and value of each reading acknowledged.")
    private Path ackFile;

    @Option(
            names = "--bad-percent",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "How many of a hundred are broken, in three ways. Default: ${DEFAULT-VALUE}.")
    private int badPercent;

    @Option(names = "--retain", description = "Publishes retained.")
    private boolean retain;

    @Option(
            names = "--session",
            description = "Keeps a session, and publishes again what was not acknowledged.")
    private boolean session;

    @Option(
            names = "--pki",
            paramLabel = "DIR",
            description = "Uses TLS, with what uns-hub pki has issued to NAME in this folder.")
    private Path pki;

    // version 4 in the upper half, its variant in the lower
    private final long run = RandomGenerator.getDefault().nextLong() & ~0xF000L | 0x4000L;

    private final AtomicLong acknowledged = new AtomicLong();
    private final ConcurrentLinkedQueue<String> unwritten = new ConcurrentLinkedQueue<>();
    private long sent;

    /** Publishes for the given time and ends with one line of figures. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new LoadGenerator()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Mqtt5ClientBuilder builder =
                Mqtt5Client.builder()
                        .identifier(name)
                        .serverHost(pki == null ? "127.0.0.1" : "localhost")
                        .serverPort(port)
                        .automaticReconnect()
                        .initialDelay(100, TimeUnit.MILLISECONDS)
                        .maxDelay(500, TimeUnit.MILLISECONDS)
                        .applyAutomaticReconnect();
        if (pki != null) {
            ClientKeys own = ClientKeys.of(pki, name);
            builder =
                    builder.sslConfig()
                            .keyManagerFactory(own.keys())
                            .trustManagerFactory(own.trust())
                            .applySslConfig();
        }
        Mqtt5AsyncClient client = builder.buildAsync();
        client.connectWith()
                .cleanStart(!session)
                .sessionExpiryInterval(session ? SESSION_SECONDS : 0)
                .send()
                .get();
        if (ackFile != null) {
            FileChannel file =
                    FileChannel.open(ackFile, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            Executors.newSingleThreadScheduledExecutor(LoadGenerator::daemon)
                    .scheduleWithFixedDelay(() -> write(file), 10, 10, TimeUnit.MILLISECONDS);
        }
        long start = System.nanoTime();
        publish(client, start);
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "sent %d acknowledged %d seconds %.1f rate %.0f%n",
                sent, acknowledged.get(), elapsed, acknowledged.get() / elapsed);
        return 0;
    }

    private void publish(Mqtt5AsyncClient client, long start) throws InterruptedException {
        MqttTopic[] names = new MqttTopic[topics];
        for (int i = 0; i < topics; i++) {
            // ten tags a machine, ten machines a cell
            names[i] =
                    MqttTopic.of(
                            "acme/%s/area1/line1/cell%d/machine-%d/tag-%d"
                                    .formatted(name, i / 100, i / 10, i % 10));
        }
        Semaphore window = new Semaphore(inFlight);
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            if (rate > 0) {
                pace(start + (long) (sent * 1e9 / rate));
            }
            if (!window.tryAcquire(1, TimeUnit.SECONDS)) {
                continue;
            }
            int topic = (int) (sent % topics);
            long seq = sent / topics;
            sent++;
            String id = new UUID(run, sent | Long.MIN_VALUE).toString();
            client.publishWith()
                    .topic(names[topic])
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(retain)
                    .payload(
                            payload(
                                    id,
                                    names[topic].toString(),
                                    seq,
                                    (sent + seq) % 100 < badPercent))
                    .send()
                    .whenComplete(
                            (result, failure) -> {
                                window.release();
                                if (failure == null && result.getError().isEmpty()) {
                                    acknowledged.incrementAndGet();
                                    if (ackFile != null) {
                                        unwritten.add(id + "\t" + names[topic] + "\t" + seq);
                                    }
                                }
                            });
        }
        window.tryAcquire(inFlight, 20, TimeUnit.SECONDS);
        while (!unwritten.isEmpty()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private byte[] payload(String id, String topic, long seq, boolean bad) {
        StringBuilder text = new StringBuilder(payloadBytes);
        text.append("{\"messageId\":\"").append(id);
        text.append("\",\"tsUtc\":\"").append(Instant.now());
        text.append("\",\"topic\":\"").append(topic);
        text.append("\",\"value\":").append(seq);
        text.append(",\"quality\":\"GOOD\",\"units\":\"1\",\"lineageVersion\":\"1.0.0\"");
        text.append(",\"schemaVersion\":\"1.0\",\"sourceSystem\":\"");
        while (text.length() < payloadBytes - 2) {
            text.append('x');
        }
        String good = text.append("\"}").toString();
        if (!bad) {
            return good.getBytes(US_ASCII);
        }
        String broken =
                switch ((int) (sent % 3)) {
                    case 0 -> good.substring(0, good.length() / 2);
                    case 1 -> good.replace("\"units\"", "\"unit\"");
                    default -> good.replace("GOOD", "good");
                };
        return broken.getBytes(US_ASCII);
    }

    private static void pace(long due) {
        long ahead = due - System.nanoTime();
        if (ahead > 50_000) {
            LockSupport.parkNanos(ahead);
        }
    }

    private void write(FileChannel file) {
        StringBuilder text = new StringBuilder();
        for (String line = unwritten.poll(); line != null; line = unwritten.poll()) {
            text.append(line).append('\n');
        }
        try {
            if (text.length() > 0) {
                file.write(ByteBuffer.wrap(text.toString().getBytes(US_ASCII)));
                file.force(false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "acknowledgements");
        thread.setDaemon(true);
        return thread;
    }
}
