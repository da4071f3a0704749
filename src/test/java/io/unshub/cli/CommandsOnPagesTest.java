package io.unshub.cli;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
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

    /** So none is left that {@code DocumentedCommandsIT} does not run. */
    @Test
    void writesOutEachCommandThatItNames() {
        Set<String> writtenOut =
                pages().stream()
                        .flatMap(page -> Typed.lines(page).stream())
                        .filter(line -> line.contains("uns-hub "))
                        .map(Typed::command)
                        .collect(toSet());
        Set<String> commands = Commands.all();

        assertThat(pages())
                .allSatisfy(
                        page ->
                                assertThat(Typed.named(page).stream().map(Typed::command))
                                        .filteredOn(
                                                named ->
                                                        commands.contains(
                                                                named.replace("uns-hub ", "")))
                                        .allMatch(writtenOut::contains));
    }

    /** What is made is a target of the Makefile. */
    @Test
    void makesWhatCanBeMade() throws IOException {
        Set<String> targets =
                Pattern.compile("^([a-z]+):", Pattern.MULTILINE)
                        .matcher(Files.readString(Path.of("Makefile")))
                        .results()
                        .map(match -> match.group(1))
                        .collect(toSet());
        List<String> made =
                pages().stream()
                        .flatMap(page -> Typed.lines(page).stream())
                        .filter(line -> line.startsWith("make "))
                        .map(line -> line.split("\\s+")[1])
                        .toList();

        assertThat(made).hasSizeGreaterThan(10).allMatch(targets::contains);
    }

    static List<Path> pages() {
        return Typed.pages();
    }
}
