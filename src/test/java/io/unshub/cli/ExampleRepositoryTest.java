package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The example of a plant's repository is what the commands of this version call right. */
class ExampleRepositoryTest {

    private static final Path EXAMPLE = Path.of("examples/plant-repository");
    private static final Pattern COMMAND = Pattern.compile("\\./uns-hub ([^|`\\n]+)");
    private static final Pattern VERSION =
            Pattern.compile("<artifactId>uns-hub</artifactId>\\s*<version>([^<]+)</version>");

    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine line = UnsHub.commandLine().setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(out, true));
        assertThat(line.execute(arguments)).as("%s", out).isZero();
        return out.toString();
    }

    @Test
    void hasAConfigurationThatIsRight() {
        String config = EXAMPLE.resolve("config").toString();

        assertThat(run("routes", "check", "--config", config))
                .isEqualTo("2 route files, all may take effect\n");
        assertThat(run("tags", "lint", "--config", config))
                .isEqualTo("1 connections, 4 tags: all is well\n");
    }

    @Test
    void namesThisVersionOfTheHub() throws IOException {
        Matcher version = VERSION.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();

        assertThat(EXAMPLE.resolve("pom.xml"))
                .content()
                .contains("<uns-hub.version>" + version.group(1) + "</uns-hub.version>")
                .doesNotContain("<repositor", "<url>");
    }

    @Test
    void callsCommandsThatThereAre() throws IOException {
        for (String file : List.of("README.md", ".github/workflows/ci.yml")) {
            List<String> commands =
                    COMMAND.matcher(
                                    Files.readString(EXAMPLE.resolve(file))
                                            .replaceAll("\\$\\{\\{.*?}}", "main"))
                            .results()
                            .map(each -> each.group(1))
                            .toList();
            assertThat(commands).hasSizeGreaterThanOrEqualTo(2);
            assertThat(commands)
                    .allSatisfy(
                            each ->
                                    assertThatCode(
                                                    () ->
                                                            UnsHub.commandLine()
                                                                    .parseArgs(
                                                                            each.strip()
                                                                                    .split(" ")))
                                            .doesNotThrowAnyException());
        }
    }
}
