package io.unshub.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages say what the code says, and lead to what exists. */
class PagesTest {

    private static final Path ROOT = Path.of("");
    private static final Pattern FENCED =
            Pattern.compile("^```.*?^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);
    private static final Pattern NAMED_PAGE = Pattern.compile("docs/[a-z0-9/-]+\\.md");

    @ParameterizedTest
    @MethodSource("pages")
    void hasGeneratedPartsThatAreCurrent(Path page) throws IOException {
        String written = Files.readString(page);
        String current = Tables.fill(written);
        if (Boolean.getBoolean("unshub.docs.write")) {
            Files.writeString(page, current);
            return;
        }

        assertThat(written).as("%s is not current; run: make docs", page).isEqualTo(current);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksToWhatExists(Path page) throws IOException {
        Matcher links = LINK.matcher(FENCED.matcher(Files.readString(page)).replaceAll(""));
        while (links.find()) {
            String link = links.group(1);
            if (link.matches("[a-z]+:.*")) {
                continue;
            }
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
            assertThat(target).as("link %s in %s", link, page).exists();
            if (parts.length == 2) {
                assertThat(anchors(target)).as("link %s in %s", link, page).contains(parts[1]);
            }
        }
    }

    @Test
    void existsWhereTheCodeRefersToIt() throws IOException {
        Set<String> named;
        try (Stream<Path> sources = Files.walk(Path.of("src/main"))) {
            named =
                    sources.filter(Files::isRegularFile)
                            .flatMap(file -> NAMED_PAGE.matcher(read(file)).results())
                            .map(match -> match.group())
                            .collect(Collectors.toSet());
        }

        assertThat(named).isNotEmpty().allSatisfy(page -> assertThat(Path.of(page)).exists());
    }

    static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> examples = Files.walk(Path.of("examples"));
                Stream<Path> root = Files.list(ROOT)) {
            return Stream.of(docs, examples, root)
                    .flatMap(each -> each)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static Set<String> anchors(Path page) {
        return HEADING.matcher(read(page))
                .results()
                .map(
                        heading ->
                                heading.group(1)
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
