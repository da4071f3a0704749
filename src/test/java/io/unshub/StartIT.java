package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.load.HubProcess;
import io.unshub.ops.Metric;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a user sees when the hub starts, stops, or will not start. */
class StartIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work = TestFolders.fresh("start");

    @Test
    void namesThePortThatIsTakenAndItsKey() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                HubProcess hub =
                        HubProcess.on(work.resolve("data"))
                                .with("unshub.mqtt.port", "" + taken.getLocalPort())) {
            assertThat(hub.launch().awaitExit()).isEqualTo(2);
            assertThat(hub.lines())
                    .containsExactly(
                            "uns-hub: port "
                                    + taken.getLocalPort()
                                    + " for MQTT is taken; stop the program that has it or set"
                                    + " unshub.mqtt.port");
        }
    }

    @Test
    void namesADataFolderThatCannotBeWritten() throws Exception {
        Path file = Files.writeString(work.resolve("a-file"), "in the way");
        try (HubProcess hub = HubProcess.on(file)) {
            assertThat(hub.launch().awaitExit()).isEqualTo(2);
            assertThat(hub.lines()).hasSize(1);
            assertThat(hub.lines().get(0))
                    .startsWith("uns-hub: the data folder " + file + " cannot be written (")
                    .endsWith("or set unshub.data-dir");
        }
    }

    @Test
    void refusesAJavaThatIsTooOld() throws Exception {
        Path bin = Files.createDirectories(work.resolve("old-java/bin"));
        Files.writeString(
                bin.resolve("java"), "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019' >&2\n");
        Files.setPosixFilePermissions(
                bin.resolve("java"), PosixFilePermissions.fromString("rwxr-xr-x"));
        for (List<String> command : List.of(List.of("./uns-hub", "run"), List.of("make", "run"))) {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("JAVA_HOME", bin.getParent().toString());

            HubProcess.Result result = HubProcess.Result.of(builder, "");

            assertThat(result.exit()).isEqualTo(2);
            assertThat(result.err())
                    .contains(
                            "uns-hub: Java 11 at "
                                    + bin
                                    + "/java is too old; install a JDK 17 or newer, or set"
                                    + " JAVA_HOME");
        }
    }

    @Test
    void refusesPlainTextOutsideTheDemo() throws Exception {
        HubProcess.Result result = HubProcess.Result.of(new ProcessBuilder("./uns-hub", "run"), "");

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo(
                        "uns-hub: outside the demo profile MQTT needs TLS and client certificates; set unshub.mqtt.tls.enabled=true, see docs/security/mqtt.md, or start with --profile demo, on loopback\n");
    }

    @Test
    void refusesAnExternalBrokerThatCannotBeMeant() throws Exception {
        try (HubProcess hub =
                HubProcess.on(work.resolve("data")).with("unshub.external.host", "localhost")) {
            hub.with("unshub.external.topics", "acme/#/filler");
            assertThat(hub.launch().awaitExit()).isEqualTo(2);
            assertThat(hub.lines().get(0)).contains("unshub.external.topics: ", "acme/#/filler");

            hub.with("unshub.external.topics", "acme/#")
                    .with("unshub.external.port", Integer.toString(hub.mqttPort()));
            assertThat(hub.launch().awaitExit()).isEqualTo(2);
            assertThat(hub.lines().get(0)).contains("name this hub's own broker");
        }
    }

    @Test
    void namesFileLineAndTagOfABrokenBinding() throws Exception {
        Path config = TestFolders.config(work.resolve("config"));
        Path tags = config.resolve("tags/plant1-scada.yaml");
        List<String> lines = Files.readAllLines(tags);
        int topic = 0;
        while (!lines.get(topic).contains("- topic: acme/plant1/")) {
            topic++;
        }
        lines.set(topic, lines.get(topic).replaceFirst("acme/plant1/", "acme/"));
        Files.write(tags, lines);
        try (HubProcess hub =
                HubProcess.on(work.resolve("data")).with("unshub.config-dir", config.toString())) {
            assertThat(hub.launch().awaitExit()).isEqualTo(2);
            assertThat(hub.lines().get(0))
                    .contains("plant1-scada.yaml:" + (topic + 1) + ": tag acme/")
                    .contains("topic has 6 levels, needs 7");
        }
    }

    @Test
    void forwardsWithinTheFirstSecondsAndCarriesOnAfterCtrlC() throws Exception {
        Path data = work.resolve("data");
        try (HubProcess hub = HubProcess.on(data).with("unshub.status-interval", "500ms")) {
            hub.start();
            hub.awaitLine("accepted .*  forwarded [1-9].*", LONG);
            assertThat(hub.lines()).filteredOn(line -> line.startsWith("  MQTT ")).hasSize(1);
            assertListensOnLoopbackOnly(hub.pid());
            assertThat(health(hub, "live")).containsOnlyKeys("process");
            assertThat(health(hub, "started")).containsOnlyKeys("routes");
            assertThat(health(hub, "ready")).containsOnlyKeys("takes-readings", "condition");
            assertShowsTheCatalogue(hub.metrics());
            try (HubProcess second =
                    HubProcess.on(data).with("unshub.simulator.enabled", "false")) {
                assertThat(second.launch().awaitExit()).isEqualTo(2);
                assertThat(second.lines().get(0)).contains("is in use by another hub");
            }
            hub.interrupt();
            assertThat(hub.lines()).last().isEqualTo("stopped");
            assertThat(hub.lines()).noneMatch(line -> line.contains("ERROR"));

            hub.with("unshub.simulator.enabled", "false").launch();
            awaitReadyAndStarted(hub);

            assertThat(hub.lines()).noneMatch(line -> line.contains("ERROR"));
            assertThat(health(hub, "ready").get("condition"))
                    .as("the plant is away: degraded, and not down")
                    .containsEntry("degraded", true)
                    .containsEntry("connection-plant1-scada", "does not answer");
            assertThat(hub.ledger().path("total").path("forwarded").asLong()).isPositive();
            assertThat(hub.ledger().path("balanced").asBoolean()).isTrue();
        }
    }

    @Test
    void printsTheLedgerAndSaysWhenNoHubAnswers() throws Exception {
        try (HubProcess hub =
                HubProcess.on(work.resolve("data")).with("unshub.simulator.enabled", "false")) {
            hub.start();

            HubProcess.Result result = hub.command("ledger");

            assertThat(result.exit()).isZero();
            assertThat(result.out())
                    .contains(
                            "(all): accepted 0 + generated 0 = forwarded 0 + dead-lettered 0 +"
                                    + " buffered 0 + withheld 0 + deduplicated 0 + evicted 0")
                    .endsWith("balanced\n");
            hub.kill9();
            HubProcess.Result alone = hub.command("ledger");
            assertThat(alone.exit()).isEqualTo(2);
            assertThat(alone.err()).startsWith("uns-hub: no hub answers at http://127.0.0.1:");
        }
    }

    @Test
    void validatesAThousandTopicsFromStandardInput() throws Exception {
        StringBuilder topics = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            topics.append("acme/plant1/area1/line1/cell1/machine-").append(i).append("/speed\n");
        }
        ProcessBuilder command = new ProcessBuilder("./uns-hub", "topics", "validate");

        HubProcess.Result good = HubProcess.Result.of(command, topics.toString());
        HubProcess.Result bad = HubProcess.Result.of(command, topics + "acme/plant1\n");

        assertThat(good.exit()).isZero();
        assertThat(good.out().lines()).hasSize(1_000);
        assertThat(bad.exit()).isEqualTo(1);
        assertThat(bad.out().lines().reduce((a, b) -> b).orElseThrow())
                .contains("\"valid\":false", "topic has 2 levels, needs 7");
    }

    /** Asks all the while that it starts, as a supervisor and Prometheus do. */
    private static void awaitReadyAndStarted(HubProcess hub) {
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .ignoreException(ConnectException.class)
                .until(
                        () -> {
                            assertThat(hub.health("live").statusCode()).isEqualTo(200);
                            assertThat(hub.metrics()).contains("unshub_readings_accepted_total ");
                            return hub.health("ready").statusCode() == 200
                                    && hub.health("started").statusCode() == 200;
                        });
        hub.awaitLine("  Ctrl-C stops it.*", LONG);
    }

    /** What each check has to say, by its name; all are up. */
    private static Map<String, Map<String, Object>> health(HubProcess hub, String which)
            throws Exception {
        HttpResponse<String> response = hub.health(which);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Map<String, Map<String, Object>> checks = new TreeMap<>();
        for (JsonNode check : JSON.readTree(response.body()).path("checks")) {
            assertThat(check.path("status").asText()).isEqualTo("UP");
            checks.put(
                    check.path("name").asText(),
                    JSON.convertValue(
                            check.path("data"), new TypeReference<Map<String, Object>>() {}));
        }
        return checks;
    }

    private static void assertShowsTheCatalogue(String metrics) {
        Set<String> shown =
                metrics.lines()
                        .filter(line -> line.startsWith("unshub_"))
                        .map(line -> line.split("[{ ]")[0])
                        .collect(Collectors.toSet());
        Set<String> listed =
                Arrays.stream(Metric.values()).map(Metric::exposed).collect(Collectors.toSet());

        assertThat(listed).containsAll(shown);
        // the others have a series once there is something to tell of
        listed.removeIf(
                name ->
                        name.matches(
                                "unshub_(alarms|authentication_failing|mqtt_mapped_total|subscription_.*|scoring_trial_.*)"));
        assertThat(shown).containsAll(listed);
    }

    private static void assertListensOnLoopbackOnly(long pid) throws Exception {
        HubProcess.Result sockets =
                HubProcess.Result.of(new ProcessBuilder("cat", "/proc/net/tcp"), "");
        HubProcess.Result sockets6 =
                HubProcess.Result.of(new ProcessBuilder("cat", "/proc/net/tcp6"), "");
        HubProcess.Result own =
                HubProcess.Result.of(
                        new ProcessBuilder("sh", "-c", "ls -l /proc/" + pid + "/fd"), "");
        long listeners = 0;
        for (String line : (sockets.out() + sockets6.out()).lines().toList()) {
            String[] columns = line.trim().split("\\s+");
            if (columns.length > 9
                    && columns[3].equals("0A")
                    && own.out().contains("socket:[" + columns[9] + "]")) {
                listeners++;
                assertThat(columns[1])
                        .as("listening address")
                        .matches("0100007F:.*|0{16}FFFF00000100007F:.*|0{24}01000000:.*");
            }
        }
        assertThat(listeners).as("MQTT, HTTP, Event Hubs, OPC UA, Modbus").isEqualTo(5);
    }
}
