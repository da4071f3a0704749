package io.unshub.uns;

import com.fasterxml.jackson.databind.util.LRUMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * The rules that a UNS topic keeps, from one versioned YAML file.
 *
 * <p>In: any text, null included. Out: a {@link Topic}, or every violation with a message. Nothing
 * throws on a bad topic. Threads: any number. Memory: the {@value #CACHED_TOPICS} most recently
 * used valid topics are kept; beyond that a topic is checked anew, about a microsecond. A file that
 * contradicts itself fails at load.
 */
public final class HierarchyRules {

    /** Where the rules stand, relative to the hub's home directory. */
    public static final Path DEFAULT_FILE = Path.of("config", "uns", "hierarchy.yaml");

    /** Valid topics that are remembered. */
    static final int CACHED_TOPICS = 20_000;

    /** The most that MQTT can carry in a topic name, bytes. */
    static final int MQTT_MAX_LENGTH = 65_535;

    private static final int FORMAT_VERSION = 1;
    private static final int MIN_EXAMPLES = 3;
    private static final String SEE = "; see docs/uns/hierarchy.md";
    private static final Pattern LEVEL_NAME = Pattern.compile("[a-z][a-z0-9-]*");

    private final int version;
    private final int maxLength;
    private final String derivedTagPrefix;
    private final String systemPrefix;
    private final List<String> enterprises;
    // the last that was allowed: each publish asks, and nearly all are under the same
    private volatile String root;
    private final List<Level> levels;
    private final List<Pattern> patterns;
    private final Map<String, Integer> indexes;
    private final String shape;
    private final LRUMap<String, Topic> valid = new LRUMap<>(256, CACHED_TOPICS);

    /** The file as it is written; checked by {@link #load}. */
    private record Content(
            Integer version,
            Integer maxLength,
            String derivedTagPrefix,
            String systemPrefix,
            List<String> enterprises,
            List<Level> levels) {}

    private HierarchyRules(Content content, List<Pattern> patterns) {
        version = content.version();
        maxLength = content.maxLength();
        derivedTagPrefix = content.derivedTagPrefix();
        systemPrefix = content.systemPrefix();
        enterprises = content.enterprises() == null ? List.of() : content.enterprises();
        levels = List.copyOf(content.levels());
        this.patterns = patterns;
        indexes = new HashMap<>();
        for (int i = 0; i < levels.size(); i++) {
            indexes.put(levels.get(i).name(), i);
        }
        shape = levels.stream().map(Level::name).collect(Collectors.joining("/"));
    }

    /**
     * Reads the rules.
     *
     * @throws RulesException if the file cannot be read or contradicts itself
     */
    public static HierarchyRules load(Path file) {
        Content content = RulesFile.read(file, Content.class);
        check(
                Objects.equals(content.version(), FORMAT_VERSION),
                "%s has version %s, this hub reads version %d; convert the file",
                file,
                content.version(),
                FORMAT_VERSION);
        check(
                content.maxLength() != null
                        && content.maxLength() >= 1
                        && content.maxLength() <= MQTT_MAX_LENGTH,
                "%s has maxLength %s, needs 1 to %d bytes; correct it",
                file,
                content.maxLength(),
                MQTT_MAX_LENGTH);
        checkPrefix(file, "derivedTagPrefix", content.derivedTagPrefix());
        checkPrefix(file, "systemPrefix", content.systemPrefix());
        return new HierarchyRules(content, checkLevels(file, content));
    }

    private static List<Pattern> checkLevels(Path file, Content content) {
        List<Level> levels = content.levels() == null ? List.of() : content.levels();
        List<String> names = levels.stream().map(Level::name).toList();
        check(
                names.size() >= 3
                        && "enterprise".equals(names.get(0))
                        && "equipment".equals(names.get(names.size() - 2))
                        && "tag".equals(names.get(names.size() - 1)),
                "%s has the levels %s, needs enterprise first and equipment, tag last; reorder them",
                file,
                names);
        List<Pattern> patterns = new ArrayList<>();
        for (Level level : levels) {
            check(
                    level.name() != null && LEVEL_NAME.matcher(level.name()).matches(),
                    "%s has a level named %s, a name is lower case letters, digits and -; rename it",
                    file,
                    level.name());
            check(
                    names.indexOf(level.name()) == names.lastIndexOf(level.name()),
                    "%s has the level %s twice; remove one",
                    file,
                    level.name());
            patterns.add(checkPattern(file, level));
        }
        check(
                !patterns.get(0).matcher(content.systemPrefix()).matches(),
                "%s lets an enterprise be named %s, the systemPrefix; narrow its pattern",
                file,
                content.systemPrefix());
        for (String enterprise :
                content.enterprises() == null ? List.<String>of() : content.enterprises()) {
            check(
                    enterprise != null && patterns.get(0).matcher(enterprise).matches(),
                    "%s allows the enterprise %s, which breaks its level's pattern; correct one",
                    file,
                    enterprise);
        }
        return List.copyOf(patterns);
    }

    private static Pattern checkPattern(Path file, Level level) {
        Pattern pattern;
        try {
            check(
                    level.pattern() != null,
                    "%s has no pattern for level %s; add one",
                    file,
                    level.name());
            pattern = Pattern.compile(level.pattern());
        } catch (PatternSyntaxException e) {
            throw new RulesException(
                    file
                            + " has a broken pattern for level "
                            + level.name()
                            + ": "
                            + e.getDescription()
                            + " in "
                            + e.getPattern()
                            + "; correct it",
                    e);
        }
        check(
                level.examples().size() >= MIN_EXAMPLES,
                "%s has %d examples for level %s, needs %d or more; add some",
                file,
                level.examples().size(),
                level.name(),
                MIN_EXAMPLES);
        for (String example : level.examples()) {
            check(
                    pattern.matcher(example).matches(),
                    "%s has the example %s for level %s, which breaks its pattern %s; correct one",
                    file,
                    example,
                    level.name(),
                    level.pattern());
        }
        return pattern;
    }

    private static void checkPrefix(Path file, String key, String prefix) {
        check(
                prefix != null && !prefix.isEmpty() && prefix.indexOf('/') < 0,
                "%s has %s '%s', needs one or more characters without /; correct it",
                file,
                key,
                prefix);
    }

    private static void check(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new RulesException(String.format(message, values));
        }
    }

    /** Returns the version of the rules file's format. */
    public int version() {
        return version;
    }

    /** Returns how many UTF-8 bytes a topic may have. */
    public int maxLength() {
        return maxLength;
    }

    /** Returns what a derived tag starts with. */
    public String derivedTagPrefix() {
        return derivedTagPrefix;
    }

    /** Returns the first level of the hub's own topics. */
    public String systemPrefix() {
        return systemPrefix;
    }

    /** Returns the only enterprises that may publish; empty means any. */
    public List<String> enterprises() {
        return enterprises;
    }

    /** Returns the levels from the root to the tag. */
    public List<Level> levels() {
        return levels;
    }

    /** Tells whether the topic is one of the hub's own, which are outside the hierarchy. */
    public boolean isSystem(String topic) {
        return isUnder(systemPrefix, topic);
    }

    private static boolean isUnder(String first, String topic) {
        return topic.startsWith(first)
                && (topic.length() == first.length() || topic.charAt(first.length()) == '/');
    }

    /** Tells whether the topic is under a root that may publish, whatever its other levels are. */
    public boolean isUnderRoot(String topic) {
        String before = root;
        if (before != null && isUnder(before, topic)) {
            return true;
        }
        int end = topic.indexOf('/');
        String first = end < 0 ? topic : topic.substring(0, end);
        boolean allowed =
                patterns.get(0).matcher(first).matches()
                        && !isSpecial(first)
                        && !isSystem(topic)
                        && (enterprises.isEmpty() || enterprises.contains(first));
        if (allowed) {
            root = first;
        }
        return allowed;
    }

    /** Returns the topic, or nothing if it breaks a rule; {@link #violations} tells which. */
    public Optional<Topic> topic(String text) {
        if (text == null) {
            return Optional.empty();
        }
        Topic known = valid.get(text);
        if (known != null) {
            return Optional.of(known);
        }
        if (!violations(text).isEmpty()) {
            return Optional.empty();
        }
        Topic topic = new Topic(text, List.of(text.split("/", -1)), this);
        valid.put(text, topic);
        return Optional.of(topic);
    }

    /**
     * Returns the topic, for text that the hub's own configuration names.
     *
     * @throws IllegalArgumentException with the first violation's message
     */
    public Topic require(String text) {
        return topic(text)
                .orElseThrow(() -> new IllegalArgumentException(violations(text).get(0).message()));
    }

    /** Returns every rule that the text breaks, the whole topic's first; empty if it is valid. */
    public List<TopicViolation> violations(String text) {
        if (text == null || text.isEmpty()) {
            return List.of(
                    new TopicViolation(
                            "empty", null, "", "topic is empty, needs " + needs() + SEE));
        }
        if (text.length() > MQTT_MAX_LENGTH) {
            return List.of(
                    whole(
                            "max-length",
                            text,
                            "topic is longer than "
                                    + MQTT_MAX_LENGTH
                                    + " bytes, the most that MQTT carries, at most "
                                    + maxLength
                                    + " are allowed"));
        }
        List<TopicViolation> found = new ArrayList<>(0);
        checkLength(text, found);
        String rest = checkSlashes(text, found);
        if (isSystem(rest)) {
            found.add(
                    whole(
                            "system-prefix",
                            text,
                            "topic is under " + systemPrefix + "/, which only the hub uses"));
            return found;
        }
        String[] values = rest.isEmpty() ? new String[0] : rest.split("/", -1);
        boolean counted = values.length == levels.size();
        if (!counted) {
            found.add(
                    whole(
                            "level-count",
                            text,
                            "topic has "
                                    + values.length
                                    + (values.length == 1 ? " level" : " levels")
                                    + ", needs "
                                    + needs()));
        }
        for (int i = 0; i < values.length; i++) {
            checkLevel(i, values[i], counted, text, found);
        }
        return found;
    }

    private void checkLength(String text, List<TopicViolation> found) {
        int bytes = 0;
        boolean broken = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                broken |= Character.isSurrogate(c);
                bytes += 3;
            }
        }
        if (broken) {
            found.add(whole("utf-8", text, "topic has half a surrogate pair, which is no UTF-8"));
        }
        if (bytes > maxLength) {
            found.add(
                    whole(
                            "max-length",
                            text,
                            "topic has "
                                    + bytes
                                    + " bytes, at most "
                                    + maxLength
                                    + " are allowed"));
        }
    }

    private String checkSlashes(String text, List<TopicViolation> found) {
        String rest = text;
        if (rest.charAt(0) == '/') {
            found.add(whole("leading-slash", text, "topic starts with /, must start with a level"));
            rest = rest.substring(1);
        }
        if (rest.endsWith("/")) {
            found.add(whole("trailing-slash", text, "topic ends with /, must end with a tag"));
            rest = rest.substring(0, rest.length() - 1);
        }
        return rest;
    }

    private void checkLevel(
            int i, String value, boolean counted, String text, List<TopicViolation> found) {
        if (counted && patterns.get(i).matcher(value).matches() && !isSpecial(value)) {
            if (i == 0) {
                checkEnterprise(value, text, found);
            }
            return;
        }
        String name = counted ? levels.get(i).name() : null;
        String label = counted ? "level " + name : "level number " + (i + 1);
        if (value.isEmpty()) {
            found.add(level("empty-level", name, value, label + " is empty", text));
            return;
        }
        int before = found.size();
        if (value.indexOf('+') >= 0 || value.indexOf('#') >= 0) {
            found.add(
                    level(
                            "wildcard",
                            name,
                            value,
                            label + " has a wildcard (+ or #), which only subscriptions may use",
                            text));
        }
        if (value.charAt(0) == '$') {
            found.add(
                    level(
                            "dollar",
                            name,
                            value,
                            label + " starts with $, which is the broker's own",
                            text));
        }
        if (value.indexOf('.') >= 0) {
            found.add(
                    level(
                            "dot",
                            name,
                            value,
                            label + " has a ., which separates levels inside the broker",
                            text));
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            found.add(
                    level(
                            "control-character",
                            name,
                            value,
                            label + " has a control character",
                            text));
        }
        checkPattern(i, value, counted, found.size() > before, text, found);
        if (counted && i == 0) {
            checkEnterprise(value, text, found);
        }
    }

    private void checkPattern(
            int i,
            String value,
            boolean counted,
            boolean reported,
            String text,
            List<TopicViolation> found) {
        // what a rule above has named already is not named a second time
        String rest = reported ? withoutSpecial(value) : value;
        if (reported && rest.isEmpty()) {
            return;
        }
        if (counted) {
            if (!patterns.get(i).matcher(rest).matches()) {
                found.add(
                        level(
                                "pattern",
                                levels.get(i).name(),
                                value,
                                "level "
                                        + levels.get(i).name()
                                        + " does not match "
                                        + levels.get(i).pattern(),
                                text));
            }
        } else if (patterns.stream().noneMatch(p -> p.matcher(rest).matches())) {
            // which level is missing cannot be told; this one is wrong wherever it belongs
            found.add(
                    level(
                            "pattern",
                            null,
                            value,
                            "level number " + (i + 1) + " matches no level's pattern",
                            text));
        }
    }

    private void checkEnterprise(String value, String text, List<TopicViolation> found) {
        if (!enterprises.isEmpty() && !enterprises.contains(value)) {
            found.add(
                    level(
                            "enterprise",
                            levels.get(0).name(),
                            value,
                            "enterprise is none of " + String.join(", ", enterprises),
                            text));
        }
    }

    private static boolean isSpecial(int c) {
        return c == '+' || c == '#' || c == '.' || c == '$' || Character.isISOControl(c);
    }

    /** A lenient pattern in the file does not lift what MQTT and the broker refuse. */
    private static boolean isSpecial(String value) {
        return value.isEmpty()
                || value.charAt(0) == '$'
                || value.chars().anyMatch(c -> c != '$' && isSpecial(c));
    }

    private static String withoutSpecial(String value) {
        StringBuilder rest = new StringBuilder(value.length());
        value.chars().filter(c -> !isSpecial(c)).forEach(c -> rest.append((char) c));
        return rest.toString();
    }

    private String needs() {
        return levels.size() + " (" + shape + ")";
    }

    private static TopicViolation whole(String rule, String text, String message) {
        return new TopicViolation(rule, null, text, message + ": " + Excerpt.of(text) + SEE);
    }

    private static TopicViolation level(
            String rule, String level, String value, String message, String text) {
        String shown = value.isEmpty() ? text : value;
        return new TopicViolation(rule, level, value, message + ": " + Excerpt.of(shown) + SEE);
    }

    int indexOf(String level) {
        Integer index = indexes.get(level);
        if (index == null) {
            throw new IllegalArgumentException(
                    "no level " + level + ", the hierarchy has " + shape + SEE);
        }
        return index;
    }
}
