package io.unshub.route;

import java.util.List;
import java.util.Optional;

/** The starting files that {@code uns-hub routes new} writes, one for each pattern. */
public final class Patterns {

    private static final String FOLDER = "patterns";
    private static final String ENDING = ".yaml";

    private Patterns() {}

    /** Their names. */
    public static List<String> names() {
        return ClassPathFolder.names(FOLDER, ENDING);
    }

    /** What a pattern does, in a line. */
    public static String sentence(String pattern) {
        return text(pattern).lines().findFirst().orElseThrow().substring(2);
    }

    /**
     * A starting file.
     *
     * @param pattern one of {@link #names()}
     * @param id of the route and name of its subscription
     * @return its text; empty when there is no such pattern
     */
    public static Optional<String> start(String pattern, String id) {
        return names().contains(pattern)
                ? Optional.of(
                        text(pattern)
                                .replace("id: " + pattern, "id: " + id)
                                .replace("name: " + pattern, "name: " + id))
                : Optional.empty();
    }

    private static String text(String pattern) {
        return ClassPathFolder.text(FOLDER + "/" + pattern + ENDING);
    }
}
