package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.unshub.load.Browser;
import io.unshub.load.HubProcess;
import io.unshub.ops.access.TestIssuer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tokens of a provider at a hub in a process of its own, and the alarm for who has no good one. */
class OidcIT {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";
    private static final String READS =
            "{\"type\":\"read\",\"mbean\":\"java.lang:type=Runtime\",\"attribute\":\"VmName\"}";

    private final Path work = TestFolders.fresh("oidc");
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void letsPeopleOfAProviderInWhileItIsAwayTooAndTellsWhoFails() throws Exception {
        Date later = Date.from(Instant.now().plusSeconds(3_600));
        Date before = Date.from(Instant.now().minusSeconds(3_600));
        try (TestIssuer issuer = new TestIssuer();
                HubProcess hub = hub("data", issuer)) {
            hub.start();
            String viewer = issuer.token(later, "viewer");
            String operator = issuer.token(later, "operator");
            String loader = issuer.token(later, "loader");

            // a body of many packets comes whole
            List<String> readings = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                readings.add(envelope());
            }
            assertThat(
                            post(
                                            hub,
                                            "/api/v1/readings",
                                            loader,
                                            "[" + String.join(",", readings) + "]")
                                    .statusCode())
                    .isEqualTo(202);
            await().atMost(LONG).until(() -> hub.ledger().at("/total/accepted").asLong() == 1_000);
            assertThat(get(hub, "/api/v1/ledger", viewer).statusCode()).isEqualTo(200);
            assertThat(get(hub, "/api/v1/ledger", loader).statusCode()).isEqualTo(403);

            assertThat(get(hub, "/hawtio/account", viewer).body())
                    .contains("\"name\":\"oidc jane\"", "\"role\":\"viewer\"");
            assertThat(get(hub, "/hawtio/account", operator).body())
                    .contains("\"role\":\"operator\"");
            assertThat(get(hub, "/hawtio/account", loader).statusCode()).isEqualTo(401);
            assertThat(post(hub, "/hawtio/jolokia", viewer, READS).body())
                    .contains("\"status\":200");

            issuer.close();
            hub.kill9();
            hub.start();
            assertThat(get(hub, "/api/v1/ledger", viewer).statusCode()).isEqualTo(200);

            String ended = issuer.token(before, "viewer");
            for (int i = 0; i < 3; i++) {
                assertThat(get(hub, "/api/v1/ledger", ended).body()).contains("token-expired");
            }
            assertThat(post(hub, "/hawtio/jolokia", null, READS).statusCode()).isEqualTo(401);
            assertThat(login(hub).statusCode()).isEqualTo(401);
            JsonNode alarm =
                    await().atMost(LONG).until(() -> alarm(hub), found -> !found.isMissingNode());
            assertThat(alarm.path("text").asText())
                    .contains("127.0.0.1 as several (HTTP, Jolokia, console)");
            assertThat(hub.metrics())
                    .contains(
                            "unshub_authentication_failing{identity=\"several\",source=\"127.0.0.1\"} 5.0");
            assertThat(hub.data().resolve("audit.ndjson"))
                    .content()
                    .contains("\"rule\":\"token-expired\"", "\"outcome\":\"failed\"")
                    .doesNotContain(ended, viewer);
            assertThat(String.join("\n", hub.lines())).doesNotContain(ended, viewer);
        }
    }

    @Test
    void logsPeopleInAtTheProviderFromTheConsolesOwnPage() throws Exception {
        int http = HubProcess.freePort();
        try (TestIssuer issuer = new TestIssuer();
                Browser browser = new Browser().screen(1280, 860);
                HubProcess hub =
                        hub("login", issuer)
                                .with("quarkus.http.port", Integer.toString(http))
                                .with("unshub.http.oidc.login.client-id", "uns-hub")
                                .with(
                                        "unshub.http.oidc.login.authorization-url",
                                        issuer.authorizationUrl())
                                .with("unshub.http.oidc.login.token-url", issuer.tokenUrl())
                                .with(
                                        "unshub.http.oidc.login.callback-url",
                                        "http://127.0.0.1:%d/hawtio/auth/oidc/callback"
                                                .formatted(http))) {
            hub.start();
            String console = "http://127.0.0.1:" + http + "/hawtio/";
            browser.open(console);
            browser.reads("Log in to UNS Hub");
            browser.photograph(Path.of("target/console/login-oidc.png"));

            issuer.roles("loader");
            browser.named("Log in at login.acme.example").click();
            browser.reads("Nobody is logged in (login-role). jane has no role");
            browser.photograph(Path.of("target/console/login-refused.png"));
            issuer.roles("operator");
            browser.open(console);
            browser.named("Log in at login.acme.example").click();
            browser.reads("Data path");
            browser.reads("oidc jane");
            browser.open(console + "auth/logout");
            browser.named("Log in at login.acme.example");

            assertThat(get(hub, "/hawtio/auth/oidc/callback?code=a&state=b", null).body())
                    .contains("login-state", "not begun in this browser");
            List<String> audit = Files.readAllLines(hub.data().resolve("audit.ndjson"));
            assertThat(audit)
                    .filteredOn(line -> line.contains("oidc jane") || line.contains("login-"))
                    .satisfiesExactly(
                            line -> assertThat(line).contains("oidc jane", "login-role"),
                            line ->
                                    assertThat(line)
                                            .contains("oidc jane", "\"login\"", "succeeded"),
                            line -> assertThat(line).contains("unknown", "login-state"));
            assertThat(hub.metrics())
                    .contains("unshub_console_logins_total{outcome=\"succeeded\"} 1.0")
                    .contains("unshub_console_logins_total{outcome=\"failed\"} 2.0");
        }
    }

    private HubProcess hub(String folder, TestIssuer issuer) throws Exception {
        return HubProcess.on(work.resolve(folder))
                .with("unshub.simulator.enabled", "false")
                .with("unshub.http.oidc.issuer", TestIssuer.ISSUER)
                .with("unshub.http.oidc.jwks-url", issuer.keysUrl())
                .with("unshub.http.oidc.grants", "viewer:read,operator:read+replay,loader:ingest");
    }

    private static JsonNode alarm(HubProcess hub) throws Exception {
        for (JsonNode alarm : hub.get("alarms")) {
            if (alarm.path("name").asText().equals("authentication-failures")) {
                return alarm;
            }
        }
        return MissingNode.getInstance();
    }

    private HttpResponse<String> login(HubProcess hub) throws Exception {
        // the account is there once its file is
        await().atMost(LONG)
                .until(() -> Files.exists(hub.data().resolve("console-users.properties")));
        return post(
                hub,
                "/hawtio/auth/login",
                null,
                "{\"username\":\"operator\",\"password\":\"wrong\"}");
    }

    private HttpResponse<String> get(HubProcess hub, String path, String token) throws Exception {
        return client.send(request(hub, path, token).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(HubProcess hub, String path, String token, String body)
            throws Exception {
        return client.send(
                request(hub, path, token).POST(BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(HubProcess hub, String path, String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:" + hub.port("quarkus.http.port") + path))
                        .header("Content-Type", "application/json");
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private static String envelope() {
        return ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":1,"
                        + "\"quality\":\"GOOD\",\"units\":\"1\",\"sourceSystem\":\"test\","
                        + "\"lineageVersion\":\"1\",\"schemaVersion\":\"1.0\"}")
                .formatted(UUID.randomUUID(), Instant.now(), TOPIC);
    }
}
