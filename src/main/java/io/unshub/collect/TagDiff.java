package io.unshub.collect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What changed from one configuration to another, tag by tag, and what that asks of the versions
 * (docs/uns/governance.md).
 */
public final class TagDiff {

    private static final Pattern VERSION =
            Pattern.compile("(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})");

    private final Bindings before;
    private final Bindings after;
    private final List<Change> changes = new ArrayList<>();

    /** How much a change asks of who reads the readings; least first. */
    public enum Level {
        /** Nobody sees it in the readings. */
        PATCH,
        /** More is there, or the same in another rhythm or precision. */
        MINOR,
        /** What a reader relied on is gone, or means something else. */
        MAJOR
    }

    /**
     * A change of one tag.
     *
     * @param topic of the tag
     * @param origin file with its version, {@code models/NAME} or {@code tags/NAME}
     * @param level what it asks for
     * @param text what changed
     */
    public record Change(String topic, String origin, Level level, String text) {}

    /** Compares two configurations. */
    public TagDiff(Bindings before, Bindings after) {
        this.before = before;
        this.after = after;
        Stream.of(before, after)
                .flatMap(bindings -> bindings.tags().stream())
                .map(Tag::topic)
                .distinct()
                .sorted()
                .forEach(topic -> compare(topic, before.tag(topic), after.tag(topic)));
    }

    /** What changed, by topic. */
    public List<Change> changes() {
        return changes;
    }

    /**
     * Returns what is wrong with the versions, a sentence each: a file whose version was not raised
     * as its changes ask for, or is none.
     *
     * @param changelog the text in which each new version must be named, as {@code models/NAME
     *     VERSION}
     */
    public List<String> problems(String changelog) {
        List<String> problems = new ArrayList<>();
        Map<String, Level> asked = new TreeMap<>();
        for (Change change : changes) {
            asked.merge(change.origin(), change.level(), (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
        asked.forEach(
                (origin, level) -> {
                    String old = version(before, origin);
                    String now = version(after, origin);
                    if (now == null) {
                        return; // the file is gone, and its version with it
                    }
                    if (!VERSION.matcher(now).matches()) {
                        problems.add(
                                origin
                                        + ".yaml: version "
                                        + now
                                        + " is no MAJOR.MINOR.PATCH; write one, as in 1.0.0");
                    } else if (old != null && VERSION.matcher(old).matches()) {
                        String least = raised(old, level);
                        if (compare(now, least) < 0) {
                            problems.add(
                                    "%s.yaml: its changes are %s, and its version went from %s to %s; raise it to %s at least"
                                            .formatted(
                                                    origin,
                                                    level.name().toLowerCase(Locale.ROOT),
                                                    old,
                                                    now,
                                                    least));
                        }
                    }
                    if (!changelog.contains(origin + " " + now)) {
                        problems.add(
                                "%s.yaml: the changelog does not say %s %s; add a line with it and with what changed"
                                        .formatted(origin, origin, now));
                    }
                });
        return problems;
    }

    private void compare(String topic, Tag old, Tag now) {
        if (old == null) {
            add(topic, after, Level.MINOR, "added");
            return;
        }
        if (now == null) {
            add(topic, before, Level.MAJOR, "removed");
            return;
        }
        field(topic, Level.MAJOR, "units", old, now, Tag::units);
        field(topic, Level.MAJOR, "type", old, now, Tag::type);
        field(topic, Level.MINOR, "range", old, now, tag -> tag.min() + " to " + tag.max());
        field(topic, Level.MINOR, "scale and offset", old, now, Tag::conversion);
        field(topic, Level.MINOR, "report", old, now, Tag::report);
        field(topic, Level.MINOR, "interval", old, now, Tag::interval);
        field(topic, Level.MINOR, "staleAfter", old, now, Tag::staleAfter);
        field(topic, Level.MINOR, "sourceDeadband", old, now, Tag::sourceDeadband);
        field(topic, Level.MINOR, "sourceSystem", old, now, Tag::sourceSystem);
        field(topic, Level.MINOR, "connection", old, now, Tag::connection);
        field(topic, Level.PATCH, "address", old, now, Tag::address);
    }

    private void field(
            String topic, Level level, String name, Tag old, Tag now, Function<Tag, Object> of) {
        Object was = of.apply(old);
        Object is = of.apply(now);
        if (!Objects.equals(was, is)) {
            add(topic, after, level, name + " was " + was + ", is " + is);
        }
    }

    private void add(String topic, Bindings in, Level level, String text) {
        changes.add(new Change(topic, in.origin(topic), level, text));
    }

    private static String version(Bindings bindings, String origin) {
        return bindings.tags().stream()
                .filter(tag -> origin.equals(bindings.origin(tag.topic())))
                .map(Tag::lineageVersion)
                .findFirst()
                .orElse(null);
    }

    private static String raised(String version, Level level) {
        int[] parts = parts(version);
        return switch (level) {
            case MAJOR -> parts[0] + 1 + ".0.0";
            case MINOR -> parts[0] + "." + (parts[1] + 1) + ".0";
            case PATCH -> parts[0] + "." + parts[1] + "." + (parts[2] + 1);
        };
    }

    private static int compare(String a, String b) {
        return Arrays.compare(parts(a), parts(b));
    }

    private static int[] parts(String version) {
        Matcher match = VERSION.matcher(version);
        if (!match.matches()) {
            throw new IllegalArgumentException(version + " is no version");
        }
        return new int[] {
            Integer.parseInt(match.group(1)),
            Integer.parseInt(match.group(2)),
            Integer.parseInt(match.group(3))
        };
    }
}
