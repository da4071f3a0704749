package io.unshub.quality;

/**
 * A flag that is worse than the published one, and why.
 *
 * @param from the flag as it was published
 * @param to the worse flag
 * @param rule name of the rule that decided, {@code default} where none matched the topic
 * @param detail one sentence with the rule, the actual value and the limit
 */
public record Downgrade(Quality from, Quality to, String rule, String detail) {}
