package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal whose end is cut off or overwritten, as it lay on disk when the process died. */
class JournalMarkTest {

    private static final long PUBLISHED = 100;

    @TempDir Path work;

    private Path left;

    @BeforeEach
    void dieWithAcknowledgedPublishes() throws Exception {
        left = work.resolve("left");
        int port = freePort();
        Broker broker = new Broker(config(work.resolve("data"), port));
        broker.start();
        Mqtt5BlockingClient client =
                Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildBlocking();
        client.connect();
        for (int i = 0; i < PUBLISHED; i++) {
            client.publishWith()
                    .topic("acme/plant1/area/line/cell/pump/speed")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(("reading " + i).getBytes(UTF_8))
                    .send();
        }
        // what kill -9 leaves behind
        FileUtils.copyDirectory(work.resolve("data").toFile(), left.toFile());
        client.disconnect();
        broker.stop();
    }

    @Test
    void saysNothingOfAJournalThatIsWhole() throws Exception {
        damage((bytes, end) -> bytes);

        start(
                broker -> {
                    assertThat(broker.unreadable()).isEmpty();
                    assertThat(broker.depth(Queues.INGEST)).contains(PUBLISHED);
                });
    }

    @Test
    void goesOnAndSaysThatTheEndIsGone() throws Exception {
        damage((bytes, end) -> Arrays.copyOf(bytes, end - 20));

        start(
                broker -> {
                    assertThat(broker.unreadable())
                            .singleElement()
                            .asString()
                            .startsWith("activemq-data-1.amq: the last ")
                            .endsWith(" are no records");
                    assertThat(broker.depth(Queues.INGEST)).contains(PUBLISHED - 1);
                });
    }

    @Test
    void goesOnAndSaysThatTheLastRecordIsGarbled() throws Exception {
        damage(
                (bytes, end) -> {
                    Arrays.fill(bytes, end - 20, end, (byte) 0x5A);
                    return bytes;
                });

        start(
                broker -> {
                    assertThat(broker.unreadable()).hasSize(1);
                    assertThat(broker.depth(Queues.INGEST)).contains(PUBLISHED - 1);
                });
    }

    @Test
    void findsAHoleInTheMiddle() throws Exception {
        damage(
                (bytes, end) -> {
                    Arrays.fill(bytes, end / 2, end / 2 + 10, (byte) 0x5A);
                    return bytes;
                });

        start(
                broker ->
                        assertThat(broker.unreadable())
                                .singleElement()
                                .asString()
                                .contains(" bytes before byte ", " are no records"));
    }

    @Test
    void missesAFileThatWasTakenAway() throws Exception {
        Files.delete(newest());

        start(
                broker ->
                        assertThat(broker.unreadable())
                                .containsExactly(
                                        "the file that was written last, number 1, is not there"));
    }

    private interface Look {
        void at(Broker broker) throws Exception;
    }

    private void start(Look look) throws Exception {
        Broker broker = new Broker(config(left, freePort()));
        broker.start();
        try {
            look.at(broker);
        } finally {
            broker.stop();
        }
    }

    /** Changes the file that was written last, given its bytes and where they end. */
    private void damage(BiFunction<byte[], Integer, byte[]> how) throws IOException {
        byte[] bytes = Files.readAllBytes(newest());
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        Files.write(newest(), how.apply(bytes, end));
    }

    private Path newest() {
        return left.resolve("journal/activemq-data-1.amq");
    }

    private static BrokerConfig config(Path folder, int port) {
        return new BrokerConfig(folder, "127.0.0.1", port, 65_536, 1L << 30);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
