package io.unshub.uns;

import java.util.List;

/**
 * One level of the hierarchy, as the rules file describes it.
 *
 * @param name how code and messages refer to the level: {@code enterprise} … {@code tag}
 * @param pattern regular expression that the whole level must match
 * @param description what the level stands for, one sentence
 * @param examples three or more values that match the pattern
 */
public record Level(String name, String pattern, String description, List<String> examples) {

    public Level {
        examples = examples == null ? List.of() : List.copyOf(examples);
    }
}
