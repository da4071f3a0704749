package io.unshub.docs;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The threat model looks at each part from all six sides, and names what shows it. */
class ThreatModelTest {

    private static final Path PAGE = Path.of("docs/security/threat-model.md");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| ([STRIDE]) \\| .+ \\| .+ \\| (.+) \\|$");

    static List<String> parts() throws IOException {
        return Arrays.stream(Files.readString(PAGE).split("(?m)^## ")).skip(1).toList();
    }

    @Test
    void hasEachPart() throws IOException {
        assertThat(parts()).hasSize(11);
    }

    @ParameterizedTest
    @MethodSource("parts")
    void looksAtItFromAllSixSidesAndSaysWhatIsLeftOver(String part) {
        assertThat(ROW.matcher(part).results().map(row -> row.group(1)).collect(toSet()))
                .containsExactlyInAnyOrder("S", "T", "R", "I", "D", "E");
        assertThat(part).contains("**Left over.** ");
    }

    @ParameterizedTest
    @MethodSource("parts")
    void namesTestsAndAttemptsThatThereAre(String part) throws IOException {
        Cited cited = new Cited();

        ROW.matcher(part).results().map(row -> row.group(2)).forEach(cited::check);
    }
}
