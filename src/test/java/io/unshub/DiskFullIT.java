package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.unshub.drill.FarSideProcess;
import io.unshub.drill.LoadGenerator;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Another program fills the hub's volume while publishers go on; then there is room again. Needs
 * the right to mount a small volume in a namespace of its own.
 */
class DiskFullIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    // the hub under a supervisor, another program, and the ledger as it is seen on that volume
    private static final String ON_A_SMALL_VOLUME =
            """
            mount -t tmpfs -o size=300m tmpfs volume || exit 1
            (while [ ! -e end ]; do
                "$1" run --profile demo >> hub.log 2>&1
                echo "ended with $?" >> hub.log
            done) &
            until [ -e fill ]; do sleep 0.1; done
            [ -e room ] || cat /dev/zero > volume/other 2> /dev/null
            until [ -e room ]; do sleep 0.1; done
            rm -f volume/other
            until [ -e end ]; do
                JAVA_OPTS= "$1" ledger --url "$2" --data volume/data > ledger.new 2>&1
                mv ledger.new ledger.txt
                sleep 1
            done
            """;

    private final Path work = TestFolders.fresh("disk-full");
    private final Path acknowledged = work.resolve("acknowledged.txt");
    private int port;
    private int mqtt;
    private Process volume;

    @Test
    void losesNothingWhenTheDiskIsFullAndGoesOnWhenThereIsRoom() throws Exception {
        // without a reserve the hub meets the failing write and cannot stop before it
        open("-Dunshub.buffer.max-volume-percent=100", "-Dunshub.buffer.reserve-bytes=0");
        try (JavaProcess publisher = publisher("--payload-bytes=5000")) {
            await().atMost(LONG).until(() -> lines(acknowledged).size() >= 2_000);
            Files.createFile(work.resolve("fill"));
            await().atMost(LONG).until(() -> hubSaid("the disk refused a write"));
            await().atMost(LONG).until(() -> hubSaid("it starts as soon as there is room"));
            int before = lines(acknowledged).size();
            Files.createFile(work.resolve("room"));
            await().atMost(LONG).until(() -> lines(acknowledged).size() > before);
            publisher.await(LONG.toSeconds());
            assertThat(lines(work.resolve("hub.log"))).contains("ended with 3");

            assertDrained();
        }
    }

    @Test
    void neverFillsTheVolumeByItselfAndStartsAndDrainsWithAFullBuffer() throws Exception {
        Files.createFile(work.resolve("room"));
        Files.createFile(work.resolve("fill"));
        open();
        try (JavaProcess publisher = publisher("--payload-bytes=50000")) {
            await().atMost(LONG).until(() -> hubSaid("the buffer is full"));
            volume.descendants()
                    .filter(each -> each.info().command().orElse("").endsWith("java"))
                    .forEach(ProcessHandle::destroyForcibly);
            await().atMost(LONG).until(() -> hubSaid("ended with"));
            publisher.await(LONG.toSeconds());

            assertDrained();
            assertThat(hubSaid("it starts as soon as there is room")).isFalse();
            assertThat(hubSaid("the disk refused a write")).isFalse();
        }
    }

    @AfterEach
    void close() throws Exception {
        if (volume != null) {
            Files.createFile(work.resolve("end"));
            volume.descendants().forEach(ProcessHandle::destroyForcibly);
            volume.destroyForcibly();
        }
    }

    private void assertDrained() throws Exception {
        try (JavaProcess farSide =
                JavaProcess.start(
                        work.resolve("far-side.log"),
                        FarSideProcess.class,
                        "--port=" + port,
                        "--data=" + work.resolve("far-side"))) {
            Path ledger = work.resolve("ledger.txt");
            await().atMost(LONG).until(() -> lines(ledger).toString().contains(" buffered 0 "));
            assertThat(lines(ledger)).last().isEqualTo("balanced");
            Set<String> missing = new HashSet<>();
            lines(acknowledged).forEach(line -> missing.add(line.split("\t")[0]));
            for (String[] event :
                    EventHubsRead.all(
                            FarSideProcess.connectionString(port),
                            work.resolve("events"),
                            missing.size())) {
                missing.remove(EventHubsRead.body(event).path("messageId").asText());
            }
            assertThat(missing).as("acknowledged, but not at Event Hubs").isEmpty();
        }
    }

    private void open(String... settings) throws Exception {
        assumeThat(mayMount()).isTrue();
        Files.createDirectories(work.resolve("volume"));
        port = HubProcess.freePort();
        mqtt = HubProcess.freePort();
        int http = HubProcess.freePort();
        ProcessBuilder builder =
                new ProcessBuilder(
                                "unshare",
                                "-rm",
                                "sh",
                                "-c",
                                ON_A_SMALL_VOLUME,
                                "sh",
                                Path.of("uns-hub").toAbsolutePath().toString(),
                                "http://127.0.0.1:" + http)
                        .directory(work.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(work.resolve("volume.log").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment()
                .put(
                        "JAVA_OPTS",
                        String.join(
                                " ",
                                "-Dunshub.data-dir=" + work.resolve("volume/data").toAbsolutePath(),
                                "-Dunshub.config-dir=" + Path.of("config").toAbsolutePath(),
                                "-Dunshub.simulator.enabled=false",
                                "-Dunshub.eventhubs.local.enabled=false",
                                "-Dunshub.eventhubs.connection-string="
                                        + FarSideProcess.connectionString(port),
                                "-Dunshub.mqtt.port=" + mqtt,
                                "-Dquarkus.http.port=" + http,
                                String.join(" ", settings)));
        volume = builder.start();
    }

    private JavaProcess publisher(String payload) throws IOException {
        await().atMost(LONG).until(() -> hubSaid("Ctrl-C stops it"));
        return JavaProcess.start(
                work.resolve("publisher.log"),
                LoadGenerator.class,
                "--port=" + mqtt,
                "--topics=50",
                "--rate=400",
                "--seconds=30",
                payload,
                "--in-flight=200",
                "--session",
                "--ack-file=" + acknowledged);
    }

    private boolean hubSaid(String words) throws IOException {
        return lines(work.resolve("hub.log")).stream().anyMatch(line -> line.contains(words));
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static boolean mayMount() throws InterruptedException {
        try {
            return new ProcessBuilder("unshare", "-rm", "true").start().waitFor() == 0;
        } catch (IOException e) {
            // no such program here
            return false;
        }
    }
}
