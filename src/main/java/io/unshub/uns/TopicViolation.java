package io.unshub.uns;

/**
 * One way in which a topic breaks the hierarchy rules.
 *
 * @param rule the rule's short name, stable for scripts: {@code level-count}, {@code pattern}, …
 * @param level the level's name, or null where the rule concerns the topic as a whole or the level
 *     cannot be told because the topic has too few or too many
 * @param value the offending text as it was given: a level or the whole topic
 * @param message one sentence with the rule, the actual value (shortened) and the next step
 */
public record TopicViolation(String rule, String level, String value, String message) {}
