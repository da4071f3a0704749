package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.route.Patterns;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Which steps of route files tests have sent readings through. */
class RoutesCoverageCommandTest {

    @TempDir private Path dir;
    private Path file;

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void aRouteOfTwoSteps() throws IOException {
        file = Files.createDirectories(dir.resolve("config/routes")).resolve("high.yaml");
        Files.writeString(file, Patterns.start("message-filter", "high").orElseThrow());
        Files.createDirectories(dir.resolve("tests"));
    }

    private Outcome run(String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                UnsHub.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        String[] arguments =
                ("routes coverage --config "
                                + dir.resolve("config")
                                + " --tests "
                                + dir.resolve("tests"))
                        .strip()
                        .split(" ");
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return new Outcome(line.execute(all), out.toString(), err.toString());
    }

    /** As a test of the kit writes it. */
    private void counted(String test, int filtered, int derived) throws IOException {
        Files.writeString(
                dir.resolve("tests").resolve(test + ".json"),
                """
                [ {"step": {"route": "high", "line": 12, "name": "to[kamelet:unshub-filter-action?above=80&quality=GOOD]"},
                   "readings": %d},
                  {"step": {"route": "high", "line": 17, "name": "to[kamelet:unshub-derive-sink?tag=_high-{tag}]"},
                   "readings": %d} ]
                """
                        .formatted(filtered, derived));
    }

    @Test
    void passesWhenReadingsCameToEachStep() throws IOException {
        counted("one", 3, 0);
        counted("another", 1, 1);

        Outcome outcome = run();

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out())
                .isEqualTo(
                        "1 route files, 2 of 2 steps covered: 100.0 %, at least 100.0 % is asked\n");
        assertThat(outcome.exitCode()).isZero();
        assertThat(dir.resolve("tests/report.xml"))
                .content()
                .contains("lines-covered=\"2\" lines-valid=\"2\"")
                .contains("filename=\"" + file + "\" line-rate=\"1.0000\"")
                .contains("<line number=\"12\" hits=\"4\"")
                .contains("<line number=\"17\" hits=\"1\"");
    }

    @Test
    void namesTheStepsThatNoTestReached() throws IOException {
        counted("one", 3, 0);

        Outcome outcome = run();

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out())
                .isEqualTo(
                        file
                                + ":17: [coverage] no test sends a reading through to[kamelet:unshub-derive-sink?tag=_high-{tag}]; add one that does\n"
                                + "1 route files, 1 of 2 steps covered: 50.0 %, at least 100.0 % is asked\n");
        assertThat(run("--minimum", "50").exitCode()).isZero();
        assertThat(run("--minimum", "50.1").exitCode()).isEqualTo(1);
    }

    @Test
    void countsNothingForAStepThatHasChangedSince() throws IOException {
        counted("one", 3, 3);
        Files.writeString(file, Files.readString(file).replace("above: \"80\"", "above: \"90\""));

        Outcome outcome = run();

        assertThat(outcome.out()).startsWith(file + ":12: [coverage] ").contains("1 of 2 steps");
    }

    @Test
    void countsAFileThatNoTestLoads() throws IOException {
        counted("one", 3, 3);
        Files.writeString(
                file.resolveSibling("low.yaml"), Patterns.start("wire-tap", "low").orElseThrow());

        assertThat(run().out()).contains("low.yaml:12: ", "2 route files, 2 of 5 steps");
        assertThat(run(file.toString()).exitCode()).isZero();
    }

    @Test
    void saysWhyItCannotTell() throws IOException {
        assertThat(run())
                .extracting(Outcome::exitCode, Outcome::err)
                .containsExactly(
                        2,
                        "uns-hub: no test has written its coverage to "
                                + dir.resolve("tests")
                                + "; run the tests first, see docs/eip/testing-routes.md\n");
        counted("one", 1, 1);
        assertThat(run("--minimum", "101").err())
                .startsWith("uns-hub: --minimum is 101.0; it is 0 to 100");
        Files.writeString(file, "- route: {id: high, from: {uri: direct:x, steps: [{tu: log:x}]}}");
        assertThat(run().err())
                .startsWith("uns-hub: " + file + " is no route (")
                .endsWith("; try: uns-hub routes check " + file + "\n");
        Files.delete(file);
        assertThat(run().err())
                .startsWith("uns-hub: there are no route files in " + file.getParent() + "; ");
    }
}
