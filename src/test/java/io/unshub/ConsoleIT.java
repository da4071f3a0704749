package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.load.Browser;
import io.unshub.load.HubProcess;
import io.unshub.ops.console.Accounts;
import io.unshub.ops.console.Role;
import io.unshub.route.Patterns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** Somebody looks at a hub and its simulated plant in a browser. */
class ConsoleIT {

    private static final Path DATA = TestFolders.fresh("console").resolve("data");
    private static final Path PICTURES =
            Path.of(Boolean.getBoolean("unshub.docs.write") ? "docs/operations" : "target/console");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String POWER = "acme/plant1/milling/line1/cell1/mill-01/power";
    private static final List<String> PAGES =
            List.of(
                    "overview",
                    "namespace?topic=" + POWER,
                    "dead-letters",
                    "connections",
                    "routes");

    private static final Path CONFIG = Path.of("target/console-config");

    private static HubProcess hub;

    private Browser browser;

    @BeforeAll
    static void start() throws Exception {
        // named as it is shown, and without what a run before has left
        FileUtils.deleteDirectory(CONFIG.toFile());
        TestFolders.config(CONFIG);
        hub = HubProcess.on(DATA).with("unshub.config-dir", CONFIG.toString()).start();
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void openBrowser() {
        browser = new Browser().screen(1280, 860);
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
    }

    @Test
    void letsInWhoKnowsThePasswordAndShowsEachPage() throws Exception {
        login("operator", "guess");
        browser.reads("Invalid login credentials");
        operator();
        browser.reads("Data path");
        browser.reads("Nothing waits.");
        browser.rate();
        browser.photograph(PICTURES.resolve("console-overview.png"));

        browser.named("Namespace").click();
        browser.reads("200 topics since the start");
        browser.named("Connections").click();
        browser.reads("plant1-scada connected");
        browser.reads("plant2-plc connected");
        browser.reads("Event Hubs takes readings");
        browser.photograph(PICTURES.resolve("console-connections.png"));
        browser.named("Dead letters").click();
        browser.see("h1");

        browser.named("Camel").click();
        browser.reads("tag-quality");
        browser.see(".react-flow__node");
        browser.named("Artemis").click();
        browser.reads("Version: 2.55.0");
        browser.named("JMX").click();
        browser.reads("java.lang");
    }

    @Test
    void saysHowLongTheBufferLasts() {
        browser.open(root() + "/hawtio/");

        assertThat(forecast("{readings: 5, hoursUntilFull: 26.04}"))
                .isEqualTo("At this rate it is full in 26.0 h.");
        assertThat(forecast("{readings: 5, drainSeconds: 90}"))
                .isEqualTo("At this rate it is empty in 2 min.");
        assertThat(forecast("{readings: 5}")).isEqualTo("As much goes out as comes in.");
        assertThat(forecast("{readings: 5, full: true, hoursUntilFull: 0}"))
                .isEqualTo("Full: publishers wait for their acknowledgement. Nothing is lost.");
        assertThat(forecast("{readings: 0, drainSeconds: 0}")).isEqualTo("Nothing waits.");
    }

    private String forecast(String buffer) {
        return browser.ask("/hawtio/unshub/overview.js", "module.forecast(" + buffer + ")");
    }

    @Test
    void showsALiveValueChange() throws Exception {
        operator();
        browser.reads("Data path");
        browser.open(page("namespace?topic=" + POWER));
        String value = "[data-unshub=value]";
        String first = browser.text(value);
        String second =
                await().atMost(LONG).until(() -> browser.text(value), text -> !text.equals(first));

        assertThat(first).matches("[0-9.]+ kW");
        assertThat(second).matches("[0-9.]+ kW");
        browser.see("svg[aria-label*='readings of " + POWER + "'] polyline");
        await().atMost(LONG).until(() -> Integer.parseInt(browser.text(".unshub-readings")) > 20);
        browser.photograph(PICTURES.resolve("console-namespace.png"));
    }

    @Test
    void showsWhereAReadingCameThrough() throws Exception {
        String topic = "acme/plant9/mixing/line1/cell1/mixer-03/torque";
        hub.ingest(
                reading(topic)
                        .replace(
                                "{",
                                "{\"messageHistory\":[{\"hub\":\"plant8\",\"route\":\"hot\",\"step\":\"in-celsius\",\"at\":\"2026-01-01T12:00:00.123Z\"}],"));
        operator();
        browser.reads("Data path");
        browser.open(page("namespace?topic=" + topic));

        browser.reads("plant8 › hot › in-celsius 2026-01-01T12:00:00.123Z");
    }

    @Test
    void opensTheTreeByKeyAndFindsATopicByAPart() throws Exception {
        operator();
        browser.reads("Data path");
        browser.open(page("namespace"));
        browser.reads("plant2");
        browser.see("[role=tree] button").sendKeys(Keys.ARROW_DOWN);
        assertThat(browser.focus()).isEqualTo("plant1");
        browser.press(Keys.ENTER);
        browser.reads("milling");

        browser.see("input[aria-label='Find topics']").sendKeys("mill-01/pow");
        browser.named(POWER).click();
        browser.see("svg[aria-label*='" + POWER + "']");
    }

    @Test
    void replaysADeadLetterAfterAQuestion() throws Exception {
        String topic = "acme/plant9/mixing/line1/cell1/mixer-01/torque";
        deadLetter(topic);
        operator();
        browser.reads("Data path");
        browser.open(page("dead-letters"));
        browser.see("button[aria-label$='" + topic + "']").click();
        browser.reads("payload lacks units");
        browser.see("#unshub-fix").sendKeys("steps: [{rename: {from: unit, to: units}}]");
        browser.named("Try").click();
        browser.reads("Of 1 letters 1 would pass.");
        browser.photograph(PICTURES.resolve("console-dead-letters.png"));
        browser.named("Replay 1").click();
        browser.reads("Publish 1 readings again?");
        browser.named("Cancel").click();
        assertThat(hub.get("dead-letters?topic=" + topic)).hasSize(1);

        browser.named("Replay 1").click();
        browser.named("Publish again").click();
        browser.reads("Replay by operator: 1 published again");

        assertThat(hub.get("dead-letters?topic=" + topic)).isEmpty();
        browser.open(page("namespace?topic=" + topic));
        browser.reads("7");
        assertThat(Files.readString(DATA.resolve("audit.ndjson")))
                .contains("\"who\":\"operator\",\"action\":\"replay\"");
    }

    @Test
    void showsOfEachRouteWhetherItIsInForceAndWhyNot() throws Exception {
        Path folder = Files.createDirectories(CONFIG.resolve("routes"));
        String means = Patterns.start("aggregator", "line1-means").orElseThrow();
        Files.writeString(folder.resolve("line1-means.yaml"), means);
        Files.writeString(
                folder.resolve("line2-means.yaml"),
                means.replace("line1-means", "line2-means").replace("size: 10s", "size: soon"));
        operator();
        browser.reads("Data path");
        browser.named("Routes").click();
        String own = "[data-route=line1-means]";
        String refused = "[data-route=line2-means]";
        browser.reads(own, "line1-means runs");
        browser.reads(own, "Topics acme/plant1/#");
        browser.reads(own, "of at most 100,000");
        browser.reads(refused, "line2-means refused");
        browser.reads(refused, "[parameter]: unshub-window-action: ");
        browser.reads(refused, "Nothing runs in its place.");
        browser.reads(refused, "docs/runbooks/own-route.md");
        browser.reads("[data-route=ingest]", "ingest runs");
        browser.photograph(PICTURES.resolve("console-routes.png"));

        JsonNode routes = hub.get("routes").path("routes");
        assertThat(routes)
                .filteredOn(route -> route.path("origin").asText().equals("SHIPPED"))
                .hasSize(15)
                .allMatch(route -> route.path("state").asText().equals("RUNNING"));
        Files.delete(folder.resolve("line1-means.yaml"));
        Files.delete(folder.resolve("line2-means.yaml"));
        browser.reads("No file stands in config/routes");
    }

    @Test
    void showsAViewerWhatThereIsAndNothingToDo() throws Exception {
        String topic = "acme/plant9/mixing/line1/cell1/mixer-02/torque";
        deadLetter(topic);
        login("ann", new Accounts(DATA).add("ann", Role.VIEWER));
        browser.reads("Data path");
        browser.open(page("dead-letters"));
        browser.see("button[aria-label$='" + topic + "']").click();
        browser.reads("payload lacks units");
        browser.reads("log in with an account of the role operator");

        assertThat(browser.has("#unshub-fix")).isFalse();
    }

    /** With a letter, a fix that was tried, a refused route and a chart to look at. */
    @Test
    void canBeReadInTheLightAndInTheDarkAndOnAPhone() throws Exception {
        String topic = "acme/plant9/mixing/line1/cell1/mixer-04/torque";
        deadLetter(topic);
        Path refused =
                Files.createDirectories(CONFIG.resolve("routes")).resolve("line3-means.yaml");
        Files.writeString(
                refused,
                Patterns.start("aggregator", "line3-means")
                        .orElseThrow()
                        .replace("size: 10s", "size: soon"));
        operator();
        browser.reads("Data path");
        Set<String> backgrounds = new HashSet<>();
        for (String scheme : List.of("light", "dark", "phone")) {
            if (scheme.equals("phone")) {
                browser.screen(360, 740);
            } else {
                browser.scheme(scheme);
            }
            for (String page : PAGES) {
                String name = page.replaceFirst("\\?.*", "");
                browser.open(page(page));
                browser.see("h1");
                switch (name) {
                    case "overview" -> browser.rate();
                    case "namespace" -> browser.see("polyline");
                    case "dead-letters" -> tryFix(topic);
                    case "connections" -> browser.reads("Event Hubs takes readings");
                    default -> browser.reads("[data-route=line3-means]", "Runbook: ");
                }
                browser.photograph(Path.of("target/console", name + "-" + scheme + ".png"));
                assertThat(browser.barriers(".unshub")).as(name + ", " + scheme).isEmpty();
                if (scheme.equals("phone")) {
                    browser.inView("[aria-label='Pages of the hub'] [aria-current=page]");
                    assertThat(browser.overflow()).as(name + ", points too wide").isNotPositive();
                }
            }
            backgrounds.add(browser.style(".unshub .pf-v5-c-card", "background-color"));
        }
        browser.open(page("overview"));
        browser.rate();
        browser.photograph(PICTURES.resolve("console-phone.png"));
        Files.delete(refused);

        assertThat(backgrounds).as("light and dark").hasSize(2);
    }

    private void tryFix(String topic) {
        browser.see("button[aria-label$='" + topic + "']").click();
        browser.see("#unshub-fix").sendKeys("steps: [{rename: {from: unit, to: units}}]");
        browser.named("Try").click();
        browser.reads("would pass.");
    }

    @Test
    void isUsedByKeysAlone() throws Exception {
        String topic = "acme/plant9/mixing/line1/cell1/mixer-05/torque";
        deadLetter(topic);
        browser.open(root() + "/hawtio/");
        browser.see("#pf-login-username-id");
        browser.tabTo("Username").sendKeys("operator");
        String password = Files.readString(DATA.resolve(Accounts.PASSWORD_FILE));
        browser.tabTo("Password").sendKeys(password, Keys.ENTER);
        browser.reads("Data path");

        browser.tabTo("Routes").sendKeys(Keys.ENTER);
        browser.reads("h1", "Routes");
        browser.reads("[data-route=ingest]", "ingest runs");
        browser.scrolls(Keys.PAGE_DOWN);
        browser.tabTo("Connections").sendKeys(Keys.ENTER);
        browser.reads("h1", "Connections");

        browser.tabTo("Namespace").sendKeys(Keys.ENTER);
        browser.reads("h1", "Unified Namespace");
        browser.tabTo("Find topics").sendKeys("mill-01/pow");
        browser.reads(POWER);
        browser.tabTo(POWER).sendKeys(Keys.ENTER);
        browser.see("svg[aria-label*='" + POWER + "']");

        browser.tabTo("Overview").sendKeys(Keys.ENTER);
        browser.reads("For a person");
        browser.tabTo(browser.text("dd a[href$='unshub/dead-letters']")).sendKeys(Keys.ENTER);
        browser.reads("h1", "Dead letters");
        browser.tabTo("Look at FIELD_MISSING units on " + topic).sendKeys(Keys.ENTER);
        browser.tabTo("A fix, as YAML; empty to replay what is valid by now")
                .sendKeys("steps: [{rename: {from: unit, to: units}}]");
        browser.tabTo("Try").sendKeys(Keys.ENTER);
        browser.reads("Of 1 letters 1 would pass.");
        browser.tabTo("Replay 1").sendKeys(Keys.ENTER);
        browser.reads("Publish 1 readings again?");
        browser.press(Keys.ESCAPE);
        browser.tabTo("Replay 1").sendKeys(Keys.ENTER);
        browser.tabTo("Publish again").sendKeys(Keys.ENTER);
        browser.reads("Replay by operator: 1 published again");
        assertThat(hub.get("dead-letters?topic=" + topic)).isEmpty();
    }

    private void operator() throws Exception {
        login("operator", Files.readString(DATA.resolve(Accounts.PASSWORD_FILE)));
    }

    private void login(String name, String password) {
        browser.open(root() + "/hawtio/");
        browser.see("#pf-login-username-id").sendKeys(name);
        browser.see("#pf-login-password-id").sendKeys(password);
        browser.see("button[type=submit]").click();
    }

    private static String root() {
        return "http://127.0.0.1:" + hub.port("quarkus.http.port");
    }

    private static String page(String name) {
        return root() + "/hawtio/unshub/" + name;
    }

    private static void deadLetter(String topic) throws Exception {
        assertThat(hub.ingest(reading(topic).replace("units", "unit"))).contains("FIELD_MISSING");
        await().atMost(LONG).until(() -> hub.get("dead-letters?topic=" + topic).size() == 1);
    }

    private static String reading(String topic) {
        return ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":7,"
                        + "\"quality\":\"GOOD\",\"units\":\"1\",\"sourceSystem\":\"test\","
                        + "\"lineageVersion\":\"1\",\"schemaVersion\":\"1.0\"}")
                .formatted(UUID.randomUUID(), Instant.now(), topic);
    }
}
