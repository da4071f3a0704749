package io.unshub.cli;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A runbook can be followed: its parts are where they are looked for, and what it names exists. */
class RunbooksTest {

    private static final Path FOLDER = Path.of("docs/runbooks");
    private static final Pattern HEADING = Pattern.compile("^## (.+)$", Pattern.MULTILINE);
    private static final Pattern METRIC = Pattern.compile("\\bunshub_[a-z0-9_]+");
    private static final Pattern KEY = Pattern.compile("\\bunshub\\.[a-z.-]+[a-z]");
    private static final Pattern ALARM =
            Pattern.compile("^\\| (`[a-zA-Z-]+`) \\|", Pattern.MULTILINE);
    private static final Pattern API = Pattern.compile("/api/v1(/[a-z-]+)+");

    @ParameterizedTest
    @MethodSource("runbooks")
    void saysWhatIsSafeFirstAndHasItsParts(Path runbook) throws IOException {
        String text = Files.readString(runbook);

        assertThat(text.lines().toList().get(2)).startsWith("**Safe at once:** ");
        assertThat(text.lines().toList().get(2)).contains(" **Never:** ");
        assertThat(HEADING.matcher(text).results().map(heading -> heading.group(1)))
                .containsExactly("Detection", "Diagnosis", "Action", "Rollback", "Escalation");
        assertThat(text).containsPattern("(?m)^Safe: .*Not safe: ");
        assertThat(FOLDER.resolve("README.md"))
                .content()
                .contains("](" + runbook.getFileName() + ")");
    }

    @ParameterizedTest
    @MethodSource("all")
    void namesMetricsKeysAndRequestsThatExist(Path runbook) throws IOException {
        String text = Files.readString(runbook);
        Set<String> metrics = Arrays.stream(Metric.values()).map(Metric::exposed).collect(toSet());

        assertThat(metrics).containsAll(found(METRIC, text));
        String keys = Files.readString(Path.of("docs/reference/configuration.md"));
        assertThat(found(KEY, text)).allMatch(key -> keys.contains("| `" + key + "` |"));
        String requests = Files.readString(Path.of("docs/reference/openapi.yaml"));
        assertThat(found(API, text)).allMatch(path -> requests.contains(path + ":"));
    }

    @Test
    void areThereForEachAlarmOfTheHub() throws IOException {
        String index = Files.readString(FOLDER.resolve("README.md"));
        List<String> alarms =
                ALARM.matcher(Files.readString(Path.of("docs/observability/README.md")))
                        .results()
                        .map(row -> row.group(1))
                        .toList();

        assertThat(alarms).hasSizeGreaterThan(10).allMatch(index::contains);
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(MatchResult::group).distinct().toList();
    }

    static List<Path> all() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    static List<Path> runbooks() throws IOException {
        return all().stream().filter(file -> !file.endsWith("README.md")).toList();
    }
}
