package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example of a plant's repository is built as its CI builds it, with the hub of this build. */
class ExampleRepositoryIT {

    private static final Path EXAMPLE = Path.of("examples/plant-repository");
    private static final String VERSION = "0.1.0-SNAPSHOT";
    private static final int MINUTES = 15;

    private final Path work = TestFolders.fresh("example");
    private final Path plant = work.resolve("plant");
    private Path repository;

    /** What a command gave. */
    private record Outcome(int exitCode, String output) {}

    @BeforeEach
    void checkOut() throws IOException {
        FileUtils.copyDirectory(
                EXAMPLE.toFile(), plant.toFile(), each -> !each.getName().equals("target"));
        repository = repositoryWithThisBuild();
    }

    /** The user's local repository, with this build beside what is in it, and not in it. */
    private Path repositoryWithThisBuild() throws IOException {
        Path users = Path.of(System.getProperty("unshub.maven.repository"));
        Path folder = Files.createDirectory(work.resolve("repository"));
        link(users, folder, "io");
        link(users.resolve("io"), Files.createDirectory(folder.resolve("io")), "unshub");
        Path hub = Files.createDirectories(folder.resolve("io/unshub/uns-hub").resolve(VERSION));
        String name = "uns-hub-" + VERSION;
        Files.copy(Path.of("pom.xml"), hub.resolve(name + ".pom"));
        for (String jar : List.of(name + ".jar", name + "-testkit.jar")) {
            Files.copy(Path.of("target", jar), hub.resolve(jar));
        }
        return folder;
    }

    private static void link(Path from, Path into, String except) throws IOException {
        try (var all = Files.list(from)) {
            for (Path each : all.toList()) {
                if (!each.endsWith(except)) {
                    Files.createSymbolicLink(into.resolve(each.getFileName()), each);
                }
            }
        }
    }

    private Outcome run(String command) throws Exception {
        ProcessBuilder shell =
                new ProcessBuilder("sh", "-e", "-c", command)
                        .directory(plant.toFile())
                        .redirectErrorStream(true);
        Map<String, String> environment = shell.environment();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.merge(
                "MAVEN_OPTS", "-Dmaven.repo.local=" + repository, (own, more) -> own + " " + more);
        environment.put(
                "PATH",
                String.join(
                        File.pathSeparator,
                        System.getProperty("java.home") + "/bin",
                        System.getProperty("unshub.maven.home") + "/bin",
                        environment.get("PATH")));
        Path output = Files.createTempFile(work, "command-", ".log");
        Process process = shell.redirectOutput(output.toFile()).start();
        try {
            assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).as(command).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    /** What its CI runs, but for what compares with another branch. */
    private static List<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        JsonNode ci =
                new YAMLMapper().readTree(EXAMPLE.resolve(".github/workflows/ci.yml").toFile());
        for (JsonNode step : ci.at("/jobs/check/steps")) {
            String command = step.path("run").asText();
            if (!command.isEmpty() && !command.contains("${{")) {
                commands.add(command);
            }
        }
        return commands;
    }

    @Test
    void passesItsOwnCiUntilAStepHasNoTest() throws Exception {
        assertThat(commands())
                .containsExactly("./uns-hub routes check", "./uns-hub tags lint", "mvn -B verify");
        for (String command : commands()) {
            Outcome outcome = run(command);
            assertThat(outcome.exitCode()).as("%s: %s", command, outcome.output()).isZero();
        }
        assertThat(plant.resolve("target/route-coverage/report.xml"))
                .content()
                .contains("filename=\"config/routes/line1-hot.yaml\" line-rate=\"1.0000\"");
        assertThat(run("./uns-hub routes coverage --minimum 100").exitCode()).isZero();
        Outcome same =
                run(
                        "./uns-hub routes diff --recording recordings/line1.ndjson.gz --from config --to config");
        assertThat(same.output()).contains("33 recorded readings");
        assertThat(same.exitCode()).isZero();

        Files.delete(plant.resolve("src/test/java/com/acme/plant1/Line1HotTest.java"));
        FileUtils.deleteDirectory(plant.resolve("target").toFile());
        Outcome untested = run("mvn -B verify");

        assertThat(untested.exitCode()).isNotZero();
        assertThat(untested.output())
                .contains("config/routes/line1-hot.yaml:11: [coverage] no test sends a reading ")
                .contains("2 route files, 3 of 6 steps covered: 50.0 %, at least 100.0 % is asked");
    }
}
