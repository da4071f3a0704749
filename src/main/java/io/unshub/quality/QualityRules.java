package io.unshub.quality;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.util.LRUMap;
import io.unshub.envelope.Envelope;
import io.unshub.uns.Excerpt;
import io.unshub.uns.RulesException;
import io.unshub.uns.RulesFile;
import io.unshub.uns.TopicFilter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Tags foreign readings by age and range, from one versioned YAML file.
 *
 * <p>In: an envelope and when it was accepted. Out: a worse flag, or nothing; never a better one,
 * and nothing at all for readings that are not foreign, which were tagged at their source. Threads:
 * any number, if the predicate allows it. Memory: the {@value #CACHED_TOPICS} most recently used
 * topics are kept with their rule. A file that contradicts itself fails at load.
 */
public final class QualityRules {

    /** Where the rules stand, relative to the hub's home directory. */
    public static final Path DEFAULT_FILE = Path.of("config", "uns", "quality.yaml");

    /** Topics whose rule is remembered. */
    static final int CACHED_TOPICS = 20_000;

    private static final int FORMAT_VERSION = 1;
    private static final String NEVER = "never";
    private static final Pattern AGE = Pattern.compile("[1-9][0-9]{0,8}[smhd]");

    private final List<QualityRule> rules;
    private final QualityRule fallback;
    private final Predicate<String> foreign;
    private final LRUMap<String, QualityRule> ruleByTopic = new LRUMap<>(256, CACHED_TOPICS);

    /** The file as it is written; checked by {@link #load}. */
    private record Content(Integer version, String staleAfter, List<Entry> rules) {}

    private record Entry(String name, String topics, String staleAfter, Range range) {}

    private record Range(BigDecimal min, BigDecimal max) {}

    QualityRules(List<QualityRule> rules, Duration staleAfter, Predicate<String> foreign) {
        this.rules = List.copyOf(rules);
        this.fallback = new QualityRule("default", TopicFilter.of("#"), staleAfter, null, null);
        this.foreign = foreign;
    }

    /**
     * Reads the rules.
     *
     * @param foreign tells of a topic whether its readings come from others than our collectors;
     *     asked for each reading
     * @throws RulesException if the file cannot be read or contradicts itself
     */
    public static QualityRules load(Path file, Predicate<String> foreign) {
        Content content = RulesFile.read(file, Content.class);
        check(
                Objects.equals(content.version(), FORMAT_VERSION),
                "%s has version %s, this hub reads version %d; convert the file",
                file,
                content.version(),
                FORMAT_VERSION);
        Duration staleAfter = age(file, "the default", content.staleAfter());
        Set<String> names = new HashSet<>();
        List<Entry> entries = content.rules() == null ? List.of() : content.rules();
        List<QualityRule> rules =
                entries.stream().map(entry -> rule(file, entry, staleAfter, names)).toList();
        return new QualityRules(rules, staleAfter, foreign);
    }

    private static QualityRule rule(
            Path file, Entry entry, Duration defaultStaleAfter, Set<String> names) {
        check(
                entry != null && entry.topics() != null,
                "%s has a rule without topics; give it an MQTT topic filter",
                file);
        String name = entry.name() == null ? entry.topics() : entry.name();
        check(names.add(name), "%s has the rule %s twice; rename one", file, name);
        BigDecimal min = entry.range() == null ? null : entry.range().min();
        BigDecimal max = entry.range() == null ? null : entry.range().max();
        check(
                entry.range() == null || min != null || max != null,
                "%s has an empty range in rule %s; give min, max or both",
                file,
                name);
        check(
                min == null || max == null || min.compareTo(max) <= 0,
                "%s has the range %s to %s in rule %s, which holds nothing; swap them",
                file,
                min,
                max,
                name);
        try {
            return new QualityRule(
                    name,
                    TopicFilter.of(entry.topics()),
                    entry.staleAfter() == null
                            ? defaultStaleAfter
                            : age(file, "rule " + name, entry.staleAfter()),
                    min,
                    max);
        } catch (IllegalArgumentException e) {
            throw new RulesException(file + " rule " + name + ": " + e.getMessage(), e);
        }
    }

    private static Duration age(Path file, String where, String text) {
        if (NEVER.equals(text)) {
            return null;
        }
        check(
                text != null && AGE.matcher(text).matches(),
                "%s has staleAfter %s in %s, needs a number with s, m, h or d (5m) or never;"
                        + " correct it",
                file,
                text,
                where);
        return Duration.parse((text.endsWith("d") ? "P" : "PT") + text.toUpperCase(Locale.ROOT));
    }

    private static void check(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new RulesException(String.format(message, values));
        }
    }

    /**
     * Returns the worse flag that a reading deserves, if there is one.
     *
     * @param acceptedUtc when the hub accepted the reading; forwarding later does not age it
     */
    public Optional<Downgrade> tag(Envelope reading, Instant acceptedUtc) {
        if (!foreign.test(reading.topic())) {
            return Optional.empty();
        }
        QualityRule rule = rule(reading.topic());
        if (isOutside(reading.value(), rule)) {
            return downgrade(reading, Quality.ERROR, rule, () -> outside(reading.value(), rule));
        }
        if (rule.staleAfter() != null) {
            Duration age = Duration.between(reading.tsUtc(), acceptedUtc);
            if (age.compareTo(rule.staleAfter()) > 0) {
                return downgrade(reading, Quality.STALE, rule, () -> stale(age, rule));
            }
        }
        return Optional.empty();
    }

    private QualityRule rule(String topic) {
        QualityRule known = ruleByTopic.get(topic);
        if (known != null) {
            return known;
        }
        QualityRule found = fallback;
        for (QualityRule rule : rules) {
            if (rule.topics().matches(topic)) {
                found = rule;
                break;
            }
        }
        ruleByTopic.put(topic, found);
        return found;
    }

    private static Optional<Downgrade> downgrade(
            Envelope reading, Quality deserved, QualityRule rule, Supplier<String> detail) {
        Quality worst = reading.quality().worst(deserved);
        return worst == reading.quality()
                ? Optional.empty()
                : Optional.of(new Downgrade(reading.quality(), worst, rule.name(), detail.get()));
    }

    private static boolean isOutside(JsonNode value, QualityRule rule) {
        if (!value.isNumber() || (rule.min() == null && rule.max() == null)) {
            return false;
        }
        if ((value.isDouble() || value.isFloat()) && !Double.isFinite(value.doubleValue())) {
            return true;
        }
        BigDecimal number = value.decimalValue();
        return (rule.min() != null && number.compareTo(rule.min()) < 0)
                || (rule.max() != null && number.compareTo(rule.max()) > 0);
    }

    private static String outside(JsonNode value, QualityRule rule) {
        return "value "
                + Excerpt.of(value.asText())
                + " is outside "
                + (rule.min() == null ? "" : rule.min())
                + ".."
                + (rule.max() == null ? "" : rule.max())
                + " (rule "
                + rule.name()
                + ")";
    }

    private static String stale(Duration age, QualityRule rule) {
        return "reading was "
                + age.toSeconds()
                + " s old when it was accepted, at most "
                + rule.staleAfter().toSeconds()
                + " s are allowed (rule "
                + rule.name()
                + ")";
    }
}
