package io.unshub.docs;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page on routes of the plant's own tells of every rule that a file can break. */
class OwnRoutesPageTest {

    private static final Path SOURCES = Path.of("src/main/java/io/unshub/route");
    private static final Pattern ROW =
            Pattern.compile("^\\| `\\[([a-z-]+)]` \\| .+ \\| .+ \\|$", Pattern.MULTILINE);
    private static final Pattern FOUND =
            Pattern.compile("(?:find|new Finding)\\([^;]*?\"([a-z-]+)\",");

    @Test
    void listsEachRuleOfTheChecks() throws IOException {
        Set<String> rules = matches(FOUND, Files.readString(SOURCES.resolve("RouteCheck.java")));
        rules.addAll(matches(FOUND, Files.readString(SOURCES.resolve("OwnRoutes.java"))));

        assertThat(matches(ROW, Files.readString(Path.of("docs/eip/own-routes.md"))))
                .contains("yaml", "endpoint", "loop", "start")
                .isEqualTo(rules);
    }

    private static Set<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(toCollection(TreeSet::new));
    }
}
