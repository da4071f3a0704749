package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StartClassesTest {

    @Test
    void passesOverWhatIsNotThere() {
        assertThat(
                        StartClasses.load(
                                Stream.of("io.unshub.Gone", "", StartClassesTest.class.getName())))
                .isEqualTo(1);
    }

    @Test
    void hasAListOfTheseVersions() throws IOException {
        List<String> names = Files.readAllLines(Path.of("src/main/resources" + StartClasses.LIST));

        // those that the build makes of others are not here
        assertThat(names.stream().filter(StartClassesTest::isThere).count())
                .as("of %d; make start-classes makes the list anew", names.size())
                .isGreaterThan(names.size() * 9L / 10)
                .isGreaterThan(5_000);
    }

    private static boolean isThere(String name) {
        return StartClassesTest.class.getResource("/" + name.replace('.', '/') + ".class") != null;
    }
}
