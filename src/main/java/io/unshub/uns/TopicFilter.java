package io.unshub.uns;

import java.util.Objects;

/**
 * An MQTT topic filter (MQTT 5, 4.7): {@code +} stands for one level, a final {@code #} for the
 * level before it and everything below. Immutable; matching allocates nothing.
 */
public final class TopicFilter {

    private final String text;
    private final String[] levels;

    private TopicFilter(String text, String[] levels) {
        this.text = text;
        this.levels = levels;
    }

    /**
     * Returns the filter.
     *
     * @throws IllegalArgumentException if MQTT does not allow it
     */
    public static TopicFilter of(String text) {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty()) {
            throw new IllegalArgumentException("topic filter is empty; name at least #");
        }
        if (text.indexOf('\0') >= 0) {
            throw refused(text, "has a NUL character; remove it");
        }
        String[] levels = text.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            String level = levels[i];
            if (level.indexOf('+') >= 0 && level.length() > 1) {
                throw refused(text, "has + beside other characters; + stands for a whole level");
            }
            if (level.indexOf('#') >= 0 && (level.length() > 1 || i < levels.length - 1)) {
                throw refused(text, "has # before its end; # stands alone as the last level");
            }
        }
        return new TopicFilter(text, levels);
    }

    private static IllegalArgumentException refused(String text, String why) {
        return new IllegalArgumentException("topic filter " + Excerpt.of(text) + " " + why);
    }

    /** Tells whether a reading published on {@code topic} would reach a subscriber of this. */
    public boolean matches(String topic) {
        if (topic.isEmpty()) {
            return false;
        }
        // a wildcard in the first level does not reach the broker's own topics
        if (topic.charAt(0) == '$' && (levels[0].equals("+") || levels[0].equals("#"))) {
            return false;
        }
        int start = 0;
        for (int i = 0; i < levels.length; i++) {
            if (levels[i].equals("#")) {
                return true;
            }
            if (start < 0) {
                return false;
            }
            int slash = topic.indexOf('/', start);
            int end = slash < 0 ? topic.length() : slash;
            if (!levels[i].equals("+")
                    && !(levels[i].length() == end - start && topic.startsWith(levels[i], start))) {
                return false;
            }
            start = slash < 0 ? -1 : slash + 1;
        }
        return start < 0;
    }

    /** Tells whether there is a topic that both match. */
    public boolean overlaps(TopicFilter other) {
        for (int i = 0; ; i++) {
            boolean end = i == levels.length;
            boolean otherEnd = i == other.levels.length;
            // # also stands for the level before it
            if (!end && levels[i].equals("#") || !otherEnd && other.levels[i].equals("#")) {
                return true;
            }
            if (end || otherEnd) {
                return end && otherEnd;
            }
            boolean wild = levels[i].equals("+") || other.levels[i].equals("+");
            if (!wild && !levels[i].equals(other.levels[i])) {
                return false;
            }
        }
    }

    /** Tells whether every topic that the other matches is matched by this, too. */
    public boolean covers(TopicFilter other) {
        for (int i = 0; i < levels.length; i++) {
            boolean otherEnd = i == other.levels.length;
            if (levels[i].equals("#")) {
                // a wildcard in the first level does not reach the broker's own topics
                return i > 0 || !other.text.startsWith("$");
            }
            if (otherEnd || other.levels[i].equals("#")) {
                return false;
            }
            boolean covered =
                    levels[i].equals("+")
                            ? i > 0 || !other.text.startsWith("$")
                            : levels[i].equals(other.levels[i]);
            if (!covered) {
                return false;
            }
        }
        return levels.length == other.levels.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicFilter filter && text.equals(filter.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
