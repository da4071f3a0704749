package io.unshub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import io.unshub.load.HubProcess;
import io.unshub.load.MqttClients;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Pki;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The incident of {@code docs/security/audit.md}, with the page's own commands. */
class IncidentIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final String CELL = "acme/plant1/packaging/line1/cell1/";
    private static final String PUMP = "CN=pump-01,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme";

    private final Path work = TestFolders.fresh("incident");
    private final Path config = TestFolders.config(work.resolve("config"));
    private final Path folder = config.resolve("security/pki");
    private final List<String> commands = commands();
    private int next;

    private static List<String> commands() {
        try {
            String page = Files.readString(Path.of("docs/security/audit.md"));
            return page.substring(page.indexOf("## One incident"))
                    .lines()
                    .filter(line -> line.startsWith("        "))
                    .map(String::strip)
                    .filter(not(String::isEmpty))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the page's next command, in a shell, where config/ and data/ are. */
    private HubProcess.Result next(String begin) throws Exception {
        assertThat(commands.get(next)).startsWith(begin);
        ProcessBuilder shell =
                new ProcessBuilder("sh", "-c", commands.get(next++)).directory(work.toFile());
        String here = Path.of("").toAbsolutePath().toString();
        shell.environment().merge("PATH", here, (path, more) -> more + File.pathSeparator + path);
        return HubProcess.Result.of(shell, "");
    }

    @Test
    void isFoundEndedAndProvedByTheCommandsOfThePage() throws Exception {
        Pki pki = new Pki(folder, Clock.systemUTC());
        pki.init("acme", YEAR, YEAR, YEAR);
        pki.issue(new Pki.Order(Kind.SERVER, "CN=mqtt", List.of("localhost"), YEAR, false));
        pki.issue(new Pki.Order(Kind.CLIENT, PUMP, List.of(), YEAR, false));
        int port = HubProcess.freePort();
        Path audit = work.resolve("data/audit.ndjson");
        try (HubProcess hub =
                HubProcess.on(work.resolve("data"))
                        .inProfile("prod")
                        .forwardingTo(HubProcess.freePort())
                        .with("unshub.config-dir", config.toString())
                        .with("unshub.mqtt.tls.enabled", "true")
                        .with("unshub.mqtt.tls.host", "127.0.0.1")
                        .with("unshub.mqtt.tls.port", Integer.toString(port))) {
            hub.start();
            Mqtt5BlockingClient thief = MqttClients.withCertificate(port, folder, "pump-01");
            thief.connect();
            assertThat(catchThrowable(() -> publish(thief, "pump-02")))
                    .isInstanceOf(Mqtt5PubAckException.class);
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(audit).content().contains("mqtt-refused"));

            assertThat(next("grep").out())
                    .contains(
                            "\"who\":\"" + PUMP, "\"reason\":\"PUBLISH\"", "127.0.0.1", "pump-02");
            HubProcess.Result explained = next("uns-hub acl explain");
            assertThat(explained.out()).startsWith("no");
            assertThat(explained.exit()).isEqualTo(1);
            assertThat(next("uns-hub pki list").out()).contains(PUMP);

            assertThat(next("uns-hub pki revoke").exit()).isZero();
            await().atMost(LONG).until(() -> !thief.getState().isConnected());
            assertThat(catchThrowable(thief::connect)).isNotNull();
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(audit).content().contains("CERTIFICATE_REVOKED"));
            assertThat(next("grep").out()).contains("\"outcome\":\"in force\"");
            assertThat(next("grep").out()).contains("\"who\":\"" + PUMP, "127.0.0.1");

            assertThat(next("uns-hub pki issue").exit()).isZero();
            Mqtt5BlockingClient pump = MqttClients.withCertificate(port, folder, "pump-01");
            pump.connect();
            publish(pump, "pump-01");

            HubProcess.Result verified = next("uns-hub audit verify");
            assertThat(verified.out()).containsPattern("[0-9a-f]{64}");
            assertThat(verified.exit()).isZero();
            assertThat(next).isEqualTo(commands.size());
            hub.interrupt();
            assertThat(audit).content().contains("\"action\":\"start\"", "\"action\":\"stop\"");
        }
    }

    private static void publish(Mqtt5BlockingClient client, String equipment) {
        client.publishWith()
                .topic(CELL + equipment + "/temperature")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{}".getBytes(UTF_8))
                .send();
    }
}
