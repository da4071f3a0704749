package io.unshub.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;

/** What the pages say to type. */
final class Typed {

    private static final String HUB = "(?:\\w+=\\S+ )?(?:\\./)?uns-hub";
    private static final String OTHERS = "(?:\\w+=\\S+ )?(?:curl|make|mvn|promtool|mosquitto_\\w+)";

    /** Indented, or between fences; a line that ends with a backslash goes on. */
    private static final String BLOCK =
            "^(?: {4,}| {0,3})((?:%s|%s|grep|cp|az|grype) (?:.*\\\\\\n)*.+)$"
                    .formatted(HUB, OTHERS);

    private static final String INLINE = "`((?:%s|%s) [^`]+)`".formatted(HUB, OTHERS);
    private static final Pattern EITHER = Pattern.compile(BLOCK + "|" + INLINE, Pattern.MULTILINE);

    private static final CommandLine PROGRAM = UnsHub.commandLine();

    /** A line of a drawing. */
    private static final Pattern DRAWN = Pattern.compile("[─│]");

    /** A comment; it is not the program's. */
    private static final Pattern COMMENT = Pattern.compile(" {2,}# .*$");

    private Typed() {}

    /** Each page that tells somebody what to do. */
    static List<Path> pages() {
        try (Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> examples = Files.walk(Path.of("examples"));
                Stream<Path> camelK = Files.walk(Path.of("camel-k"))) {
            return Stream.of(
                            docs,
                            examples,
                            camelK,
                            Stream.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")))
                    .flatMap(each -> each)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines of a page that are typed as they stand, in its order. */
    static List<String> lines(Path page) {
        List<String> lines = new ArrayList<>();
        Matcher found = EITHER.matcher(read(page));
        while (found.find()) {
            String block = found.group(1);
            if (block != null && !DRAWN.matcher(block).find()) {
                lines.add(COMMENT.matcher(block.replaceAll("\\\\\\n\\s*", "")).replaceFirst(""));
            } else if (block == null && isWhole(found.group(2))) {
                lines.add(found.group(2));
            }
        }
        return lines;
    }

    /** What sentences name, with more or less of its arguments: {@code keys add}. */
    static List<String> named(Path page) {
        return EITHER.matcher(read(page))
                .results()
                .map(match -> match.group(2))
                .filter(Objects::nonNull)
                .toList();
    }

    /** A sentence may name a command without what it needs, or write it out. */
    private static boolean isWhole(String line) {
        return !line.matches("(\\./)?uns-hub .*")
                || words(line).length > words(command(line)).length
                || line.startsWith("./") && isTaken(line);
    }

    private static boolean isTaken(String line) {
        try {
            PROGRAM.parseArgs(arguments(line));
            return true;
        } catch (CommandLine.ParameterException e) {
            return false;
        }
    }

    /** The command of a line without its arguments: {@code uns-hub keys add}. */
    static String command(String line) {
        CommandLine at = PROGRAM;
        StringBuilder command = new StringBuilder("uns-hub");
        for (String word : words(line)) {
            if (at.getSubcommands().containsKey(word)) {
                at = at.getSubcommands().get(word);
                command.append(' ').append(word);
            } else if (!word.endsWith("uns-hub")) {
                break;
            }
        }
        return command.toString();
    }

    /** As a shell takes it apart, which here only has to know single quotes. */
    static String[] words(String line) {
        return line.strip().replace("'", "").split("\\s+");
    }

    /** What stands behind the program's name. */
    static String[] arguments(String line) {
        return words(line.replaceFirst("^(?:\\./)?uns-hub ", ""));
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
