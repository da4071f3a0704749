package io.unshub.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unshub.TestFolders;
import io.unshub.collect.LogixTestServer;
import io.unshub.collect.S7TestServer;
import io.unshub.load.HubProcess;
import io.unshub.load.HubProcess.Result;
import io.unshub.pattern.ClaimStore;
import io.unshub.route.Patterns;
import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.Circuits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Somebody types what the pages say, line by line, in a folder with the shipped configuration,
 * beside a hub that runs. What is not run here has a line in {@link #ELSEWHERE}.
 */
class DocumentedCommandsIT {

    /**
     * A line that another test runs.
     *
     * @param line what is typed
     * @param test its source
     * @param runs how it stands there
     */
    private record Elsewhere(Pattern line, String test, String runs) {
        static Elsewhere of(String line, String test, String runs) {
            return new Elsewhere(Pattern.compile(line), test, runs);
        }
    }

    private static final List<Elsewhere> ELSEWHERE =
            List.of(
                    // a hub, or all drills, each for itself
                    Elsewhere.of(
                            "(JAVA_OPTS=\\S+ )?(\\./)?uns-hub run --profile demo",
                            "load/HubProcess",
                            "\"./uns-hub\", \"run\", \"--profile\", profile"),
                    Elsewhere.of(
                            "uns-hub drill (event-hubs-away|hub-killed --thorough)",
                            "DrillIT",
                            "command(\"drill\", drill,"),
                    Elsewhere.of("uns-hub event-hubs .*", "UpgradeIT", "FarSideProcess.class"),
                    Elsewhere.of(
                            "(\\./)?uns-hub routes coverage( .*)?|mvn (-B verify|install)",
                            "ExampleRepositoryIT",
                            "\"./uns-hub routes coverage --minimum 100\""),
                    Elsewhere.of("grep .*", "IncidentIT", "next(\"grep\")"),
                    // programs of others
                    Elsewhere.of("curl .*\\$TOKEN.*", "OidcIT", "Bearer"),
                    Elsewhere.of(
                            "mosquitto_sub .*uns-hub topics validate -",
                            "cli/TopicsCommandTest",
                            "{\"validate\", \"-\"}"),
                    Elsewhere.of("mosquitto_.*issued.*", "MqttTlsIT", "withCertificate(port"),
                    Elsewhere.of("mosquitto_sub -p 1883 .*", "RealInputIT", "MqttSubscriber"),
                    Elsewhere.of(
                            "promtool test rules", "docs/AlertRulesTest", "\"test\", \"rules\""),
                    Elsewhere.of("cp observability/.*", "docs/DashboardsTest", "provisioning"),
                    Elsewhere.of("(\\w+=\\S+ )?make .*", "cli/CommandsOnPagesTest", "Makefile"));

    /** What only Azure, or a scanner of its own, can run. */
    private static final Pattern NOT_OURS = Pattern.compile("az role .*|grype .*");

    /** Lines that end with another code than 0, as their pages say. */
    private static final Map<String, Integer> FINDINGS =
            Map.of(
                    "acl explain .*pump-02.*", 1,
                    "ml compare .*", 1,
                    "ml drift .* --shift .*", 1);

    /** What stands for something, and what takes too long. */
    private static final List<Map.Entry<String, String>> FILLED =
            List.of(
                    Map.entry("(ml .*)\\bFILE", "$1recorded.csv"),
                    Map.entry("\\bFILE\\b", "docs/examples/fixes/unit-to-units.yaml"),
                    Map.entry("PLANT/CIRCUIT/MODEL|\\bMODEL\\b", "plant9/mixing/failure"),
                    Map.entry("\\bVERSION\\b", "2"),
                    Map.entry("\\bREF\\b", "main"),
                    Map.entry("\\bNAME\\b", "ann"),
                    Map.entry("\\bKAMELET\\b", "unshub-window-action"),
                    Map.entry(
                            "\\bTOPIC\\b", "acme/plant1/packaging/line1/cell1/pump-01/temperature"),
                    Map.entry("routes detour ID on\\|off", "routes detour detour on"),
                    Map.entry("--(seconds|live) \\d+", "--$1 2"),
                    Map.entry("--seeds \\d+", "--seeds 1"),
                    Map.entry("--trials \\d+", "--trials 2"));

    private static final String PUMP = "--client --subject CN=pump-01,O=acme";

    /** What is there before the first line of a page. */
    private static final Map<String, List<String>> BEFORE =
            Map.ofEntries(
                    Map.entry(
                            "docs/eip/own-routes.md",
                            List.of("uns-hub routes new aggregator --id line1-means")),
                    Map.entry(
                            "docs/runbooks/own-route.md",
                            List.of("uns-hub routes new aggregator --id line1-means")),
                    Map.entry(
                            "docs/runbooks/authentication-failures.md",
                            List.of(
                                    "uns-hub pki init",
                                    "uns-hub pki issue --server --cn mqtt --san localhost",
                                    "uns-hub pki issue " + PUMP)),
                    Map.entry(
                            "docs/security/audit.md",
                            List.of(
                                    "uns-hub pki init",
                                    "uns-hub pki issue " + PUMP,
                                    "uns-hub keys add ann --scope read")),
                    Map.entry("docs/security/access-matrix.md", List.of("uns-hub pki init")),
                    Map.entry(
                            "docs/runbooks/audit-broken.md",
                            List.of("uns-hub keys add ann --scope read")),
                    Map.entry(
                            "docs/uns/hierarchy.md",
                            List.of(
                                    "echo acme/plant1/packaging/line1/cell1/pump-01/temperature > topics.txt")),
                    Map.entry(
                            "docs/schema/evolution.md",
                            List.of(
                                    "mkdir work && cp -r docs/examples/schemas/envelope/v1.1 work")));

    private static final String TRAIN =
            "uns-hub ml train plant9/mixing/failure --data recorded.csv --seeds 1";

    private static final List<String> REPOSITORY =
            List.of(
                    "git init -qb main . && git config user.name ann && git config user.email ann@acme.example",
                    "git add config && git commit -qm first && git commit -qm second --allow-empty");

    private static final Path BASE = TestFolders.fresh("pages").resolve("base");
    private static final Duration LONG = Duration.ofSeconds(60);

    private static HubProcess hub;
    private static S7TestServer press;
    private static LogixTestServer filler;

    private final Path here = TestFolders.fresh("pages");
    private String said = "";
    private int version;

    @BeforeAll
    static void start() throws Exception {
        Path config = TestFolders.config(Files.createDirectories(BASE.resolve("config")));
        CircuitConfig circuit = Circuits.configure(config, Circuits.YAML);
        Path recorded = Circuits.record(BASE, 40, 1);
        Files.copy(recorded, BASE.resolve("recorded.csv"));
        Files.copy(Circuits.record(BASE, 40, 2), BASE.resolve("unseen.csv"));
        Circuits.export(circuit, recorded, BASE.resolve("model.onnx"));
        for (String part : List.of("docs/examples", "docs/uns")) {
            FileUtils.copyDirectory(Path.of(part).toFile(), BASE.resolve(part).toFile());
        }
        int s7 = HubProcess.freePort();
        press = new S7TestServer(s7);
        press.set(ByteBuffer.allocate(4).putFloat(21.5f));
        int logix = HubProcess.freePort();
        filler = LogixTestServer.ofThePage(logix);

        Path hubs = BASE.resolveSibling("hub-config");
        FileUtils.copyDirectory(config.toFile(), hubs.toFile());
        Files.createDirectories(hubs.resolve("routes"));
        for (var own : Map.of("aggregator", "line1-means", "detour", "detour").entrySet()) {
            Files.writeString(
                    hubs.resolve("routes/" + own.getValue() + ".yaml"),
                    Patterns.start(own.getKey(), own.getValue()).orElseThrow());
        }
        Path data = BASE.resolveSibling("data");
        // a model that each later one can beat
        CircuitConfig weak =
                Circuits.configure(
                        BASE.resolveSibling("weak"), Circuits.YAML.replace("depth: 4", "depth: 1"));
        Circuits.produce(data, weak, recorded);
        hub = HubProcess.on(data).with("unshub.config-dir", hubs.toString()).start();

        Files.writeString(
                config.resolve("application.properties"),
                "unshub.simulator.opcua-port=%d%nunshub.simulator.modbus-port=%d%n"
                        .formatted(
                                hub.port("unshub.simulator.opcua-port"),
                                hub.port("unshub.simulator.modbus-port")));
        Files.writeString(
                config.resolve("connections/plant3-press.yaml"),
                "name: plant3-press%nprotocol: s7%nurl: s7://127.0.0.1:%d%n".formatted(s7));
        Files.writeString(
                config.resolve("tags/plant3-press.yaml"),
                """
                connection: plant3-press
                version: 1.0.0
                tags:
                  - {topic: acme/plant3/pressing/line1/cell1/press-01/temperature, address: "%DB1:0:REAL", units: Cel, interval: 1s}
                """);
        Path example = Path.of("docs/examples/logix");
        Files.writeString(
                config.resolve("connections/plant4-filler.yaml"),
                Files.readString(example.resolve("connections/plant4-filler.yaml"))
                        .replace("10.0.4.11", "127.0.0.1:" + logix));
        Files.copy(
                example.resolve("tags/plant4-filler.yaml"),
                config.resolve("tags/plant4-filler.yaml"));
    }

    @AfterAll
    static void stop() throws IOException {
        Files.write(Path.of("target/it/documented-commands-hub.log"), hub.lines());
        hub.close();
        press.close();
        filler.close();
    }

    static List<Path> pages() {
        return Typed.pages().stream().filter(page -> !Typed.lines(page).isEmpty()).toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void doesWhatAPageSays(Path page) throws Exception {
        List<String> lines = Typed.lines(page);
        prepare(page, String.join("\n", lines));
        for (String line : lines) {
            if (ELSEWHERE.stream().anyMatch(other -> other.line().matcher(line).matches())
                    || NOT_OURS.matcher(line).matches()) {
                continue;
            }
            Result result = type(fill(line));
            if (line.contains("ml compare")) {
                // the hub writes down what it saw every five seconds
                result = await().atMost(LONG).until(() -> type(line), said -> said.exit() != 2);
            }
            String command = line.replaceFirst("^(\\./)?uns-hub ", "");
            int expected =
                    FINDINGS.entrySet().stream()
                            .filter(each -> command.matches(each.getKey()))
                            .map(Map.Entry::getValue)
                            .findFirst()
                            .orElse(0);
            assertThat(result.exit())
                    .as("%s in %s: %s%s", line, page, result.out(), result.err())
                    .isEqualTo(expected);
            said += result.out();
        }
    }

    @Test
    void leavesLinesOnlyToTestsThatRunThem() throws IOException {
        List<String> lines = Typed.pages().stream().flatMap(p -> Typed.lines(p).stream()).toList();
        for (Elsewhere other : ELSEWHERE) {
            assertThat(lines).as("a page has " + other).anyMatch(other.line().asMatchPredicate());
            Path test = Path.of("src/test/java/io/unshub", other.test() + ".java");
            assertThat(Files.readString(test).contains(other.runs()))
                    .as(test + ": " + other)
                    .isTrue();
        }
    }

    private void prepare(Path page, String all) throws Exception {
        FileUtils.copyDirectory(BASE.toFile(), here.toFile());
        if (page.startsWith("examples")) {
            FileUtils.deleteDirectory(here.resolve("config").toFile());
            FileUtils.copyDirectory(
                    page.resolveSibling("config").toFile(), here.resolve("config").toFile());
        }
        Stream<String> before = BEFORE.getOrDefault(page.toString(), List.of()).stream();
        if (all.contains("--since")) {
            before = Stream.concat(before, REPOSITORY.stream());
        }
        if (all.contains("uns-hub ml ")) {
            before = Stream.concat(before, models(all).stream());
        }
        for (String line : before.toList()) {
            Result result = type(line);
            assertThat(result.exit()).as("%s: %s%s", line, result.out(), result.err()).isZero();
        }
        if (all.contains("dead-letters")) {
            deadLetter();
        }
        version = versions() + (all.contains("ml train") ? 1 : 0);
    }

    /** One that a page can talk of, and for a rollback one in production. */
    private static List<String> models(String all) {
        if (all.contains("ml train")) {
            return List.of();
        }
        return all.contains("ml rollback")
                ? List.of(
                        TRAIN,
                        "uns-hub ml promote plant9/mixing/failure %d --force again"
                                .formatted(versions() + 1),
                        TRAIN)
                : List.of(TRAIN);
    }

    private static int versions() {
        return hub.data()
                .resolve("models/plant9/mixing/failure")
                .toFile()
                .list((folder, name) -> name.matches("\\d+"))
                .length;
    }

    private String fill(String line) throws Exception {
        String filled = line;
        for (Map.Entry<String, String> each : FILLED) {
            filled = filled.replaceAll(each.getKey(), each.getValue());
        }
        if (filled.contains("dead-letters show ID")) {
            filled = filled.replace("ID", hub.get("dead-letters").get(0).path("id").asText());
        }
        filled = filled.replaceFirst("(failure) 2\\b", "$1 " + version);
        filled = filled.replaceFirst("--plan PLAN", "--plan " + last("--plan (\\S+)"));
        filled = filled.replaceFirst("--noted \\w+", "--noted " + last("\\b([0-9a-f]{64})\\b"));
        if (filled.contains("SHA256")) {
            filled = filled.replace("SHA256", claim());
        }
        return filled;
    }

    private String last(String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(said);
        String last = "";
        while (found.find()) {
            last = found.group(1);
        }
        return last;
    }

    private String claim() throws IOException {
        Path data = here.resolve("data");
        return new ClaimStore(
                        data.resolve(ClaimStore.FOLDER),
                        Duration.ofDays(1),
                        1_000,
                        () -> 1_000,
                        Clock.systemUTC())
                .put("{}".getBytes(UTF_8))
                .sha256();
    }

    private Result type(String line) throws Exception {
        return line.matches("(\\./)?uns-hub .*") ? hubCommand(line) : shell(line);
    }

    /** In this process, with each path of the line below the folder. */
    private Result hubCommand(String line) throws IOException {
        String[] parts = line.split(" > ");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit =
                UnsHub.commandLine()
                        .registerConverter(Path.class, here::resolve)
                        .setDefaultValueProvider(DocumentedCommandsIT::ofTheHub)
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true))
                        .execute(Typed.arguments(parts[0]));
        if (parts.length > 1) {
            Files.writeString(here.resolve(parts[1].strip()), out.toString());
        }
        return new Result(exit, out.toString(), err.toString());
    }

    /** Where the hub is; its ports and its folder are not the defaults. */
    private static String ofTheHub(ArgSpec of) {
        String name = of instanceof OptionSpec option ? option.longestName() : "";
        boolean asksTheHub = of.command().findOption("--url") != null;
        return switch (name) {
            case "--url" -> root();
            case "--data" -> asksTheHub ? hub.data().toString() : null;
            case "--data-dir" -> hub.data().toString();
            case "--port" -> Integer.toString(hub.mqttPort());
            default -> null;
        };
    }

    private Result shell(String line) throws Exception {
        String there =
                line.replace("http://127.0.0.1:8080", root())
                        .replaceAll(
                                "\\$\\(cat data/", "\\$(cat " + hub.data().toAbsolutePath() + "/")
                        .replaceAll("\"tsUtc\":\"[^\"]+", "\"tsUtc\":\"" + Instant.now())
                        .replaceFirst("^curl ", "curl -sS --fail-with-body ");
        return Result.of(new ProcessBuilder("sh", "-c", there).directory(here.toFile()), "");
    }

    private static String root() {
        return "http://127.0.0.1:" + hub.port("quarkus.http.port");
    }

    private static void deadLetter() throws Exception {
        String letter =
                """
                {"messageId":"%s","tsUtc":"%s","topic":"acme/plant9/mixing/line1/cell1/mixer-01/torque",
                "value":7,"quality":"GOOD","unit":"1","sourceSystem":"test","lineageVersion":"1",
                "schemaVersion":"1.0"}"""
                        .formatted(UUID.randomUUID(), Instant.now());
        hub.ingest(letter);
        await().atMost(LONG).until(() -> !hub.get("dead-letters").isEmpty());
    }
}
