package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Each command on a page is one that the program takes. */
class CommandsOnPagesTest {

    private static final Pattern BLOCK =
            Pattern.compile("^ {4,}(?:\\./)?uns-hub (.+)$", Pattern.MULTILINE);
    private static final Pattern INLINE = Pattern.compile("`(?:\\./)?uns-hub ([^`]+)`");

    private static final CommandLine PROGRAM = UnsHub.commandLine();

    /** A comment, or where the output goes; neither is the program's. */
    private static final Pattern BEHIND = Pattern.compile("( +# .*| > \\S+)$");

    @ParameterizedTest
    @MethodSource("pages")
    void givesWholeCommandsThatAreParsed(Path page) throws IOException {
        for (String command : commands(BLOCK, page)) {
            String[] words = BEHIND.matcher(command).replaceFirst("").strip().split("\\s+");
            assertThatCode(() -> PROGRAM.parseArgs(words))
                    .as("%s in %s", command, page)
                    .doesNotThrowAnyException();
        }
    }

    /** In a sentence what a command needs may be left out. */
    @ParameterizedTest
    @MethodSource("pages")
    void namesCommandsAndOptionsThatThereAre(Path page) throws IOException {
        for (String command : commands(INLINE, page)) {
            CommandLine at = PROGRAM;
            for (String word : command.split("\\s+")) {
                if (word.startsWith("-")) {
                    assertThat(at.getCommandSpec().optionsMap())
                            .as("%s in %s", command, page)
                            .containsKey(word.replaceFirst("=.*", ""));
                } else if (!at.getSubcommands().isEmpty()) {
                    assertThat(at.getSubcommands()).as("%s in %s", command, page).containsKey(word);
                    at = at.getSubcommands().get(word);
                }
            }
        }
    }

    private static List<String> commands(Pattern pattern, Path page) throws IOException {
        return pattern.matcher(Files.readString(page))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> examples = Files.walk(Path.of("examples"))) {
            return Stream.of(docs, examples, Stream.of(Path.of("README.md")))
                    .flatMap(each -> each)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }
}
