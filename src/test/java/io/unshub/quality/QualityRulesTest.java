package io.unshub.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.envelope.Envelope;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QualityRulesTest {

    private static final Instant TAKEN = Instant.parse("2026-03-01T12:00:00Z");
    private static final String RULES =
            """
            version: 1
            staleAfter: 15m
            rules:
              - name: heat
                topics: acme/+/packaging/+/+/+/temperature
                staleAfter: 5m
                range: {min: -40, max: 250.5}
              - name: packaging
                topics: acme/+/packaging/#
                staleAfter: 30s
              - name: outpost
                topics: acme/outpost/#
                staleAfter: never
              - topics: acme/+/utilities/#
                range: {min: 0}
            """;
    private static final String HEAT = "acme/p1/packaging/l/c/e/temperature";

    @TempDir private Path dir;

    @Test
    void leavesAFreshReadingInRangeAlone() throws IOException {
        assertThat(tag(HEAT, "21.5", Quality.GOOD, "5m")).isEmpty();
    }

    @Test
    void callsAnOldReadingStale() throws IOException {
        assertThat(tag(HEAT, "21.5", Quality.GOOD, "5m1s"))
                .contains(
                        new Downgrade(
                                Quality.GOOD,
                                Quality.STALE,
                                "heat",
                                "reading was 301 s old when it was accepted, at most 300 s are"
                                        + " allowed (rule heat)"));
    }

    @Test
    void callsAValueOutsideItsRangeAnError() throws IOException {
        assertThat(tag(HEAT, "250.50", Quality.GOOD, "0s")).isEmpty();
        assertThat(tag(HEAT, "-40", Quality.GOOD, "0s")).isEmpty();
        assertThat(tag(HEAT, "250.500000000000000000001", Quality.GOOD, "0s"))
                .contains(
                        new Downgrade(
                                Quality.GOOD,
                                Quality.ERROR,
                                "heat",
                                "value 250.500000000000000000001 is outside -40..250.5 (rule"
                                        + " heat)"));
        assertThat(tag(HEAT, "-1e2147483647", Quality.GOOD, "0s"))
                .contains(
                        new Downgrade(
                                Quality.GOOD,
                                Quality.ERROR,
                                "heat",
                                "value -1E+2147483647 is outside -40..250.5 (rule heat)"));
    }

    @Test
    void anErrorHidesThatTheReadingIsOldToo() throws IOException {
        assertThat(tag(HEAT, "999", Quality.GOOD, "1h")).map(Downgrade::to).contains(Quality.ERROR);
    }

    @Test
    void neverImprovesAFlag() throws IOException {
        assertThat(tag(HEAT, "21.5", Quality.STALE, "0s")).isEmpty();
        assertThat(tag(HEAT, "21.5", Quality.STALE, "1h")).isEmpty();
        assertThat(tag(HEAT, "21.5", Quality.ERROR, "1h")).isEmpty();
        assertThat(tag(HEAT, "999", Quality.ERROR, "1h")).isEmpty();
        assertThat(tag(HEAT, "999", Quality.STALE, "1h"))
                .map(Downgrade::from)
                .contains(Quality.STALE);
        assertThat(tag(HEAT, "21.5", Quality.SIMULATED, "0s")).isEmpty();
        assertThat(tag(HEAT, "21.5", Quality.SIMULATED, "1h"))
                .map(Downgrade::to)
                .contains(Quality.STALE);
    }

    @Test
    void aReadingAheadOfTheClockIsNotOld() throws IOException {
        assertThat(tag(HEAT, "21.5", Quality.GOOD, "-5m")).isEmpty();
    }

    @Test
    void takesTheFirstRuleThatMatches() throws IOException {
        assertThat(tag("acme/p1/packaging/l/c/e/speed", "999", Quality.GOOD, "31s"))
                .map(Downgrade::rule)
                .contains("packaging");
        assertThat(tag(HEAT, "0", Quality.GOOD, "31s")).isEmpty();
    }

    @Test
    void takesTheDefaultWhereNoRuleMatches() throws IOException {
        assertThat(tag("acme/p1/a/l/c/e/speed", "999", Quality.GOOD, "15m")).isEmpty();
        assertThat(tag("acme/p1/a/l/c/e/speed", "999", Quality.GOOD, "15m1s"))
                .map(Downgrade::rule)
                .contains("default");
    }

    @Test
    void aRuleWithoutItsOwnAgeOrNameTakesTheDefaultAndItsFilter() throws IOException {
        assertThat(tag("acme/p1/utilities/l/c/e/humidity", "50", Quality.GOOD, "15m")).isEmpty();
        assertThat(tag("acme/p1/utilities/l/c/e/humidity", "50", Quality.GOOD, "16m"))
                .map(Downgrade::rule)
                .contains("acme/+/utilities/#");
        assertThat(tag("acme/p1/utilities/l/c/e/humidity", "-0.1", Quality.GOOD, "0s"))
                .map(Downgrade::detail)
                .contains("value -0.1 is outside 0.. (rule acme/+/utilities/#)");
    }

    @Test
    void neverMeansThatAgeDoesNotCount() throws IOException {
        assertThat(tag("acme/outpost/a/l/c/e/speed", "1", Quality.GOOD, "9999h")).isEmpty();
    }

    @Test
    void onlyNumbersHaveARange() throws IOException {
        QualityRules rules = load(RULES);
        for (JsonNode value :
                List.of(TextNode.valueOf("999"), BooleanNode.TRUE, NullNode.instance)) {
            assertThat(rules.tag(reading(HEAT, value, Quality.GOOD), TAKEN)).isEmpty();
        }
        String humidity = "acme/p1/utilities/l/c/e/humidity";
        JsonNode large = BigIntegerNode.valueOf(BigInteger.TEN.pow(400));
        assertThat(rules.tag(reading(humidity, large, Quality.GOOD), TAKEN)).isEmpty();
        JsonNode nan = DoubleNode.valueOf(Double.NaN);
        assertThat(rules.tag(reading(humidity, nan, Quality.GOOD), TAKEN))
                .map(Downgrade::to)
                .contains(Quality.ERROR);
    }

    @Test
    void leavesReadingsAloneThatAreNotForeign() throws IOException {
        QualityRules rules = QualityRules.load(file(RULES), topic -> !topic.equals(HEAT));

        assertThat(rules.tag(reading(HEAT, number("999"), Quality.GOOD), TAKEN)).isEmpty();
        assertThat(
                        rules.tag(
                                reading("acme/p2" + HEAT.substring(7), number("999"), Quality.GOOD),
                                TAKEN))
                .isPresent();
    }

    @Test
    void remembersRulesForMoreTopicsThanItsBound() throws IOException {
        QualityRules rules = load(RULES);
        for (int i = 0; i < QualityRules.CACHED_TOPICS + 100; i++) {
            String topic = "acme/p" + i + "/packaging/l/c/e/temperature";
            assertThat(rules.tag(reading(topic, number("999"), Quality.GOOD), TAKEN)).isPresent();
        }
        assertThat(
                        rules.tag(
                                reading("acme/p0" + HEAT.substring(7), number("999"), Quality.GOOD),
                                TAKEN))
                .map(Downgrade::rule)
                .contains("heat");
    }

    @Test
    void loadsTheShippedRulesAndTheDocumentsExample() throws IOException {
        assertThat(QualityRules.load(QualityRules.DEFAULT_FILE, topic -> true)).isNotNull();
        Matcher example =
                Pattern.compile("(?s)```yaml\n(.*?)```")
                        .matcher(Files.readString(Path.of("docs/quality/quality-flags.md")));
        assertThat(example.find()).isTrue();
        assertThat(load(example.group(1)).tag(reading(HEAT, number("251"), Quality.GOOD), TAKEN))
                .map(Downgrade::rule)
                .contains("packaging-temperatures");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "version: 1|version: 3|has version 3, this hub reads version 1; convert the file",
                "staleAfter: 15m|staleAfter: 15 min|has staleAfter 15 min in the default, needs a"
                        + " number with s, m, h or d (5m) or never; correct it",
                "staleAfter: 30s|staleAfter: 0s|has staleAfter 0s in rule packaging, needs a"
                        + " number with s, m, h or d (5m) or never; correct it",
                "staleAfter: 15m|#|has staleAfter null in the default, needs a number with s, m,"
                        + " h or d (5m) or never; correct it",
                "min: -40|min: 400|has the range 400 to 250.5 in rule heat, which holds nothing;"
                        + " swap them",
                "{min: 0}|{}|has an empty range in rule acme/+/utilities/#; give min, max or both",
                "name: packaging|name: heat|has the rule heat twice; rename one",
                "outpost/#|#/outpost|rule outpost: topic filter acme/#/outpost has # before its"
                        + " end; # stands alone as the last level",
                "topics: acme/outpost/#||has a rule without topics; give it an MQTT topic filter",
                "name: outpost|nmae: outpost|has the unknown key nmae, known are name, range,"
                        + " staleAfter, topics; correct it",
            })
    void refusesAFileThatContradictsItself(String from, String to, String message)
            throws IOException {
        assertThat(RULES).contains(from);
        Path file = file(RULES.replace(from, to == null ? "" : to));
        assertThatThrownBy(() -> QualityRules.load(file, topic -> true))
                .isInstanceOf(RulesException.class)
                .hasMessage(file + " " + message);
    }

    private Optional<Downgrade> tag(String topic, String value, Quality quality, String age)
            throws IOException {
        Duration elapsed =
                age.startsWith("-")
                        ? Duration.parse("PT" + age.substring(1)).negated()
                        : Duration.parse("PT" + age);
        return load(RULES).tag(reading(topic, number(value), quality), TAKEN.plus(elapsed));
    }

    private static JsonNode number(String value) {
        return DecimalNode.valueOf(new BigDecimal(value));
    }

    private QualityRules load(String content) throws IOException {
        return QualityRules.load(file(content), topic -> true);
    }

    private Path file(String content) throws IOException {
        return Files.writeString(Files.createTempFile(dir, "quality", ".yaml"), content);
    }

    private static Envelope reading(String topic, JsonNode value, Quality quality) {
        return new Envelope(
                new UUID(1, 2), TAKEN, topic, value, quality, "1", "mes", "1", "1.0", null, null);
    }
}
