package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.load.HubProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** API keys, headers, limits and TLS of a hub in a process of its own. */
class HttpAccessIT {

    private static final String MIXER = "acme/plant9/mixing/line1/cell1/mixer-01/";
    private static final String OTHER = "acme/plant8/mixing/line1/cell1/mixer-01/torque";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STORE_PASSWORD = "of-this-test";

    private final Path work = TestFolders.fresh("http-access");
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void keepsEachKeyToItsScopesAndItsPartOfTheNamespace() throws Exception {
        try (HubProcess hub = hub().with("unshub.http.keys-required", "true").start()) {
            String key = add(hub, "mixing", "ingest,read", "acme/plant9/#");
            String all = add(hub, "all", "ingest,read", "#");

            HttpResponse<String> mixed =
                    send(
                            hub,
                            "readings",
                            key,
                            "[" + envelope(MIXER + "torque") + "," + envelope(OTHER) + "]");
            assertThat(mixed.statusCode()).isEqualTo(207);
            JsonNode error = JSON.readTree(mixed.body()).at("/errors/0");
            assertThat(error.path("index").asInt()).isEqualTo(1);
            assertThat(error.path("outcome").asText()).isEqualTo("REFUSED");
            assertThat(error.path("detail").asText())
                    .isEqualTo(
                            "topic is "
                                    + OTHER
                                    + ", and this key reaches acme/plant9/# alone; post it with a key"
                                    + " for its part of the namespace");
            assertThat(send(hub, "readings", all, envelope(OTHER)).statusCode()).isEqualTo(202);
            hub.drained(Duration.ofSeconds(60));

            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> found(hub, all).size() == 2);
            assertThat(found(hub, key)).singleElement().asString().contains(MIXER + "torque");
            JsonNode levels =
                    JSON.readTree(send(hub, "uns?under=acme&under=acme/plant8", key, null).body());
            assertThat(levels.at("/below/acme")).hasSize(1);
            assertThat(levels.at("/below/acme/0/name").asText()).isEqualTo("plant9");
            assertThat(levels.path("below").path("acme/plant8")).isEmpty();
            assertThat(send(hub, "uns/readings?topic=" + OTHER, key, null).statusCode())
                    .isEqualTo(403);
            assertThat(send(hub, "ledger", key, null).statusCode()).isEqualTo(403);
            assertThat(hub.command("ledger").exit()).isZero();

            assertThat(keys(hub, "revoke", "mixing").exit()).isZero();
            assertThat(send(hub, "uns", key, null).statusCode()).isEqualTo(401);
            assertThat(hub.health("ready").statusCode()).isEqualTo(200);
            assertThat(get(hub, "/observe/metrics").statusCode()).isEqualTo(401);
            assertThat(String.join("\n", hub.lines())).doesNotContain(key, all);
            for (String secret :
                    List.of(
                            "control-token",
                            "readings-token",
                            "inference-token",
                            "console-password")) {
                assertThat(String.join("\n", hub.lines()))
                        .doesNotContain(Files.readString(hub.data().resolve(secret)).strip());
            }
            assertThat(Files.readString(hub.data().resolve("audit.ndjson")))
                    .contains(
                            "\"action\":\"key-added\"",
                            "\"action\":\"key-revoked\"",
                            "\"who\":\"mixing\",\"action\":\"request-refused\"")
                    .doesNotContain(key, all);
            assertThat(
                            HubProcess.Result.of(
                                            new ProcessBuilder(
                                                    "./uns-hub",
                                                    "audit",
                                                    "verify",
                                                    "--data",
                                                    hub.data().toString()),
                                            "")
                                    .exit())
                    .isZero();
        }
    }

    @Test
    void givesBrowsersTheHeadersThatGuardThemAndRefusesWhatIsTooLarge() throws Exception {
        try (HubProcess hub = hub().start()) {
            for (String path : List.of("/api/v1/ledger", "/observe/health", "/nothing")) {
                HttpResponse<String> answer = get(hub, path);
                assertHeader(answer, "X-Content-Type-Options", "nosniff");
                assertHeader(answer, "X-Frame-Options", "DENY");
                assertHeader(answer, "Referrer-Policy", "no-referrer");
                assertHeader(answer, "Cache-Control", "no-store");
                assertHeader(
                        answer,
                        "Content-Security-Policy",
                        "default-src 'none'; frame-ancestors 'none'");
            }
            HttpResponse<String> console = get(hub, "/hawtio/");
            assertHeader(console, "X-Content-Type-Options", "nosniff");
            assertThat(console.headers().allValues("Content-Security-Policy"))
                    .singleElement()
                    .asString()
                    .startsWith("default-src 'self'; ")
                    .endsWith("frame-ancestors 'none'");
            String script =
                    console.body().replaceAll("(?s).*?(static/js/[^\"]+\\.js).*", "$1").strip();
            assertThat(get(hub, "/hawtio/" + script).headers().firstValue("Cache-Control"))
                    .isNotEqualTo(Optional.of("no-store"));

            String token = Files.readString(hub.data().resolve("readings-token"));
            assertThat(
                            raw(
                                    hub,
                                    "POST /api/v1/readings HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                                            + token
                                            + "\r\nContent-Type: application/json\r\nContent-Length: 4200000\r\n\r\n"))
                    .matches("HTTP/1.[01] 413 .*");
            assertThat(raw(hub, "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                    .matches("HTTP/1.[01] 414 .*");
            assertThat(
                            raw(
                                    hub,
                                    "GET / HTTP/1.1\r\nHost: a\r\nX: "
                                            + "a".repeat(20_000)
                                            + "\r\n\r\n"))
                    .matches("HTTP/1.[01] 431 .*");
        }
    }

    @Test
    void servesHttpsAloneWhereItIsToldTo() throws Exception {
        Path store = work.resolve("hub.p12");
        HubProcess.Result made =
                HubProcess.Result.of(
                        new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/keytool",
                                "-genkeypair",
                                "-alias",
                                "hub",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1",
                                "-keystore",
                                store.toString(),
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                STORE_PASSWORD),
                        "");
        assertThat(made.exit()).as(made.out() + made.err()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), STORE_PASSWORD.toCharArray());
        Path cert = pem("hub.crt", "CERTIFICATE", keys.getCertificate("hub").getEncoded());
        Path key =
                pem(
                        "hub.key",
                        "PRIVATE KEY",
                        keys.getKey("hub", STORE_PASSWORD.toCharArray()).getEncoded());
        int port = HubProcess.freePort();
        try (HubProcess hub =
                hub().with("quarkus.tls.key-store.pem.hub.cert", cert.toString())
                        .with("quarkus.tls.key-store.pem.hub.key", key.toString())
                        .with("quarkus.http.insecure-requests", "disabled")
                        .with("quarkus.http.ssl-port", Integer.toString(port))
                        .start()) {
            hub.awaitLine(
                    "  HTTP +https://127.0.0.1:" + port + "/observe/health", Duration.ofSeconds(1));
            HttpResponse<String> ready =
                    trusting(keys)
                            .send(
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            "https://localhost:"
                                                                    + port
                                                                    + "/api/v1/ledger"))
                                            .header(
                                                    "Authorization",
                                                    "Bearer "
                                                            + Files.readString(
                                                                    hub.data()
                                                                            .resolve(
                                                                                    "control-token")))
                                            .build(),
                                    BodyHandlers.ofString());
            assertThat(ready.statusCode()).isEqualTo(200);
            assertHeader(ready, "Strict-Transport-Security", "max-age=31536000");
            assertThat(refuses(hub.port("quarkus.http.port"))).isTrue();
            ProcessBuilder ledger =
                    new ProcessBuilder(
                            "./uns-hub",
                            "ledger",
                            "--url",
                            "https://localhost:" + port,
                            "--data",
                            hub.data().toString());
            ledger.environment()
                    .put(
                            "JAVA_OPTS",
                            "-Djavax.net.ssl.trustStore="
                                    + store
                                    + " -Djavax.net.ssl.trustStorePassword="
                                    + STORE_PASSWORD);
            HubProcess.Result asked = HubProcess.Result.of(ledger, "");
            assertThat(asked.exit()).as(asked.err()).isZero();
        }
    }

    @Test
    void writesOutInTheLogWhatWouldForgeALine() throws Exception {
        String evil = "\r\n2026-01-01 00:00:00 INFO  forged\u001b[2J";
        String escaped =
                evil.replace("\r", "\\r").replace("\n", "\\n").replace("\u001b", "\\u001b");
        try (HubProcess hub = hub().start()) {
            String token = Files.readString(hub.data().resolve("control-token"));
            for (String body :
                    List.of(
                            envelope(MIXER + "torque" + escaped),
                            envelope(MIXER + "torque").replace("GOOD", "FINE" + escaped),
                            envelope(MIXER + "torque")
                                    .replace("\"1.0\"", "\"1.0" + escaped + "\""))) {
                assertThat(send(hub, "readings", token, body).statusCode()).isEqualTo(422);
            }
            send(
                    hub,
                    "inference/predict",
                    token,
                    "{\"model\":\"m" + escaped + "\",\"instances\":[{\"f\":1}]}");
            get(hub, "/api/v1/ledger%0D%0A2026-01-01%20forged%1B%5B2J");
            Mqtt5BlockingClient publisher =
                    Mqtt5Client.builder()
                            .identifier("id" + evil)
                            .serverHost("127.0.0.1")
                            .serverPort(hub.mqttPort())
                            .buildBlocking();
            publisher.connect();
            publisher
                    .publishWith()
                    .topic("acme/plant9" + evil)
                    .payload(("not an envelope" + evil).getBytes(StandardCharsets.UTF_8))
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .userProperties()
                    .add("CamelFileName" + evil, evil)
                    .applyUserProperties()
                    .send();
            publisher.disconnect();
            hub.drained(Duration.ofSeconds(60));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> hub.ledger().at("/total/deadLettered").asLong() == 4);

            List<String> told =
                    hub.lines().stream().filter(line -> line.contains("forged")).toList();
            assertThat(told).hasSizeGreaterThanOrEqualTo(4);
            assertThat(told)
                    .noneMatch(line -> line.startsWith("2026-01-01"))
                    .anyMatch(line -> line.contains("\\u000A2026-01-01"));
            assertThat(String.join("", hub.lines())).doesNotContain("\u001b", "\r");
            assertThat(String.join("", hub.lines())).doesNotContain(token);
        }
    }

    private Path pem(String name, String what, byte[] bytes) throws IOException {
        String text =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(bytes);
        return Files.writeString(
                work.resolve(name),
                "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    private static HttpClient trusting(KeyStore keys) throws Exception {
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("hub", keys.getCertificate("hub"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static boolean refuses(int port) {
        try (Socket open = new Socket("127.0.0.1", port)) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private HubProcess hub() throws IOException {
        return HubProcess.on(work.resolve("data")).with("unshub.simulator.enabled", "false");
    }

    private static String add(HubProcess hub, String name, String scopes, String topics)
            throws Exception {
        HubProcess.Result added =
                keys(hub, "add", name, "--scope", scopes, "--topics", topics, "--days", "1");
        assertThat(added.exit()).as(added.err()).isZero();
        return added.out().strip();
    }

    private static HubProcess.Result keys(HubProcess hub, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("./uns-hub", "keys"));
        command.addAll(List.of(args));
        command.addAll(List.of("--data", hub.data().toString()));
        return HubProcess.Result.of(new ProcessBuilder(command), "");
    }

    private JsonNode found(HubProcess hub, String key) throws Exception {
        return JSON.readTree(send(hub, "uns/topics?containing=torque", key, null).body())
                .path("found");
    }

    private HttpResponse<String> get(HubProcess hub, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:" + hub.port("quarkus.http.port") + path))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> send(HubProcess hub, String path, String key, String body)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:%d/api/v1/%s"
                                                .formatted(hub.port("quarkus.http.port"), path)))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", "application/json");
        if (body != null) {
            request.POST(BodyPublishers.ofString(body));
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static String raw(HubProcess hub, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", hub.port("quarkus.http.port"))) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            byte[] answer = socket.getInputStream().readNBytes(16);
            return new String(answer, StandardCharsets.US_ASCII);
        }
    }

    private static void assertHeader(HttpResponse<?> answer, String name, String value) {
        assertThat(answer.headers().allValues(name))
                .as("%s of %s", name, answer.uri())
                .containsExactly(value);
    }

    private static String envelope(String topic) {
        return ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":1,"
                        + "\"quality\":\"GOOD\",\"units\":\"1\",\"sourceSystem\":\"test\","
                        + "\"lineageVersion\":\"1\",\"schemaVersion\":\"1.0\"}")
                .formatted(UUID.randomUUID(), Instant.now(), topic);
    }
}
