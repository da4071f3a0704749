package io.unshub.forward;

import io.unshub.uns.Excerpt;
import io.unshub.uns.Remembered;
import io.unshub.uns.RulesException;
import io.unshub.uns.RulesFile;
import io.unshub.uns.TopicFilter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which topics leave the plant: include and exclude rules in order, the first that matches decides.
 * A topic that none matches stays. See {@code docs/ingestion/bridge-mapping.md}.
 *
 * <p>Immutable but for a bounded memory of decisions; threads: any.
 */
public final class BridgeMapping {

    /** Where the mapping stands in the configuration folder. */
    public static final String FILE = "eventhubs-bridge-mapping.yaml";

    /** The rule of a topic that no rule matches. */
    public static final String NO_RULE = "(no rule)";

    /** Lets everything leave, for a hub without a mapping. */
    public static final BridgeMapping EVERYTHING =
            new BridgeMapping(
                    "(no file)",
                    List.of(
                            new Rule(
                                    "(no file)", true, List.of(TopicFilter.of("#")), null, false)));

    private static final String STRICT = "strict";
    private static final String LIVE_FIRST = "live-first";
    private static final int MOST_REMEMBERED = 50_000;

    private final String version;
    private final List<Rule> rules;
    private final Remembered<Decision> decisions = new Remembered<>(MOST_REMEMBERED, this::search);

    private record MappingFile(String version, List<RuleEntry> rules) {}

    private record RuleEntry(
            String name,
            List<String> include,
            List<String> exclude,
            Integer evictAbove,
            String order) {}

    private record Rule(
            String name,
            boolean forwards,
            List<TopicFilter> filters,
            Integer evictAbove,
            boolean liveFirst) {}

    /**
     * What becomes of a topic's readings.
     *
     * @param forwards whether they leave the plant
     * @param rule the name of the rule that says so
     * @param pattern the rule's topic filter that matched; null for {@link #NO_RULE}
     * @param evictAbove how full the buffer is, in percent, when they are dropped instead; null for
     *     never
     * @param liveFirst whether new ones may overtake those that wait, once Event Hubs is back
     */
    public record Decision(
            boolean forwards, String rule, String pattern, Integer evictAbove, boolean liveFirst) {}

    private BridgeMapping(String version, List<Rule> rules) {
        this.version = version;
        this.rules = rules;
    }

    /**
     * Reads a mapping.
     *
     * @throws RulesException if there is none in the file, naming the rule
     */
    public static BridgeMapping load(Path file) {
        MappingFile content = RulesFile.read(file, MappingFile.class);
        if (content.version() == null || content.version().isBlank()) {
            throw new RulesException(file + " has no version; give it one, \"1.0.0\"");
        }
        if (content.rules() == null || content.rules().isEmpty()) {
            throw new RulesException(
                    file + " has no rules; to let everything leave, include [\"#\"]");
        }
        List<Rule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < content.rules().size(); i++) {
            Rule rule = rule(file + " rule " + (i + 1), content.rules().get(i));
            if (!names.add(rule.name())) {
                throw new RulesException(
                        file + " has two rules named " + rule.name() + "; rename one");
            }
            rules.add(rule);
        }
        return new BridgeMapping(content.version(), List.copyOf(rules));
    }

    private static Rule rule(String where, RuleEntry entry) {
        if (entry == null || entry.name() == null || !entry.name().matches("[A-Za-z0-9_-]{1,64}")) {
            throw new RulesException(
                    where
                            + " is named "
                            + (entry == null ? null : Excerpt.of(String.valueOf(entry.name())))
                            + "; give it a name of letters, digits, - and _, 64 at most");
        }
        String named = where + " (" + entry.name() + ")";
        if ((entry.include() == null) == (entry.exclude() == null)) {
            throw new RulesException(named + " needs either include or exclude; give one");
        }
        boolean forwards = entry.include() != null;
        List<String> texts = forwards ? entry.include() : entry.exclude();
        if (texts.isEmpty()) {
            throw new RulesException(named + " has no topic filter; list at least one");
        }
        List<TopicFilter> filters = new ArrayList<>();
        for (String text : texts) {
            try {
                filters.add(TopicFilter.of(String.valueOf(text)));
            } catch (IllegalArgumentException e) {
                throw new RulesException(named + ": " + e.getMessage(), e);
            }
        }
        return new Rule(
                entry.name(),
                forwards,
                List.copyOf(filters),
                evictAbove(named, entry),
                liveFirst(named, entry));
    }

    private static Integer evictAbove(String named, RuleEntry entry) {
        Integer percent = entry.evictAbove();
        if (percent == null) {
            return null;
        }
        if (entry.include() == null) {
            throw new RulesException(
                    named
                            + " has evictAbove, and nothing of it is buffered; take one of the two"
                            + " out");
        }
        if (percent < 1 || percent > 99) {
            throw new RulesException(
                    named
                            + " has evictAbove "
                            + percent
                            + "; give 1 to 99, the fill of the buffer in percent");
        }
        return percent;
    }

    private static boolean liveFirst(String named, RuleEntry entry) {
        String order = entry.order() == null ? STRICT : entry.order();
        if (!order.equals(STRICT) && !order.equals(LIVE_FIRST)) {
            throw new RulesException(
                    "%s has order %s; give %s, or %s to let new readings overtake those that wait"
                            .formatted(named, Excerpt.of(order), STRICT, LIVE_FIRST));
        }
        return order.equals(LIVE_FIRST);
    }

    /** What becomes of the readings of a topic. */
    public Decision decide(String topic) {
        return decisions.of(topic);
    }

    private Decision search(String topic) {
        for (Rule rule : rules) {
            for (TopicFilter filter : rule.filters()) {
                if (filter.matches(topic)) {
                    return new Decision(
                            rule.forwards(),
                            rule.name(),
                            filter.toString(),
                            rule.evictAbove(),
                            rule.liveFirst());
                }
            }
        }
        return new Decision(false, NO_RULE, null, null, false);
    }

    /** The file's version, as its author counts. */
    public String version() {
        return version;
    }

    /** How many rules there are. */
    public int size() {
        return rules.size();
    }
}
