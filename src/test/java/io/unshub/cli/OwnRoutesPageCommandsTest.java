package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the pages on routes of the plant's own say to type does what they say. */
class OwnRoutesPageCommandsTest {

    private static final Path PAGE = Path.of("docs/eip/own-routes.md");
    private static final Pattern COMMAND = Pattern.compile("^ {4}uns-hub (.+)$", Pattern.MULTILINE);

    @TempDir Path work;
    @TempDir Path config;

    private static List<String> commands(Path page) throws IOException {
        return COMMAND.matcher(Files.readString(page))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private String run(String command) {
        StringWriter out = new StringWriter();
        CommandLine line = UnsHub.commandLine().setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(out, true));
        assertThat(line.execute(command.replace("work", work.toString()).split(" ")))
                .as("%s: %s", command, out)
                .isZero();
        return out.toString();
    }

    @Test
    void showsTheHistoryOfAReadingThatIsTried() throws IOException {
        TestFolders.config(config);
        List<String> commands = commands(PAGE.resolveSibling("message-history.md"));

        run(commands.get(0));
        assertThat(run(commands.get(1) + " --config " + config))
                .containsPattern(
                        "messageHistory.*\"ingest\".*\"route\":\"hot-spots\",\"step\":\"in-celsius\"");
    }

    @Test
    void leadsToAFirstRouteThatWorks() throws IOException {
        TestFolders.config(config);
        List<String> commands = commands(PAGE);

        assertThat(run(commands.get(0))).contains("aggregator", "unshub-window-action");
        assertThat(run(commands.get(1))).contains("line1-means.yaml is written");
        assertThat(run(commands.get(2) + " --config " + config)).contains("all may take effect");
        assertThat(run(commands.get(3) + " --config " + config))
                .contains("line1-means: to[kamelet:unshub-window-action")
                .contains("1 readings went in")
                .contains("/_mean-temperature");
    }
}
