package io.unshub.uns;

import java.util.List;

/**
 * A topic that keeps the hierarchy rules. Only {@link HierarchyRules} makes one. Immutable; equal
 * to another topic of the same text.
 */
public final class Topic {

    private final String text;
    private final List<String> levels;
    private final String equipmentPath;
    private final HierarchyRules rules;

    Topic(String text, List<String> levels, HierarchyRules rules) {
        this.text = text;
        this.levels = levels;
        this.rules = rules;
        this.equipmentPath = text.substring(0, text.lastIndexOf('/'));
    }

    /**
     * Returns the value of one level.
     *
     * @param name the level's name in the rules file, for instance {@code equipment}
     * @throws IllegalArgumentException if the rules file has no such level
     */
    public String level(String name) {
        return levels.get(rules.indexOf(name));
    }

    /**
     * Returns every level from the enterprise to the equipment, joined by {@code /}: the key by
     * which readings share a lane, and so an order.
     */
    public String equipmentPath() {
        return equipmentPath;
    }

    /** Returns the last level. */
    public String tag() {
        return levels.get(levels.size() - 1);
    }

    /** Tells whether the tag was computed from others, as {@code _score-MODEL} is. */
    public boolean isDerived() {
        return tag().startsWith(rules.derivedTagPrefix());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Topic topic && text.equals(topic.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Returns the topic as MQTT carries it. */
    @Override
    public String toString() {
        return text;
    }
}
