package io.unshub.ops.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.unshub.ops.Alarms;
import io.unshub.ops.AuditFile;
import io.unshub.ops.AuthenticationFailures;
import io.unshub.ops.ControlToken;
import io.unshub.ops.HttpRefusals;
import io.unshub.ops.HubConfig;
import io.unshub.ops.OidcProvider;
import io.unshub.ops.access.ApiKeys;
import io.unshub.ops.access.Scope;
import io.unshub.ops.access.TestIssuer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, by HTTP requests to the gate alone: behind it is nothing but a 200. */
class GateTest {

    private static final Clock NOW =
            Clock.fixed(Instant.parse("2026-03-01T10:00:00Z"), ZoneOffset.UTC);
    private static final String ALL = "#";

    @TempDir private Path data;
    private final Vertx vertx = Vertx.vertx();
    // HTTP/2 has a limit of its own for headers, and ends the connection
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ApiKeys keys;
    private HttpRefusals refusals;
    private AuthenticationFailures failures;
    private HttpServer server;

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void onLoopbackAsksForATokenOrAKeyBelowApiOnly() throws Exception {
        serve("127.0.0.1", Map.of());
        String reader = keys.add("reader", List.of(Scope.READ), ALL, null);

        assertThat(get("/observe/metrics", null).statusCode()).isEqualTo(200);
        HttpResponse<String> none = get("/api/v1/ledger", null);
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("WWW-Authenticate"))
                .contains("Bearer realm=\"uns-hub\"");
        assertThat(none.headers().firstValue("Content-Type")).contains(Problem.MEDIA_TYPE);
        assertThat(new ObjectMapper().readTree(none.body()).path("detail").asText())
                .isEqualTo(
                        "/api/v1/ledger needs a bearer token; send the token from the file control-token in the hub's data folder, or an API key");
        assertThat(get("/api/v1/ledger", token(ControlToken.FILE)).statusCode()).isEqualTo(200);
        assertThat(post("/api/v1/readings", token(ControlToken.READINGS_FILE)).statusCode())
                .isEqualTo(200);
        assertThat(get("/api/v1/ledger", reader).body()).isEqualTo("key reader");
    }

    @Test
    void offLoopbackAsksForAKeyForAllButHealthAndTheConsole() throws Exception {
        serve("0.0.0.0", Map.of());

        assertAsksForAKeyForAllButHealthAndTheConsole();
    }

    @Test
    void asksForAKeyEverywhereWhereASettingSaysSo() throws Exception {
        serve("127.0.0.1", Map.of("unshub.http.keys-required", "true"));

        assertAsksForAKeyForAllButHealthAndTheConsole();
    }

    private void assertAsksForAKeyForAllButHealthAndTheConsole() throws Exception {
        String reader = keys.add("reader", List.of(Scope.READ), ALL, null);

        for (String open : List.of("/observe/health/ready", "/hawtio", "/hawtio/login")) {
            assertThat(get(open, null).statusCode()).as(open).isEqualTo(200);
        }
        for (String closed : List.of("/", "/observe/metrics", "/q/info", "/hawtiox", "/observe")) {
            assertThat(get(closed, null).statusCode()).as(closed).isEqualTo(401);
        }
        assertThat(get("/observe/metrics", reader).statusCode()).isEqualTo(200);
        assertThat(post("/api/v1/readings", token(ControlToken.READINGS_FILE)).body())
                .contains("send an API key that uns-hub keys add has made");
        // for the commands of this machine
        assertThat(get("/api/v1/ledger", token(ControlToken.FILE)).statusCode()).isEqualTo(200);
    }

    @Test
    void letsEachScopeDoWhatItSaysAndNothingElse() throws Exception {
        serve("127.0.0.1", Map.of());
        Map<Scope, List<String>> own =
                Map.of(
                        Scope.INGEST, List.of("POST /api/v1/readings"),
                        Scope.READ,
                                List.of(
                                        "GET /api/v1/ledger",
                                        "GET /api/v1/ledger/hours",
                                        "GET /api/v1/dead-letters/export",
                                        "GET /api/v1/uns/readings",
                                        "GET /api/v1/openapi"),
                        Scope.REPLAY,
                                List.of(
                                        "POST /api/v1/dead-letters/plans",
                                        "POST /api/v1/dead-letters/replays"),
                        Scope.SCORE,
                                List.of(
                                        "POST /api/v1/inference/predict",
                                        "GET /api/v1/inference/health"),
                        Scope.ADMIN,
                                List.of(
                                        "POST /api/v1/parity",
                                        "POST /api/v1/drills/drift",
                                        "POST /api/v1/routes/means/orders",
                                        "GET /api/v1/eventhubs/local",
                                        "GET /api/v1/eventhubs;a/local",
                                        "DELETE /api/v1/readings",
                                        "GET /api/v2/anything"));
        for (Scope scope : Scope.values()) {
            String key = keys.add("k-" + scope.word(), List.of(scope), ALL, null);
            own.forEach(
                    (needed, requests) -> {
                        for (String request : requests) {
                            boolean may = scope == needed || scope == Scope.ADMIN;
                            assertThat(send(request, key).statusCode())
                                    .as("%s with the scope %s", request, scope)
                                    .isEqualTo(may ? 200 : 403);
                        }
                    });
        }
        HttpResponse<String> refused = send("GET /api/v1/ledger", keyOf("again", Scope.INGEST));
        assertThat(refused.headers().firstValue("WWW-Authenticate"))
                .contains("Bearer realm=\"uns-hub\", error=\"insufficient_scope\", scope=\"read\"");
        assertThat(refused.body())
                .contains(
                        "\"status\":403", "the key again has not the scope read, which this needs");
    }

    @Test
    void isNotDeceivedByHowAPathIsWritten() throws Exception {
        serve("127.0.0.1", Map.of());
        String ingest = keyOf("scale", Scope.INGEST);

        for (String path :
                List.of(
                        "/api/v1//readings",
                        "/api/v1/readings/",
                        "/api/v1/readings;a",
                        "//api/v1/ledger",
                        "/%61pi/v1/ledger")) {
            assertThat(get(path, ingest).statusCode()).as(path).isEqualTo(403);
            assertThat(get(path, null).statusCode()).as(path).isEqualTo(401);
        }
        for (String path :
                List.of(
                        "/api/v1/readings/../ledger",
                        "/api/v1/readings/%2e%2e/ledger",
                        "/api/v1/readings/..%2Fledger",
                        "/api/v1/readings/..",
                        "/x/.%2E/api/v1/ledger")) {
            HttpResponse<String> answer = get(path, ingest);
            assertThat(answer.statusCode()).as(path).isEqualTo(400);
            assertThat(answer.body()).contains("\"rule\":\"path-traversal\"");
        }
    }

    @Test
    void refusesAPathAndHeadersThatAreTooLong() throws Exception {
        serve("127.0.0.1", Map.of());

        HttpResponse<String> line = get("/api/v1/ledger?" + "x".repeat(8_192), null);
        assertThat(line.body()).contains("\"rule\":\"line-size\"");
        assertThat(get("/api/v1/ledger", "x".repeat(16_384)).body())
                .contains("\"rule\":\"header-size\"");
        assertThat(refusals.bad()).isEqualTo(2);
    }

    @Test
    void keepsAKeyForAPartOfTheNamespaceToIt() throws Exception {
        serve("127.0.0.1", Map.of());
        String plant1 = keys.add("p1", List.of(Scope.INGEST, Scope.READ), "acme/plant1/#", null);

        for (String divided :
                List.of("POST /api/v1/readings", "GET /api/v1/uns", "GET /api/v1/uns/topics")) {
            assertThat(send(divided, plant1).statusCode()).as(divided).isEqualTo(200);
        }
        for (String whole :
                List.of("GET /api/v1/ledger", "GET /api/v1/dead-letters", "GET /api/v1/alarms")) {
            assertThat(send(whole, plant1).statusCode()).as(whole).isEqualTo(403);
        }
        assertThat(send("GET /api/v1/ledger", plant1).body())
                .contains("about the whole namespace, and the key p1 reaches acme/plant1/# alone");
    }

    @Test
    void takesAKeyBackAtOnceAndEndsItOnItsDay() throws Exception {
        serve("127.0.0.1", Map.of());
        String ended = keys.add("ended", List.of(Scope.READ), ALL, Duration.ZERO);
        String reader = keyOf("reader", Scope.READ);

        assertThat(get("/api/v1/ledger", ended).statusCode()).isEqualTo(401);
        assertThat(get("/api/v1/ledger", ended).body())
                .contains("the key ended has ended on 2026-03-01T10:00:00Z; ask for a new one");
        assertThat(get("/api/v1/ledger", reader).statusCode()).isEqualTo(200);
        keys.revoke("reader");
        assertThat(get("/api/v1/ledger", reader).statusCode()).isEqualTo(401);
    }

    @Test
    void takesUpATokenThatWasReplacedAndMakesANewOneForOneThatWasDeleted() throws Exception {
        serve("127.0.0.1", Map.of());
        for (String file : List.of(ControlToken.FILE, ControlToken.READINGS_FILE)) {
            String old = token(file);
            assertThat(post("/api/v1/readings", old).statusCode()).isEqualTo(200);

            String mine = "B".repeat(43);
            Files.writeString(data.resolve(file), mine);
            // the clock of the disk may not have moved meanwhile
            Files.setLastModifiedTime(
                    data.resolve(file), FileTime.from(NOW.instant().plusSeconds(1)));
            assertThat(post("/api/v1/readings", old).statusCode()).isEqualTo(401);
            assertThat(post("/api/v1/readings", mine).statusCode()).isEqualTo(200);

            Files.delete(data.resolve(file));
            assertThat(post("/api/v1/readings", mine).statusCode()).isNotEqualTo(200);
            assertThat(token(file)).isNotEqualTo(mine).isNotEqualTo(old);
            assertThat(post("/api/v1/readings", token(file)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void slowsDownWhoGuessesAndNeverARightKey() throws Exception {
        serve("127.0.0.1", Map.of());
        String reader = keyOf("reader", Scope.READ);
        String guess = "unshub_" + "A".repeat(43);
        for (int i = 0; i < 5; i++) {
            assertThat(get("/api/v1/ledger", guess).statusCode()).isEqualTo(401);
        }

        HttpResponse<String> sixth = get("/api/v1/ledger", guess);

        assertThat(sixth.statusCode()).isEqualTo(429);
        assertThat(sixth.headers().firstValue("Retry-After")).contains("1");
        assertThat(sixth.body()).contains("too many requests with a wrong token came from here");
        assertThat(get("/api/v1/ledger", reader).statusCode()).isEqualTo(200);
        assertThat(refusals.refused()).isEqualTo(6);
        Path audit = data.resolve("audit.ndjson");
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(audit));
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.size(audit) > 0);
        assertThat(Files.readAllLines(audit))
                .first()
                .asString()
                .contains(
                        "\"who\":\"unknown\",\"action\":\"request-refused\"",
                        "\"address\":\"127.0.0.1\"",
                        "\"path\":\"/api/v1/ledger\"")
                .doesNotContain("AAAA");
    }

    @Test
    void putsOffACallerWhoAsksTooOftenAndNoOther() throws Exception {
        serve("127.0.0.1", Map.of("unshub.http.requests-per-second", "1"));
        String busy = keyOf("busy", Scope.READ);
        String calm = keyOf("calm", Scope.READ);

        HttpResponse<String> last = get("/api/v1/ledger", busy);
        // one of a few in a row comes too early, however slow the machine
        for (int i = 0; i < 1_000 && last.statusCode() == 200; i++) {
            last = get("/api/v1/ledger", busy);
        }

        assertThat(last.statusCode()).isEqualTo(429);
        assertThat(last.headers().firstValue("Retry-After")).contains("1");
        assertThat(last.body())
                .contains("more than 1 requests a second came from this caller; try again in 1 s");
        assertThat(get("/api/v1/ledger", calm).statusCode()).isEqualTo(200);
        assertThat(refusals.limited()).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            assertThat(get("/api/v1/ledger", token(ControlToken.FILE)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void givesTheAuditFileTheNameOfTheKeyWhateverItsUserSays() throws Exception {
        serve("127.0.0.1", Map.of());
        String admin = keyOf("admin-1", Scope.ADMIN);

        HttpResponse<String> answer =
                client.send(
                        request("/api/v1/parity", admin).header("Unshub-User", "operator").build(),
                        BodyHandlers.ofString());

        assertThat(answer.body()).isEqualTo("key admin-1");
    }

    @Test
    void takesTokensOfAProviderBesideKeysByTheScopesOfTheirRoles() throws Exception {
        try (TestIssuer issuer = new TestIssuer()) {
            serve(
                    "127.0.0.1",
                    Map.of(
                            "unshub.http.oidc.issuer",
                            TestIssuer.ISSUER,
                            "unshub.http.oidc.jwks-url",
                            issuer.keysUrl(),
                            "unshub.http.oidc.grants",
                            "viewer:read,operator:read+replay,loader:admin"));
            Date later = Date.from(NOW.instant().plusSeconds(300));
            String viewer = issuer.token(later, "viewer");
            String operator = issuer.token(later, "operator");

            assertThat(get("/api/v1/ledger", viewer).body()).isEqualTo("oidc jane");
            assertThat(get("/api/v1/ledger", keyOf("reader", Scope.READ)).body())
                    .isEqualTo("key reader");
            assertThat(get("/api/v1/ledger", token(ControlToken.FILE)).statusCode()).isEqualTo(200);
            assertThat(post("/api/v1/dead-letters/plans", operator).statusCode()).isEqualTo(200);
            HttpResponse<String> scope = post("/api/v1/dead-letters/plans", viewer);
            assertThat(scope.statusCode()).isEqualTo(403);
            assertThat(scope.body())
                    .contains("oidc jane has not the scope replay, which this needs");
            // what it carries comes whole
            assertThat(
                            client.send(
                                            request(
                                                            "/api/v1/readings",
                                                            issuer.token(later, "loader"))
                                                    .PUT(
                                                            BodyPublishers.ofString(
                                                                    "a".repeat(100_000)))
                                                    .build(),
                                            BodyHandlers.ofString())
                                    .body())
                    .hasSize(100_000);

            String ended = issuer.token(Date.from(NOW.instant().minusSeconds(300)), "viewer");
            HttpResponse<String> refused = get("/api/v1/ledger", ended);
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate"))
                    .contains("Bearer realm=\"uns-hub\", error=\"invalid_token\"");
            assertThat(refused.body())
                    .contains(
                            "token-expired",
                            "the token has ended on 2026-03-01T09:55:00Z; ask the provider for a new one");
            for (int i = 0; i < 4; i++) {
                get("/hawtio/jolokia", ended);
            }
            assertThat(failures.failing())
                    .containsExactly(
                            new AuthenticationFailures.Failing("127.0.0.1", "unknown", "HTTP", 5));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () ->
                                    assertThat(data.resolve("audit.ndjson"))
                                            .content()
                                            .contains("\"rule\":\"scope\"")
                                            .doesNotContain(ended, viewer));
        }
    }

    @Test
    void knowsNoTokenOfAProviderWhereNoneIsConfigured() throws Exception {
        try (TestIssuer issuer = new TestIssuer()) {
            serve("127.0.0.1", Map.of());
            String token = issuer.token(Date.from(NOW.instant().plusSeconds(300)), "viewer");

            assertThat(get("/api/v1/ledger", token).body())
                    .contains("the bearer token is none of this hub");
        }
    }

    private String keyOf(String name, Scope scope) throws IOException {
        return keys.add(name, List.of(scope), ALL, Duration.ofDays(1));
    }

    private void serve(String host, Map<String, String> properties) throws IOException {
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withMapping(HubConfig.class)
                        .withDefaultValue("unshub.data-dir", data.toString());
        properties.forEach(builder::withDefaultValue);
        HubConfig config = builder.build().getConfigMapping(HubConfig.class);
        keys = new ApiKeys(data, NOW);
        refusals = new HttpRefusals(AuditFile.in(data, NOW), NOW);
        failures = new AuthenticationFailures(new Alarms(NOW, (name, alarm) -> {}), NOW);
        Gate gate =
                new Gate(
                        config,
                        new OidcProvider(config, NOW),
                        host,
                        new ControlToken(config),
                        refusals,
                        failures,
                        NOW,
                        new CurrentVertxRequest());
        Router router = Router.router(vertx);
        router.route().handler(gate::check);
        router.put("/api/v1/readings")
                .handler(BodyHandler.create(false))
                .handler(request -> request.end(request.body().buffer()));
        router.route()
                .handler(
                        request ->
                                request.end(
                                        String.valueOf(
                                                request.request().getHeader("Unshub-User"))));
        server =
                vertx.createHttpServer(
                                new HttpServerOptions()
                                        .setMaxHeaderSize(32_768)
                                        .setMaxInitialLineLength(16_384))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
    }

    private String token(String file) throws IOException {
        return Files.readString(data.resolve(file));
    }

    private HttpResponse<String> send(String request, String token) {
        String[] parts = request.split(" ");
        try {
            return client.send(
                    request(parts[1], token).method(parts[0], BodyPublishers.noBody()).build(),
                    BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> get(String path, String token) {
        return send("GET " + path, token);
    }

    private HttpResponse<String> post(String path, String token) {
        return send("POST " + path, token);
    }

    private HttpRequest.Builder request(String path, String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.actualPort() + path));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }
}
