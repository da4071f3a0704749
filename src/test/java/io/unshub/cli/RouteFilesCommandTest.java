package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.TestFolders;
import io.unshub.route.Patterns;
import io.unshub.route.Recording;
import io.unshub.route.Rehearsal.Published;
import io.unshub.scoring.Circuits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an integration engineer does with route files before the hub takes them up. */
class RouteFilesCommandTest {

    private static final String TOPIC = "acme/plant1/packaging/line1/cell1/pump-01/temperature";
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir private Path dir;
    private Path config;

    /** What one run of the command gave. */
    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void configure() {
        config = TestFolders.config(dir.resolve("config"));
    }

    private Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit =
                UnsHub.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true))
                        .execute(
                                Stream.concat(Stream.of("routes"), Stream.of(arguments))
                                        .toArray(String[]::new));
        return new Outcome(exit, out.toString(), err.toString());
    }

    private Path create(String pattern, String id) {
        Outcome made = run("new", pattern, "--id", id, "--config", config.toString());
        assertThat(made.err()).isEmpty();
        assertThat(made.exitCode()).isZero();
        return config.resolve("routes").resolve(id + ".yaml");
    }

    private static String envelope(int second, Object value) {
        return """
               {"messageId":"%s","tsUtc":"%s","topic":"%s","value":%s,"quality":"GOOD",\
               "units":"Cel","sourceSystem":"test","lineageVersion":"1.0.0","schemaVersion":"1.0"}"""
                .formatted(new UUID(0x4000, second), NOON.plusSeconds(second), TOPIC, value);
    }

    private Path record(int seconds) throws IOException {
        Path file = dir.resolve("uns.recording");
        try (Recording.Writer writer = new Recording.Writer(file)) {
            for (int second = 0; second < seconds; second++) {
                writer.add(
                        new Published(
                                TOPIC,
                                envelope(second, second).getBytes(StandardCharsets.UTF_8),
                                NOON.plusSeconds(second)));
            }
            writer.add(new Published("acme/nowhere", new byte[] {1, 2}, NOON.plusSeconds(seconds)));
        }
        return file;
    }

    @Test
    void listsPatternsAndWhatAKameletTakes() {
        Outcome all = run("patterns");
        assertThat(Patterns.names()).allSatisfy(each -> assertThat(all.out()).contains(each));
        assertThat(all.out()).contains("unshub-window-action");

        Outcome one = run("patterns", "unshub-window-action");
        assertThat(one.out())
                .startsWith("Aggregator.")
                .contains("size (string, required)")
                .contains("function (string, default \"mean\")");

        Outcome none = run("patterns", "unshub-nothing");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).startsWith("uns-hub: there is no Kamelet unshub-nothing; ");
    }

    @Test
    void startsAFileOfEachPatternThatPassesTheCheck() throws IOException {
        for (String pattern : Patterns.names()) {
            Path file = create(pattern, "my-" + pattern);
            assertThat(file).content().startsWith("# ").contains("id: my-" + pattern);
        }

        Outcome checked = run("check", "--config", config.toString());
        assertThat(checked.out())
                .isEqualTo(Patterns.names().size() + " route files, all may take effect\n");
        assertThat(checked.exitCode()).isZero();

        Outcome twice =
                run("new", "aggregator", "--id", "my-aggregator", "--config", config.toString());
        assertThat(twice.exitCode()).isEqualTo(2);
        assertThat(twice.err())
                .endsWith("my-aggregator.yaml is there already; give another --id\n");
        assertThat(run("new", "aggregate").err())
                .startsWith("uns-hub: there is no pattern aggregate; there are aggregator, ");
        assertThat(run("new", "aggregator", "--id", "A B").err())
                .startsWith("uns-hub: --id is A B; it has 1 to 63 lower case letters");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        Path file = create("aggregator", "means");
        Files.writeString(file, Files.readString(file).replace("size: 10s", "size: soon"));

        Outcome checked = run("check", file.toString(), "--config", config.toString());
        assertThat(checked.exitCode()).isEqualTo(1);
        assertThat(checked.out())
                .contains("means.yaml:")
                .contains(": [parameter] unshub-window-action: ")
                .endsWith("1 route files, 1 may not\n");
        JsonNode json =
                new ObjectMapper()
                        .readTree(
                                run(
                                                "check",
                                                file.toString(),
                                                "--json",
                                                "--config",
                                                config.toString())
                                        .out());
        assertThat(json.at("/0/ok").asBoolean()).isFalse();
        assertThat(json.at("/0/findings/0/rule").asText()).isEqualTo("parameter");

        Files.writeString(
                config.resolve("application.properties"), "unshub.routes.components=log\n");
        assertThat(run("check", file.toString(), "--config", config.toString()).out())
                .contains(
                        "[component] kamelet is no component that routes may use, those are log;");
    }

    @Test
    void triesARouteAndShowsEachStep() throws IOException {
        Path file = create("content-based-router", "router");
        Path input =
                Files.writeString(
                        dir.resolve("sample.ndjson"),
                        envelope(0, "81.50")
                                + "\n"
                                + envelope(1, 7)
                                + "\n{\"topic\":\"acme/x\"}\n");

        Outcome tried =
                run(
                        "try",
                        file.toString(),
                        "--input",
                        input.toString(),
                        "--config",
                        config.toString());
        assertThat(tried.err()).isEmpty();
        assertThat(tried.exitCode()).isZero();
        assertThat(tried.out())
                .contains("router: to[kamelet:unshub-derive-sink?tag=_hot]\n    {\"messageId\"")
                .contains("3 readings went in; where they")
                .contains("forwarded: " + TOPIC + ": ")
                .contains("/_hot\",\"value\":81.50,\"quality\":\"GOOD\"")
                .contains("dead-letter TOPIC_INVALID: acme/x: topic has 2 levels");

        Files.writeString(file, "- route: x\n");
        Outcome refused =
                run(
                        "try",
                        file.toString(),
                        "--input",
                        input.toString(),
                        "--config",
                        config.toString());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).contains("router.yaml:1: [one-route]");

        Files.writeString(input, "{\"topic\"");
        Outcome none =
                run(
                        "try",
                        file.toString(),
                        "--input",
                        input.toString(),
                        "--config",
                        config.toString());
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("sample.ndjson is no JSON");
    }

    @Test
    void triesDestinationsWithoutReachingThem() throws IOException {
        Path input = Files.writeString(dir.resolve("sample.ndjson"), envelope(0, "81.50") + "\n");
        Files.writeString(
                config.resolve("application.properties"),
                "unshub.routes.components=kamelet,vertx-http\nunshub.routes.folders="
                        + dir.resolve("export")
                        + "\nplant.kafka=localhost:1\n");
        for (String pattern :
                List.of("recipient-list", "recipient-list-kafka", "recipient-list-sql")) {
            Path file = create(pattern, "to");
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace("data/export", dir.resolve("export").toString())
                            .replace("kafka.plant:9093", "\"{{plant.kafka}}\""));

            Outcome tried =
                    run(
                            "try",
                            file.toString(),
                            "--input",
                            input.toString(),
                            "--config",
                            config.toString());
            assertThat(tried.err()).isEmpty();
            assertThat(tried.exitCode()).isZero();
            assertThat(tried.out())
                    .contains("to: to[kamelet:unshub-", "\"value\":81.50,")
                    .contains("1 readings went in; where they");
            Files.delete(file);
        }
        assertThat(dir.resolve("export")).doesNotExist();
    }

    @Test
    void saysWhatTwoVersionsMakeOfARecording() throws IOException {
        Path recording = record(60);
        Path old = create("aggregator", "means");
        Path changed = dir.resolve("means.yaml");
        Files.writeString(
                changed, Files.readString(old).replace("function: mean", "function: max"));
        Files.createDirectories(config.resolve("empty"));

        Outcome same =
                run(
                        "diff",
                        "--recording",
                        recording.toString(),
                        "--from",
                        old.toString(),
                        "--to",
                        old.toString(),
                        "--config",
                        config.toString());
        assertThat(same.err()).isEmpty();
        assertThat(same.exitCode()).isZero();
        assertThat(same.out()).isEqualTo("61 recorded readings; 67 ends are the same\n");

        Outcome differs =
                run(
                        "diff",
                        "--recording",
                        recording.toString(),
                        "--from",
                        old.toString(),
                        "--to",
                        changed.toString(),
                        "--config",
                        config.toString());
        assertThat(differs.exitCode()).isEqualTo(1);
        assertThat(differs.out())
                .startsWith("61 recorded readings; 61 ends are the same\n        6 value\n")
                .contains("/_mean-temperature: 4.5 -> 9");
    }

    @Test
    void comparesWholeConfigurations() throws IOException {
        Path recording = record(10);
        Path stricter = TestFolders.config(dir.resolve("stricter"));
        Files.writeString(
                stricter.resolve("eventhubs-bridge-mapping.yaml"),
                "version: 1\nrules:\n  - name: nothing\n    exclude: [acme/#]\n");

        Outcome differs =
                run(
                        "diff",
                        "--recording",
                        recording.toString(),
                        "--from",
                        config.toString(),
                        "--to",
                        stricter.toString(),
                        "--json");
        assertThat(differs.err()).isEmpty();
        JsonNode json = new ObjectMapper().readTree(differs.out());
        assertThat(json.path("same").asInt()).isEqualTo(1);
        assertThat(json.at("/changes/destination: forwarded -> on the plant/count").asInt())
                .isEqualTo(10);

        Files.writeString(stricter.resolve("uns/hierarchy.yaml"), "version: x\n");
        Outcome broken =
                run(
                        "diff",
                        "--recording",
                        recording.toString(),
                        "--from",
                        config.toString(),
                        "--to",
                        stricter.toString());
        assertThat(broken.exitCode()).isEqualTo(2);
        assertThat(broken.err()).startsWith("uns-hub: " + stricter);

        Path none = Files.writeString(dir.resolve("none"), "x");
        assertThat(
                        run(
                                        "diff",
                                        "--recording",
                                        none.toString(),
                                        "--from",
                                        config.toString(),
                                        "--to",
                                        config.toString())
                                .err())
                .contains("is no recording after 0 readings")
                .endsWith("make one with uns-hub routes record\n");
    }

    @Test
    void saysWhomAChangedRulesFileWouldHurt() throws IOException {
        Path recording = record(10);
        create("aggregator", "means");
        Path ml = Files.createDirectories(config.resolve("ml/plant1"));
        Files.writeString(
                ml.resolve("pumping.yml"),
                Circuits.YAML
                        .replace("plant9", "plant1")
                        .replace("mixing", "pumping")
                        .replace("acme/plant1/pumping/line1", "acme/plant1/packaging/line1"));
        // what reads them would be refused as a whole
        FileUtils.deleteDirectory(config.resolve("tags").toFile());
        FileUtils.deleteDirectory(config.resolve("connections").toFile());
        Path rules = dir.resolve("hierarchy.yaml");
        Files.writeString(
                rules,
                Files.readString(config.resolve("uns/hierarchy.yaml"))
                        .replace("maxLength: 512", "maxLength: 40"));

        Outcome same =
                contract("impact", config.resolve("uns/hierarchy.yaml").toString(), recording);
        assertThat(same.err()).isEmpty();
        assertThat(same.exitCode()).isZero();
        assertThat(same.out()).startsWith("11 recorded readings; none that passes now would fail");

        Outcome hurt = contract("impact", rules.toString(), recording);
        assertThat(hurt.err()).isEmpty();
        assertThat(hurt.exitCode()).isEqualTo(1);
        assertThat(hurt.out())
                .startsWith("10 of 11 recorded readings (90.91 %) pass now and would fail with ")
                .contains("hierarchy.yaml: TOPIC_INVALID 10\non " + TOPIC + "\n")
                .contains("routes that would miss them: means\n")
                .endsWith("models that would miss them: plant1/pumping/failure\n");

        Outcome unknown = contract("impact", recording.toString(), recording);
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err())
                .contains("uns.recording is none of eventhubs-bridge-mapping.yaml, ");
    }

    private Outcome contract(String command, String changed, Path recording) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit =
                UnsHub.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true))
                        .execute(
                                "contract",
                                command,
                                changed,
                                "--recording",
                                recording.toString(),
                                "--config",
                                config.toString());
        return new Outcome(exit, out.toString(), err.toString());
    }

    @Test
    void saysThatThereIsNobodyToRecord() {
        Outcome outcome = run("record", "--port", "1", "--out", dir.resolve("r").toString());
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).startsWith("uns-hub: no MQTT 5 broker answers on 127.0.0.1:1 (");
        assertThat(List.of(dir.resolve("r"))).allSatisfy(file -> assertThat(file).doesNotExist());
    }
}
