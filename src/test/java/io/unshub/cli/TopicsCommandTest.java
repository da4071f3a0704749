package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.uns.HierarchyRules;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsCommandTest {

    private static final String GOOD = "acme/plant1/packaging/line2/filler/pump-101/temperature";

    private final InputStream standardInput = System.in;

    @TempDir private Path dir;

    /** What one run of the command gave. */
    private record Outcome(int exitCode, List<String> out, String err) {}

    @AfterEach
    void restoreStandardInput() {
        System.setIn(standardInput);
    }

    @Test
    void saysThatATopicIsValid() {
        assertThat(run("validate", GOOD))
                .isEqualTo(
                        new Outcome(
                                0,
                                List.of(
                                        "{\"topic\":\""
                                                + GOOD
                                                + "\",\"valid\":true,\"violations\":[]}"),
                                ""));
    }

    @Test
    void saysWhichRuleATopicBreaks() {
        assertThat(run("validate", "acme/plant1/packaging/line2/filler/pump.1/temperature"))
                .isEqualTo(
                        new Outcome(
                                1,
                                List.of(
                                        "{\"topic\":\"acme/plant1/packaging/line2/filler/pump.1/temperature\","
                                                + "\"valid\":false,\"violations\":[{\"rule\":\"dot\","
                                                + "\"level\":\"equipment\",\"value\":\"pump.1\","
                                                + "\"message\":\"level equipment has a ., which"
                                                + " separates levels inside the broker: pump.1; see"
                                                + " docs/uns/hierarchy.md\"}]}"),
                                ""));
    }

    @Test
    void writesAViolationOfTheWholeTopicWithoutALevel() throws IOException {
        JsonNode violation = json(run("validate", "acme").out().get(0)).at("/violations/0");

        assertThat(violation.get("rule").asText()).isEqualTo("level-count");
        assertThat(violation.get("level").isNull()).isTrue();
    }

    @Test
    void checksSeveralTopicsAndFailsIfOneDoes() {
        Outcome outcome = run("validate", GOOD, "acme", GOOD);

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out()).hasSize(3);
    }

    @Test
    void anEmptyArgumentIsAnEmptyTopic() throws IOException {
        Outcome outcome = run("validate", "");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(json(outcome.out().get(0)).at("/violations/0/rule").asText()).isEqualTo("empty");
    }

    @Test
    void checksAFileOfAThousandTopicsInOrder() throws IOException {
        List<String> topics = IntStream.range(0, 1000).mapToObj(i -> GOOD + i).toList();
        Outcome outcome = run("validate", "--file", file(String.join("\n", topics)).toString());

        assertThat(outcome.exitCode()).isZero();
        assertThat(topics(outcome)).isEqualTo(topics);
    }

    @Test
    void readsStandardInputForADashOrNothing() {
        for (String[] args : List.of(new String[] {"validate", "-"}, new String[] {"validate"})) {
            System.setIn(new ByteArrayInputStream((GOOD + "\nacme\n").getBytes()));
            Outcome outcome = run(args);

            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(topics(outcome)).containsExactly(GOOD, "acme");
        }
    }

    @Test
    void dropsByteOrderMarkAndCarriageReturns() throws IOException {
        Outcome outcome =
                run(
                        "validate",
                        "--file",
                        file("\uFEFF" + GOOD + "\r\n" + GOOD + "2\r\n").toString());

        assertThat(outcome.exitCode()).isZero();
        assertThat(topics(outcome)).containsExactly(GOOD, GOOD + "2");
    }

    @Test
    void aByteOrderMarkIsDroppedOnTheFirstLineOnly() throws IOException {
        Outcome outcome =
                run("validate", "--file", file(GOOD + "\n\uFEFF" + GOOD + "\n").toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out().get(1)).isPrintable().contains("\"topic\":\"\\uFEFFacme");
    }

    @Test
    void aBlankLineIsAnEmptyTopicUnlessItIsTheLast() throws IOException {
        assertThat(topics(run("validate", "--file", file(GOOD + "\n\n" + GOOD).toString())))
                .containsExactly(GOOD, "", GOOD);
        assertThat(topics(run("validate", "--file", file(GOOD + "\n\n").toString())))
                .containsExactly(GOOD);
        assertThat(topics(run("validate", "--file", file(GOOD + "\r\n\r\n\r\n").toString())))
                .containsExactly(GOOD, "");
    }

    @Test
    void saysThatALineIsNotUtf8AndGoesOn() throws IOException {
        Path file = dir.resolve("latin1.txt");
        Files.write(
                file, ("a/b/c/d/F\u00fcller/f/g\n" + GOOD).getBytes(StandardCharsets.ISO_8859_1));
        Outcome outcome = run("validate", "--file", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out().get(0))
                .isEqualTo(
                        "{\"topic\":\"a/b/c/d/F\\uFFFDller/f/g\",\"valid\":false,\"violations\":["
                                + "{\"rule\":\"utf-8\",\"level\":null,"
                                + "\"value\":\"a/b/c/d/F\\uFFFDller/f/g\",\"message\":\"topic is not"
                                + " UTF-8: a/b/c/d/F\\uFFFDller/f/g; save the list as UTF-8, see"
                                + " docs/uns/hierarchy.md\"}]}");
        assertThat(topics(outcome)).endsWith(GOOD);
    }

    @Test
    void keepsNoMoreOfALineThanMqttCouldCarry() throws IOException {
        Outcome outcome =
                run("validate", "--file", file("x".repeat(200_000) + "\n" + GOOD).toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(json(outcome.out().get(0)).at("/violations/0/message").asText())
                .startsWith("topic is longer than 65535 bytes, the most that MQTT carries");
        assertThat(topics(outcome).get(0)).hasSize(TopicLines.MAX_BYTES);
        assertThat(topics(outcome).get(1)).isEqualTo(GOOD);
    }

    @Test
    void takesOtherRules() throws IOException {
        Path rules = dir.resolve("rules.yaml");
        Files.writeString(
                rules,
                Files.readString(HierarchyRules.DEFAULT_FILE)
                        .replace("maxLength: 512", "maxLength: 20"));

        assertThat(run("validate", "--rules", rules.toString(), GOOD).out().get(0))
                .contains("topic has 55 bytes, at most 20 are allowed: " + GOOD);
    }

    @Test
    void failsWithOneSentenceWhenItCannotCheck() throws IOException {
        Path missing = dir.resolve("missing");
        Path empty = file("");

        assertThat(run("validate", "--file", missing.toString()))
                .isEqualTo(failed("no file " + missing + "; name an existing one"));
        assertThat(run("validate", "--file", dir.toString()))
                .isEqualTo(failed(dir + " is a folder; name a file"));
        assertThat(run("validate", "--file", empty.toString()))
                .isEqualTo(failed(empty + " has no topics; give one per line"));
        assertThat(run("validate", "--rules", missing.toString(), GOOD))
                .isEqualTo(
                        failed(
                                "no rules file at "
                                        + missing
                                        + "; name an existing file or restore it"));
        assertThat(run("validate", "--file", empty.toString(), GOOD))
                .isEqualTo(failed("give topics or --file, not both; see uns-hub topics --help"));
        assertThat(run("validate", "-", GOOD))
                .isEqualTo(
                        failed(
                                "give topics or - for standard input, not both; see uns-hub topics --help"));
        assertThat(run()).satisfies(TopicsCommandTest::isUsageError);
        assertThat(run("validate", "--nonsense")).satisfies(TopicsCommandTest::isUsageError);
    }

    private static void isUsageError(Outcome outcome) {
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .containsAnyOf(
                        "topics needs a subcommand; try: topics validate TOPIC",
                        "Unknown option: '--nonsense'");
    }

    private static Outcome failed(String sentence) {
        return new Outcome(2, List.of(), "uns-hub: " + sentence + System.lineSeparator());
    }

    private Path file(String content) throws IOException {
        return Files.writeString(Files.createTempFile(dir, "topics", ".txt"), content);
    }

    private static List<String> topics(Outcome outcome) {
        return outcome.out().stream()
                .map(line -> json(line).get("topic").asText())
                .collect(Collectors.toList());
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }

    private static Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                UnsHub.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(
                                Stream.concat(Stream.of("topics"), Stream.of(args))
                                        .toArray(String[]::new));
        return new Outcome(exitCode, out.toString().lines().toList(), err.toString());
    }
}
