package io.unshub.pattern;

import static io.unshub.pattern.Readings.NOON;
import static io.unshub.pattern.Readings.TOPIC;
import static io.unshub.pattern.Readings.at;
import static io.unshub.pattern.Readings.text;
import static io.unshub.pattern.Readings.through;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplittingTest {

    private static final String OTHERWISE =
            "; narrow the route's topics, or pass such readings over with skip: true";

    private final FakeHand hand = new FakeHand();

    private static Splitting json(String... names) {
        return new Splitting("", List.of(names), 100);
    }

    /** What becomes of a text: {@code NAME=VALUE} for each element. */
    private List<String> split(Splitting step, String text) throws InterruptedException {
        List<String> elements = new ArrayList<>();
        for (Reading each : through(step, hand, text(0, text))) {
            elements.add(
                    each.topic().replace(TOPIC + "-", "")
                            + "="
                            + each.envelope().value().toString());
        }
        return elements;
    }

    @Test
    void takesObjectsAndArraysApart() throws Exception {
        assertThat(split(json(), "{\"x\": 1.50, \"on\": true, \"mode\": \"auto\"}"))
                .containsExactly("x=1.50", "on=true", "mode=\"auto\"");
        assertThat(split(json(), "{\"axis\": {\"x\": 1, \"y\": [2, 3]}}"))
                .containsExactly("axis-x=1", "axis-y-0=2", "axis-y-1=3");
        assertThat(split(json("x", "y"), "[4, [5]]")).containsExactly("x=4", "y-0=5");
        assertThat(split(json(), "[]")).isEmpty();
    }

    @Test
    void takesListsApart() throws Exception {
        assertThat(split(new Splitting(";", List.of(), 100), "1.50; ready;true;007; \"a; b\";"))
                .containsExactly(
                        "0=1.50", "1=\"ready\"", "2=true", "3=\"007\"", "4=\"a; b\"", "5=null");
        assertThat(split(new Splitting(",", List.of("x", "y"), 100), "1,2"))
                .containsExactly("x=1", "y=2");
        assertThat(split(new Splitting("|", List.of(), 100), "1|2")).containsExactly("0=1", "1=2");
    }

    @Test
    void doesWhatItsPageSays() throws Exception {
        String page = Files.readString(Path.of("docs/eip/splitter.md"));
        Matcher rows =
                Pattern.compile("(?m)^\\| `(.+)` \\| (.*)\\| (`_position-.+) \\|$").matcher(page);
        int examples = 0;
        for (; rows.find(); examples++) {
            String parameters = rows.group(2);
            List<String> names = parameters.contains("names: x,y") ? List.of("x", "y") : List.of();
            String delimiter = parameters.contains("delimiter: \";\"") ? ";" : "";
            List<String> elements =
                    Pattern.compile("`_position-([^`]+): ([^`]+)`")
                            .matcher(rows.group(3))
                            .results()
                            .map(each -> each.group(1) + "=" + each.group(2))
                            .toList();

            assertThat(split(new Splitting(delimiter, names, 100), rows.group(1)))
                    .isEqualTo(elements);
        }
        assertThat(examples).isEqualTo(4);
    }

    @Test
    void keepsAllDigits() throws Exception {
        Reading element = through(json(), hand, text(0, "[1.000000000000000000010]")).get(0);

        assertThat(new String(element.payload(), UTF_8))
                .contains("\"value\":1.000000000000000000010,");
    }

    @Test
    void makesReadingsOfTheSameTimeFlagAndUnits() throws Exception {
        Reading from = Readings.of(TOPIC, 3, new TextNode("[1, 2, null]"), Quality.STALE, "mm");
        List<Reading> elements = through(json(), hand, from);

        assertThat(elements)
                .allSatisfy(
                        each -> {
                            assertThat(each.envelope().tsUtc()).isEqualTo(NOON.plusSeconds(3));
                            assertThat(each.units()).isEqualTo("mm");
                        });
        assertThat(elements)
                .extracting(Reading::quality)
                .containsExactly(Quality.STALE, Quality.STALE, Quality.ERROR);
        assertThat(elements.get(2).envelope().errorCode()).isEqualTo("NO_VALUE");
    }

    @Test
    void givesTheSameElementTheSameMessageId() throws Exception {
        List<Reading> once = through(json(), hand, text(0, "[1, 1]"));
        List<Reading> again = through(json(), hand, text(0, "[1, 1]"));

        assertThat(once).extracting(each -> each.envelope().messageId()).doesNotHaveDuplicates();
        assertThat(again)
                .extracting(each -> each.envelope().messageId())
                .containsExactlyElementsOf(
                        once.stream().map(each -> each.envelope().messageId()).toList());
    }

    @Test
    void makesNamesThatATopicMayHave() throws Exception {
        assertThat(split(json(), "{\"Motor.Speed/rpm\": 1, \"größe #1+\": 2}"))
                .containsExactly("Motor-Speed-rpm=1", "gr--e--1-=2");
    }

    @Test
    void hasNoElementsWhereThereIsNoValue() throws Exception {
        Reading none = Readings.of(TOPIC, 0, NullNode.instance, Quality.ERROR, "1");

        assertThat(through(json(), hand, none)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{\"x\": 1 ~ is no JSON, {\"x\": 1 (",
                "[1] [2] ~ is no JSON, [1] [2] (",
                "{\"x\":1,\"x\":2} ~ is no JSON, {\"x\":1,\"x\":2} (Duplicate field 'x'",
                "[1e99999999999] ~ is no JSON, [1e99999999999] (",
                "ready ~ is no JSON, ready (",
                "\"ready\" ~ is no JSON object or array, \"ready\"",
                "{\"a.b\":1,\"a/b\":2} ~ has two elements that are called a-b",
                "{\"a-b\":1,\"a\":{\"b\":2}} ~ has two elements that are called a-b",
                "[1,2,3,4] ~ has more than 3 elements, the most that the step splits into"
            })
    void saysWhyAJsonTextCannotBeSplit(String text, String why) {
        assertThatThrownBy(() -> split(new Splitting("", List.of(), 3), text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the value " + why)
                .hasMessageEndingWith(OTHERWISE);
    }

    @Test
    void saysWhyAListCannotBeSplit() {
        Splitting pairs = new Splitting(";", List.of("x", "y"), 100);

        assertThatThrownBy(() -> split(pairs, "1;2;3"))
                .hasMessage("the value has 3 elements, and 2 names are given" + OTHERWISE);
        assertThatThrownBy(() -> split(pairs, "1;2\n3;4"))
                .hasMessage("the value has 2 lines, and a list has one, 1;2\\u000A3;4" + OTHERWISE);
        assertThatThrownBy(() -> split(pairs, ""))
                .hasMessage("the value has 0 lines, and a list has one, " + OTHERWISE);
        assertThatThrownBy(() -> split(pairs, "1;\"2"))
                .hasMessageStartingWith("the value is no list, 1;\"2 (")
                .hasMessageEndingWith(OTHERWISE);
        assertThatThrownBy(() -> split(json("x", "y"), "[1]"))
                .hasMessage("the value has 1 elements, and 2 names are given" + OTHERWISE);
    }

    @Test
    void splitsTextAlone() {
        assertThatThrownBy(() -> through(json(), hand, at(0, "5.0")))
                .hasMessage("the value is 5.0, and only text can be split" + OTHERWISE);
        assertThatThrownBy(() -> new Splitting("; ", List.of(), 100))
                .hasMessage("delimiter is ; ; give one character, or none for JSON");
    }
}
