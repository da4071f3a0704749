package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.load.ConsoleClient;
import io.unshub.load.HubProcess;
import io.unshub.ops.console.Accounts;
import io.unshub.ops.console.Role;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may see and do what at the console of a hub in a process of its own, over HTTP. */
class ConsoleLoginIT {

    private static final Path DATA = TestFolders.fresh("console-login").resolve("data");
    private static final String ROUTE =
            "org.apache.camel:context=uns-hub,type=routes,name=\"score\"";
    private static final String LANE =
            "org.apache.activemq.artemis:broker=\"uns-hub\",component=addresses,address=\"$hub/lane/07\"";

    private static HubProcess hub;

    private ConsoleClient somebody;

    @BeforeAll
    static void start() throws Exception {
        hub = HubProcess.on(DATA).with("unshub.simulator.enabled", "false").start();
        hub.awaitLine(
                "  Console      http://127.0.0.1:[0-9]+/hawtio, account operator, password in .*/console-password",
                Duration.ofSeconds(1));
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void browser() {
        somebody = new ConsoleClient(hub);
    }

    @Test
    void showsNothingButItsPagesWithoutALogin() throws Exception {
        assertThat(somebody.get("/hawtio/").statusCode()).isEqualTo(200);
        assertThat(somebody.get("/hawtio/camel").body()).contains("<title>UNS Hub</title>");
        for (String path :
                List.of("/hawtio/user", "/hawtio/account", "/hawtio/jolokia", "/api/v1/ledger")) {
            assertThat(somebody.get(path).statusCode()).as(path).isEqualTo(401);
        }
        assertThat(somebody.post("/hawtio/jolokia", Map.of("type", "version")).statusCode())
                .isEqualTo(401);
        // the same at the place where Hawtio looks otherwise
        assertThat(somebody.get("/jolokia").statusCode()).isEqualTo(404);
        assertThat(somebody.get("/hawtio/legal/NOTICE.txt").body()).contains("Artemis");
    }

    @Test
    void refusesAWrongPasswordAndSlowsDownWhoGoesOn() throws Exception {
        List<Integer> answers = new ArrayList<>();
        HttpResponse<String> last = null;
        for (int i = 0; i < 6; i++) {
            last = somebody.login("nobody", "guess");
            answers.add(last.statusCode());
        }

        assertThat(answers).containsExactly(401, 401, 401, 401, 401, 429);
        assertThat(last.headers().firstValue("Retry-After")).contains("1");
        assertThat(last.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(last.body()).contains("too many failed logins; try again in 1 s");
        assertThat(somebody.login("operator", "guess").statusCode()).isEqualTo(401);
        assertThat(hub.metrics())
                .contains("unshub_console_logins_total{outcome=\"failed\"} 6.0")
                .contains("unshub_console_logins_total{outcome=\"delayed\"} 1.0");
        assertThat(Files.readString(DATA.resolve("audit.ndjson")))
                .contains("\"who\":\"nobody\",\"action\":\"login\",\"outcome\":\"failed\"");
    }

    @Test
    void letsAnOperatorSeeAndStopARoute() throws Exception {
        HttpResponse<String> login = operator();
        assertThat(login.statusCode()).isEqualTo(200);
        assertThat(login.headers().firstValue("Set-Cookie").orElseThrow())
                .contains("HTTPOnly", "SameSite=Strict", "Path=/");
        assertThat(somebody.get("/hawtio/user").body()).isEqualTo("\"operator\"");
        assertThat(somebody.get("/hawtio/account").body())
                .contains("\"role\":\"operator\"", "\"name\":\"operator\"");

        assertThat(state()).isEqualTo("Started");
        assertThat(exec(ROUTE, "stop()").path("status").asInt()).isEqualTo(200);
        assertThat(state()).isEqualTo("Stopped");
        assertThat(exec(ROUTE, "start()").path("status").asInt()).isEqualTo(200);
        assertThat(
                        somebody.jmx(
                                        Map.of(
                                                "type",
                                                "read",
                                                "mbean",
                                                LANE,
                                                "attribute",
                                                "QueueNames"))
                                .path("value"))
                .anySatisfy(queue -> assertThat(queue.asText()).isEqualTo("$hub/lane/07"));
        assertThat(Files.readString(DATA.resolve("audit.ndjson")))
                .contains(
                        "\"who\":\"operator\",\"action\":\"jmx\"",
                        "\"operation\":\"stop()\"",
                        "\"outcome\":\"ordered\"");

        assertThat(somebody.get("/hawtio/auth/logout").statusCode()).isEqualTo(302);
        assertThat(somebody.get("/hawtio/user").statusCode()).isEqualTo(401);
    }

    @Test
    void letsNobodyTouchAQueueOrSeeWithWhatTheHubWasStarted() throws Exception {
        operator();

        assertThat(exec(LANE, "purge()").path("status").asInt()).isEqualTo(403);
        assertThat(exec("java.lang:type=Memory", "gc").path("status").asInt()).isEqualTo(403);
        assertThat(
                        exec(
                                        "org.apache.camel:context=uns-hub,type=context,name=\"uns-hub\"",
                                        "stop()")
                                .path("status")
                                .asInt())
                .isEqualTo(403);
        for (String attribute : List.of("SystemProperties", "InputArguments")) {
            assertThat(
                            somebody.jmx(
                                            Map.of(
                                                    "type",
                                                    "read",
                                                    "mbean",
                                                    "java.lang:type=Runtime",
                                                    "attribute",
                                                    attribute))
                                    .path("status")
                                    .asInt())
                    .as(attribute)
                    .isEqualTo(403);
        }
        JsonNode all = somebody.jmx(Map.of("type", "list"));
        assertThat(all.path("value").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "org.apache.camel", "org.apache.activemq.artemis", "java.lang");
        assertThat(
                        somebody.jmx(
                                        Map.of(
                                                "type",
                                                "write",
                                                "mbean",
                                                "java.lang:type=Memory",
                                                "attribute",
                                                "Verbose",
                                                "value",
                                                true))
                                .path("status")
                                .asInt())
                .isEqualTo(403);
    }

    @Test
    void letsAViewerLookAndDoNothing() throws Exception {
        String password = new Accounts(DATA).add("ann", Role.VIEWER);
        assertThat(somebody.login("ann", password).statusCode()).isEqualTo(200);

        assertThat(state()).isEqualTo("Started");
        assertThat(exec(ROUTE, "dumpRouteAsXml()").path("value").asText()).contains("<route");
        assertThat(exec(ROUTE, "stop()").path("status").asInt()).isEqualTo(403);
        assertThat(state()).isEqualTo("Started");
        assertThat(somebody.get("/api/v1/ledger").statusCode()).isEqualTo(200);
        HttpResponse<String> plan = somebody.post("/api/v1/dead-letters/plans", Map.of());
        assertThat(plan.statusCode()).isEqualTo(403);
        assertThat(plan.body())
                .contains(
                        "the account ann may look only; log in with an account of the role operator");
        assertThat(Files.readAllLines(DATA.resolve("audit.ndjson")))
                .filteredOn(line -> line.contains("\"who\":\"ann\""))
                .anyMatch(
                        line ->
                                line.contains("\"operation\":\"stop()\"")
                                        && line.contains("\"outcome\":\"refused\""))
                .anyMatch(line -> line.contains("\"rule\":\"operator\""));
    }

    @Test
    void refusesWhatAnotherSiteAsks() throws Exception {
        assertThat(operator("Origin", "http://evil.example").statusCode()).isEqualTo(403);
        operator();

        for (String path : List.of("/api/v1/dead-letters/plans", "/hawtio/jolokia")) {
            assertThat(
                            somebody.post(
                                            path,
                                            Map.of("type", "version"),
                                            "Sec-Fetch-Site",
                                            "cross-site")
                                    .statusCode())
                    .as(path)
                    .isEqualTo(403);
            assertThat(
                            somebody.post(
                                            path,
                                            Map.of("type", "version"),
                                            "Origin",
                                            "http://evil.example")
                                    .statusCode())
                    .as(path)
                    .isEqualTo(403);
        }
        // a login is for the console's pages, and no token
        assertThat(somebody.post("/api/v1/dead-letters/plans", Map.of()).statusCode())
                .isEqualTo(200);
        assertThat(somebody.post("/api/v1/drills/event-hubs-away", Map.of()).statusCode())
                .isEqualTo(401);
        assertThat(somebody.post("/api/v1/readings", Map.of()).statusCode()).isEqualTo(401);
    }

    private HttpResponse<String> operator(String... headers) throws Exception {
        return somebody.login(
                "operator", Files.readString(DATA.resolve("console-password")), headers);
    }

    private String state() throws Exception {
        return somebody.jmx(Map.of("type", "read", "mbean", ROUTE, "attribute", "State"))
                .path("value")
                .asText();
    }

    private JsonNode exec(String mbean, String operation) throws Exception {
        return somebody.jmx(Map.of("type", "exec", "mbean", mbean, "operation", operation));
    }
}
