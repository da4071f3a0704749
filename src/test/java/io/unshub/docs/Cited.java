package io.unshub.docs;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tests and attempts that a page names as what shows something. */
final class Cited {

    private static final Path TESTS = Path.of("src/test/java");
    private static final Path ATTEMPTS = TESTS.resolve("io/unshub/security/Attempt.java");
    private static final Pattern CITED =
            Pattern.compile("`(?:attempt: ([a-z0-9.-]+)|(\\w+)#(\\w+))`");
    private static final Pattern ATTEMPT = Pattern.compile("[A-Z0-9_]+\\(\"([a-z0-9.-]+)\", ");

    private final Map<String, String> tests;
    private final Set<String> attempts;

    Cited() throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            tests =
                    files.filter(file -> file.toString().matches(".*(Test|IT)\\.java"))
                            .collect(toMap(Cited::name, Cited::text));
        }
        attempts =
                ATTEMPT.matcher(text(ATTEMPTS))
                        .results()
                        .map(name -> name.group(1))
                        .collect(toSet());
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails unless a cell of a table names at least one, all exist, and nothing else is there. */
    void check(String cell) {
        assertThat(CITED.matcher(cell).replaceAll("").replaceAll("[, ]", ""))
                .as("what is no test in %s", cell)
                .isEmpty();
        Matcher cited = CITED.matcher(cell);
        assertThat(cited.find()).as("a test in %s", cell).isTrue();
        do {
            if (cited.group(1) != null) {
                assertThat(attempts).contains(cited.group(1));
            } else {
                assertThat(tests).containsKey(cited.group(2));
                assertThat(tests.get(cited.group(2)))
                        .as(cited.group())
                        .containsPattern("\n {4}void %s\\(".formatted(cited.group(3)));
            }
        } while (cited.find());
    }
}
