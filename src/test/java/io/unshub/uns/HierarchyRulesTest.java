package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HierarchyRulesTest {

    private static final String SEE = "; see docs/uns/hierarchy.md";
    private static final String TOPIC = "acme/plant1/packaging/line2/filler/pump-101/temperature";

    private final HierarchyRules rules = HierarchyRules.load(HierarchyRules.DEFAULT_FILE);

    @TempDir private Path dir;

    @Test
    void readsLevelsByName() {
        Topic topic = rules.require(TOPIC);

        assertThat(topic.level("enterprise")).isEqualTo("acme");
        assertThat(topic.level("site")).isEqualTo("plant1");
        assertThat(topic.level("area")).isEqualTo("packaging");
        assertThat(topic.level("line")).isEqualTo("line2");
        assertThat(topic.level("cell")).isEqualTo("filler");
        assertThat(topic.level("equipment")).isEqualTo("pump-101");
        assertThat(topic.level("tag")).isEqualTo("temperature");
        assertThat(topic.tag()).isEqualTo("temperature");
        assertThat(topic.equipmentPath()).isEqualTo("acme/plant1/packaging/line2/filler/pump-101");
        assertThat(topic).hasToString(TOPIC);
        assertThatThrownBy(() -> topic.level("zone"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "no level zone, the hierarchy has"
                                + " enterprise/site/area/line/cell/equipment/tag"
                                + SEE);
    }

    @Test
    void topicsOfTheSameTextAreEqual() {
        HierarchyRules others = HierarchyRules.load(HierarchyRules.DEFAULT_FILE);

        assertThat(rules.require(TOPIC))
                .isEqualTo(others.require(TOPIC))
                .hasSameHashCodeAs(others.require(TOPIC))
                .isNotEqualTo(others.require(TOPIC + "2"));
    }

    @Test
    void givesTheSameTopicAgainWhileItIsRemembered() {
        assertThat(rules.require(TOPIC)).isSameAs(rules.require(TOPIC));
    }

    @Test
    void forgetsTopicsBeyondItsBound() {
        Topic first = rules.require(TOPIC);
        for (int i = 0; i < 2 * HierarchyRules.CACHED_TOPICS; i++) {
            rules.require(TOPIC + i);
        }

        assertThat(rules.require(TOPIC)).isEqualTo(first).isNotSameAs(first);
    }

    @Test
    void tellsDerivedTagsApart() {
        assertThat(rules.require(TOPIC).isDerived()).isFalse();
        assertThat(rules.require("acme/p/a/l/c/e/_score-x").isDerived()).isTrue();
        assertThat(rules.require("acme/p/a/l/c/e/_alarm").isDerived()).isTrue();
    }

    @Test
    void tellsTheHubsOwnTopicsApart() {
        assertThat(rules.isSystem("_hub")).isTrue();
        assertThat(rules.isSystem("_hub/status/ingest")).isTrue();
        assertThat(rules.isSystem("_hubble/x")).isFalse();
        assertThat(rules.isSystem(TOPIC)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "acme/plant1/packaging/line2/temperature|level-count||topic has 5 levels, needs 7"
                        + " (enterprise/site/area/line/cell/equipment/tag):"
                        + " acme/plant1/packaging/line2/temperature",
                "a/b/c/d/e/f/g/h|level-count||topic has 8 levels, needs 7"
                        + " (enterprise/site/area/line/cell/equipment/tag): a/b/c/d/e/f/g/h",
                "acme|level-count||topic has 1 level, needs 7"
                        + " (enterprise/site/area/line/cell/equipment/tag): acme",
                "a/b//d/e/f/g|empty-level|area|level area is empty: a/b//d/e/f/g",
                "/a/b/c/d/e/f/g|leading-slash||topic starts with /, must start with a level:"
                        + " /a/b/c/d/e/f/g",
                "a/b/c/d/e/f/g/|trailing-slash||topic ends with /, must end with a tag:"
                        + " a/b/c/d/e/f/g/",
                "a/b/c/d/e/pump.1/g|dot|equipment|level equipment has a ., which separates levels"
                        + " inside the broker: pump.1",
                "a/b/c/+/e/f/g|wildcard|line|level line has a wildcard (+ or #), which only"
                        + " subscriptions may use: +",
                "a/b/c/d/e/f/#|wildcard|tag|level tag has a wildcard (+ or #), which only"
                        + " subscriptions may use: #",
                "$SYS/b/c/d/e/f/g|dollar|enterprise|level enterprise starts with $, which is the"
                        + " broker's own: $SYS",
                "a/b/c/d/e/f/g h|pattern|tag|level tag does not match _?[A-Za-z0-9][A-Za-z0-9_-]*:"
                        + " g h",
                "a/b/c/d/e/_f/g|pattern|equipment|level equipment does not match"
                        + " [A-Za-z0-9][A-Za-z0-9_-]*: _f",
                "a/b/c/d/e/f/__g|pattern|tag|level tag does not match"
                        + " _?[A-Za-z0-9][A-Za-z0-9_-]*: __g",
                "a/b/c/d/e/f/_|pattern|tag|level tag does not match"
                        + " _?[A-Za-z0-9][A-Za-z0-9_-]*: _",
                "a/b/c/d/Füller/f/g|pattern|cell|level cell does not match"
                        + " [A-Za-z0-9][A-Za-z0-9_-]*: Füller",
                "a/b/c/d/a$b/f/g|pattern|cell|level cell does not match"
                        + " [A-Za-z0-9][A-Za-z0-9_-]*: a$b",
                "_hub/status|system-prefix||topic is under _hub/, which only the hub uses:"
                        + " _hub/status",
            })
    void namesTheRuleTheLevelAndTheValue(String topic, String rule, String level, String message) {
        assertThat(rules.violations(topic))
                .singleElement()
                .satisfies(
                        violation -> {
                            assertThat(violation.rule()).isEqualTo(rule);
                            assertThat(violation.level()).isEqualTo(level);
                            assertThat(violation.message()).isEqualTo(message + SEE);
                        });
        assertThat(rules.topic(topic)).isEmpty();
    }

    @Test
    void refusesTheEmptyTopicAndNull() {
        String message =
                "topic is empty, needs 7 (enterprise/site/area/line/cell/equipment/tag)" + SEE;
        assertThat(rules.violations(""))
                .containsExactly(new TopicViolation("empty", null, "", message));
        assertThat(rules.violations(null))
                .containsExactly(new TopicViolation("empty", null, "", message));
        assertThat(rules.topic(null)).isEmpty();
        assertThatThrownBy(() -> rules.require(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\nb", "a\u007fb", "\u0085"})
    void refusesControlCharactersAndShowsThemEscaped(String level) {
        TopicViolation violation = rules.violations("a/b/c/" + level + "/e/f/g").get(0);

        assertThat(violation.rule()).isEqualTo("control-character");
        assertThat(violation.value()).isEqualTo(level);
        assertThat(violation.message())
                .isEqualTo("level line has a control character: " + Excerpt.of(level) + SEE);
    }

    @Test
    void refusesHalfASurrogatePair() {
        assertThat(rules.violations("a/b/c/d/e/f/\ud83d"))
                .extracting(TopicViolation::rule)
                .containsExactly("utf-8", "pattern");
    }

    @Test
    void returnsEveryViolation() {
        assertThat(rules.violations("/acme//+x/b.c d/_d/$e/f/"))
                .extracting(TopicViolation::rule, TopicViolation::level)
                .containsExactly(
                        tuple("leading-slash", null),
                        tuple("trailing-slash", null),
                        tuple("empty-level", "site"),
                        tuple("wildcard", "area"),
                        tuple("dot", "line"),
                        tuple("pattern", "line"),
                        tuple("pattern", "cell"),
                        tuple("dollar", "equipment"));
    }

    @Test
    void namesNoLevelWhereItCannotBeTold() {
        assertThat(rules.violations("acme/plant 1/_x/y.z"))
                .extracting(TopicViolation::message)
                .containsExactly(
                        "topic has 4 levels, needs 7"
                                + " (enterprise/site/area/line/cell/equipment/tag):"
                                + " acme/plant 1/_x/y.z"
                                + SEE,
                        "level number 2 matches no level's pattern: plant 1" + SEE,
                        "level number 4 has a ., which separates levels inside the broker: y.z"
                                + SEE);
    }

    @Test
    void countsBytesNotCharacters() {
        String prefix = "a/b/c/d/e/f/";
        assertThat(rules.topic(prefix + "g".repeat(500))).isPresent();
        assertThat(rules.violations(prefix + "g".repeat(501)))
                .extracting(TopicViolation::message)
                .containsExactly(
                        "topic has 513 bytes, at most 512 are allowed: "
                                + prefix
                                + "g".repeat(108)
                                + "..."
                                + SEE);
        assertThat(rules.violations(prefix + "ü€🚀".repeat(56)).get(0).message())
                .startsWith("topic has 516 bytes, at most 512 are allowed: ");
    }

    @Test
    void saysNoMoreOfATopicThatMqttCannotCarry() {
        assertThat(rules.violations("/".repeat(1_000_000)))
                .extracting(TopicViolation::message)
                .containsExactly(
                        "topic is longer than 65535 bytes, the most that MQTT carries, at most 512"
                                + " are allowed: "
                                + "/".repeat(120)
                                + "..."
                                + SEE);
    }

    @Test
    void neverThrowsOnRandomText() {
        Random random = new Random(20260301);
        String alphabet = "a_/.+#$ \0\u0085ü\ud83d\ude80";
        int valid = 0;
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder("a/b/c/d/e/f/g");
            for (int n = random.nextInt(4); n > 0; n--) {
                text.setCharAt(
                        random.nextInt(text.length()),
                        alphabet.charAt(random.nextInt(alphabet.length())));
            }
            boolean isValid = rules.violations(text.toString()).isEmpty();
            assertThat(rules.topic(text.toString()).isPresent()).isEqualTo(isValid);
            valid += isValid ? 1 : 0;
        }
        assertThat(valid).isBetween(5_000, 45_000);
    }

    @Test
    void allowsOnlyTheListedEnterprises() throws IOException {
        HierarchyRules strict =
                load("systemPrefix: _hub", "systemPrefix: _hub\nenterprises: [acme, globex]");

        assertThat(strict.topic(TOPIC)).isPresent();
        assertThat(strict.violations("acne/b/c/d/e/f/g"))
                .containsExactly(
                        new TopicViolation(
                                "enterprise",
                                "enterprise",
                                "acne",
                                "enterprise is none of acme, globex: acne" + SEE));
    }

    @Test
    void aLenientPatternDoesNotLiftWhatTheBrokerRefuses() throws IOException {
        HierarchyRules lenient = load("'[A-Za-z0-9][A-Za-z0-9_-]*'", "'[^_].*|'");

        assertThat(lenient.topic("Füller 1/b/c/d/e/f/g")).isPresent();
        assertThat(lenient.violations("a.b/$c//+/\n/f/g"))
                .extracting(TopicViolation::rule)
                .containsExactly("dot", "dollar", "empty-level", "wildcard", "control-character");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "version: 1|version: 2|has version 2, this hub reads version 1; convert the file",
                "maxLength: 512|maxLength: 70000|has maxLength 70000, needs 1 to 65535 bytes;"
                        + " correct it",
                "derivedTagPrefix: _|derivedTagPrefix: ''|has derivedTagPrefix '', needs one or"
                        + " more characters without /; correct it",
                "[acme, globex, Initech-2]|[acme, globex]|has 2 examples for level enterprise,"
                        + " needs 3 or more; add some",
                "houston-refinery|houston.refinery|has the example houston.refinery for level"
                        + " site, which breaks its pattern [A-Za-z0-9][A-Za-z0-9_-]*; correct one",
                "name: site|name: area|has the level area twice; remove one",
                "name: site|name: Site|has a level named Site, a name is lower case letters,"
                        + " digits and -; rename it",
                "name: equipment|name: machine|has the levels [enterprise, site, area, line, cell,"
                        + " machine, tag], needs enterprise first and equipment, tag last; reorder"
                        + " them",
                "'_?[A|'_?([A|has a broken pattern for level tag: Unclosed group in"
                        + " _?([A-Za-z0-9][A-Za-z0-9_-]*; correct it",
                "systemPrefix: _hub|systemPrefix: hub|lets an enterprise be named hub, the"
                        + " systemPrefix; narrow its pattern",
                "maxLength: 512|maxLenght: 512|has the unknown key maxLenght, known are"
                        + " derivedTagPrefix, enterprises, levels, maxLength, systemPrefix,"
                        + " version; correct it",
                "maxLength: 512|version: 1|line 6 cannot be read as rules: Duplicate field"
                        + " 'version'; correct the file",
                "maxLength: 512|maxLength: [512]|line 6 cannot be read as rules: Cannot"
                        + " deserialize value of type `java.lang.Integer` from Array value (token"
                        + " `JsonToken.START_ARRAY`); correct the file",
                "maxLength: 512|#|has maxLength null, needs 1 to 65535 bytes; correct it",
                "version: 1|#|has version null, this hub reads version 1; convert the file",
                "derivedTagPrefix: _|#|has derivedTagPrefix 'null', needs one or more characters"
                        + " without /; correct it",
            })
    void refusesAFileThatContradictsItself(String from, String to, String message) {
        assertThatThrownBy(() -> load(from, to))
                .isInstanceOf(RulesException.class)
                .hasMessage(dir.resolve("hierarchy.yaml") + " " + message);
    }

    @Test
    void refusesAnEmptyFileAndBrokenYaml() throws IOException {
        Path file = Files.writeString(dir.resolve("x.yaml"), "");
        assertThatThrownBy(() -> HierarchyRules.load(file))
                .isInstanceOf(RulesException.class)
                .hasMessage(file + " has no rules in it; restore the shipped file");
        Files.writeString(file, "version: [1\n");
        assertThatThrownBy(() -> HierarchyRules.load(file))
                .isInstanceOf(RulesException.class)
                .hasMessage(
                        file
                                + " line 1 cannot be read as rules: while parsing a flow sequence;"
                                + " correct the file");
    }

    @Test
    void refusesAMissingFile() {
        Path missing = dir.resolve("none.yaml");
        assertThatThrownBy(() -> HierarchyRules.load(missing))
                .isInstanceOf(RulesException.class)
                .hasMessage(
                        "no rules file at " + missing + "; name an existing file or restore it");
    }

    private HierarchyRules load(String from, String to) throws IOException {
        String shipped = Files.readString(HierarchyRules.DEFAULT_FILE);
        assertThat(shipped).contains(from);
        return HierarchyRules.load(
                Files.writeString(dir.resolve("hierarchy.yaml"), shipped.replace(from, to)));
    }
}
