package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Against a repository of git, as CI runs it. */
class TagsCommandTest {

    private static final String PUMP = "acme/plant1/packaging/line1/cell1/pump-77/";

    @TempDir Path repository;

    private Path config;
    private Path model;

    private record Outcome(int exitCode, List<String> out, String err) {}

    @BeforeEach
    void commit() throws Exception {
        config = TestFolders.config(Files.createDirectories(repository.resolve("config")));
        model = Files.createDirectories(config.resolve("models")).resolve("pump.yaml");
        Files.writeString(model, pump("1.4.0", "pressure, bar"));
        Files.writeString(
                config.resolve("tags/pumps.yaml"),
                "connection: plant1-scada%ninstances:%n  - {model: pump, equipment: %s, id: p77}%n"
                        .formatted(PUMP.substring(0, PUMP.length() - 1)));
        git("init", "-q", "-b", "main");
        git("add", "-A");
        git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "first");
    }

    @Test
    void findsNothingWrongWithWhatIsShipped() throws IOException {
        assertThat(run("lint", "--since=main"))
                .isEqualTo(new Outcome(0, List.of("2 connections, 201 tags: all is well"), ""));
        assertThat(run("diff")).isEqualTo(new Outcome(0, List.of(), ""));
    }

    @Test
    void carriesAChangeOfUnitsThrough() throws IOException {
        Files.writeString(model, pump("1.4.1", "pressure, bar", "pressure-kpa, kPa"));
        assertThat(run("lint", "--since=main").out())
                .containsExactly(
                        "models/pump.yaml: its changes are minor, and its version went from 1.4.0 to"
                                + " 1.4.1; raise it to 1.5.0 at least",
                        "models/pump.yaml: the changelog does not say models/pump 1.4.1; add a line"
                                + " with it and with what changed",
                        "2 connections, 202 tags: 2 problems");

        Files.writeString(model, pump("1.5.0", "pressure, bar", "pressure-kpa, kPa"));
        Files.writeString(config.resolve("CHANGELOG.md"), "- models/pump 1.5.0: pressure-kpa\n");
        assertThat(run("lint", "--since=main").exitCode()).isZero();

        Files.writeString(model, pump("2.0.0", "pressure-kpa, kPa"));
        Files.writeString(config.resolve("CHANGELOG.md"), "- models/pump 2.0.0: no pressure\n");
        assertThat(run("lint", "--since=main").exitCode()).isZero();
        assertThat(run("diff", "--since=main"))
                .isEqualTo(
                        new Outcome(
                                1,
                                List.of(
                                        "major  " + PUMP + "pressure  removed (models/pump.yaml)",
                                        "minor  "
                                                + PUMP
                                                + "pressure-kpa  added (models/pump.yaml)"),
                                ""));
    }

    @Test
    void namesWhatChangedOfATag() throws IOException {
        Files.writeString(model, pump("one", "pressure, kPa").replace("s={id}", "s=x-{id}"));

        assertThat(run("diff").out())
                .containsExactly(
                        "major  " + PUMP + "pressure  units was bar, is kPa (models/pump.yaml)",
                        "patch  "
                                + PUMP
                                + "pressure  address was nsu=urn:x;s=p77/pressure, is"
                                + " nsu=urn:x;s=x-p77/pressure (models/pump.yaml)");
        assertThat(run("lint", "--since=main").out().get(0))
                .isEqualTo(
                        "models/pump.yaml: version one is no MAJOR.MINOR.PATCH; write one, as in"
                                + " 1.0.0");
    }

    @Test
    void wantsUnitsOfUcum() throws IOException {
        Files.writeString(model, pump("1.4.0", "pressure, Bar"));

        assertThat(run("lint").out().get(0))
                .startsWith("models/pump.yaml: tag " + PUMP + "pressure: units Bar are not UCUM (");
    }

    @Test
    void saysWhatItCannotCompareWith() throws IOException {
        Outcome outcome = run("lint", "--since=nowhere");

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err())
                .startsWith("uns-hub: git cannot give " + config + " at nowhere (")
                .endsWith("); name a commit that has it" + System.lineSeparator());

        Files.writeString(model, "name: motor");
        assertThat(run("lint").exitCode()).isEqualTo(1);
        assertThat(run("lint").out().get(0)).contains("models/pump.yaml:1: model pump: name motor");
    }

    private static String pump(String version, String... attributes) {
        StringBuilder text = new StringBuilder();
        text.append("name: pump\nversion: ").append(version).append("\nattributes:\n");
        for (String attribute : attributes) {
            String[] parts = attribute.split(", ");
            text.append(
                    "  - {name: %s, address: 'nsu=urn:x;s={id}/%s', units: %s, interval: 1s}%n"
                            .formatted(parts[0], parts[0], parts[1]));
        }
        return text.toString();
    }

    private void git(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        Process git =
                new ProcessBuilder(command)
                        .directory(repository.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(git.getInputStream().readAllBytes());
        assertThat(git.waitFor()).as(output).isZero();
    }

    private Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = UnsHub.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        List<String> all = new ArrayList<>(List.of("tags"));
        all.addAll(List.of(args));
        all.add("--config=" + config);
        int exit = command.execute(all.toArray(String[]::new));
        return new Outcome(exit, out.toString().lines().toList(), err.toString());
    }
}
