package io.unshub.route;

import io.unshub.uns.Excerpt;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a route of the plant's own reaches: its expressions look at the message and nothing else,
 * and its files lie in the folders that are open to routes. Immutable; threads: any.
 */
final class RouteReach {

    private static final Pattern OPENING = Pattern.compile("\\$\\w*\\{");
    private static final Pattern LOOKS_AT_THE_MESSAGE =
            Pattern.compile(
                    "\\$(simple)?\\{\\s*(body(\\.(?![A-Za-z]*[Cc]lass)[A-Za-z]+)*"
                            + "|(headers?|exchangeProperty|variable)\\.[\\w-]+"
                            + "|date:now(:[^${}]*)?|exception\\.message"
                            + "|exchangeId|routeId|stepId|null|empty|true|false)\\s*}");
    private static final Pattern OF_A_FILE_NAME =
            Pattern.compile("\\$(simple)?\\{\\s*(date:now(:[^${}]*)?|exchangeId|routeId)\\s*}");

    private final List<Path> folders;

    /**
     * @param folders that routes may read and write, with those below them
     */
    RouteReach(Collection<String> folders) {
        this.folders = folders.stream().map(RouteReach::absolute).toList();
    }

    /** What is wrong with a text that may be an expression; empty for nothing. */
    Optional<String> expression(String text) {
        if (text.strip().startsWith("resource:")) {
            return Optional.of(
                    "%s reads its text from elsewhere; write it into the file"
                            .formatted(Excerpt.of(text)));
        }
        if (text.contains("{{bean:")) {
            return Optional.of(
                    "%s calls a bean; use a Kamelet, or a property of the configuration"
                            .formatted(Excerpt.of(text)));
        }
        return outside(text, LOOKS_AT_THE_MESSAGE)
                .map(
                        found ->
                                "%s looks at more than the message; use ${body}, ${body.value} and the like, ${header.NAME}, ${exchangeProperty.NAME}, ${variable.NAME}, ${date:now:PATTERN} or ${exception.message}"
                                        .formatted(Excerpt.of(found)));
    }

    /** What is wrong with a folder that a route names; empty for nothing. */
    Optional<String> folder(String folder) {
        if (!isPlain(folder) || folders.stream().noneMatch(absolute(folder)::startsWith)) {
            return Optional.of(
                    "%s is no folder that routes may read or write, those are %s; use one of them or one below, or add it to unshub.routes.folders"
                            .formatted(Excerpt.of(folder), folders));
        }
        return Optional.empty();
    }

    /** What is wrong with the name of a file in such a folder; empty for nothing. */
    Optional<String> fileName(String name) {
        String rest = OF_A_FILE_NAME.matcher(name).replaceAll("x");
        if (!isPlain(rest)
                || rest.startsWith("/")
                || rest.startsWith("RAW")
                || !absolute(rest).startsWith(absolute(""))) {
            return Optional.of(
                    "%s may lead out of its folder; name a file in it, with ${date:now:PATTERN} at most"
                            .formatted(Excerpt.of(name)));
        }
        return Optional.empty();
    }

    private static Optional<String> outside(String text, Pattern allowed) {
        Matcher opening = OPENING.matcher(text);
        while (opening.find()) {
            if (!allowed.matcher(text).region(opening.start(), text.length()).lookingAt()) {
                return Optional.of(text.substring(opening.start()));
            }
        }
        return Optional.empty();
    }

    /** Whether it is a path as it stands, with nothing that is filled in or decoded later. */
    private static boolean isPlain(String path) {
        if (path.isBlank() || path.matches("(?s).*[${}%\\\\\\p{Cntrl}].*")) {
            return false;
        }
        try {
            Path.of(path);
            return true;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }
}
