package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HierarchyDocTest {

    private static final Pattern LEVEL =
            Pattern.compile(
                    "### `(?<name>.+)`\n(?<description>.+)\n- Pattern: `(?<pattern>.+)`\n"
                            + "- Examples: (?<examples>.+)\n");

    @Test
    void documentsEveryLevelAsTheRulesFileHasIt() throws IOException {
        List<Level> documented = new ArrayList<>();
        Matcher matcher = LEVEL.matcher(Files.readString(Path.of("docs/uns/hierarchy.md")));
        while (matcher.find()) {
            documented.add(
                    new Level(
                            matcher.group("name"),
                            matcher.group("pattern"),
                            matcher.group("description"),
                            List.of(matcher.group("examples").replace("`", "").split(", "))));
        }

        assertThat(documented).isEqualTo(HierarchyRules.load(HierarchyRules.DEFAULT_FILE).levels());
    }
}
