package io.unshub.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.uns.RulesException;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FixTest {

    private static final String TOPIC = "acme/plnt1/area/line/cell/pump-1/flow";
    private static final Instant ACCEPTED = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void renamesAFieldAndLeavesEveryOtherByte() {
        assertThat(
                        fixed(
                                "- rename: {from: unit, to: units}",
                                "{ \"unit\" : \"Cel\",\n\"value\":1e3}"))
                .isEqualTo("{ \"units\" : \"Cel\",\n\"value\":1e3}");
    }

    @Test
    void renamesANameThatIsWrittenWithEscapes() {
        assertThat(fixed("- rename: {from: 'a\"b', to: c}", "{\"a\\\"b\":1,\"x\":\"a\\\"b\"}"))
                .isEqualTo("{\"c\":1,\"x\":\"a\\\"b\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"value":1.0,"quality":"good"} | {"value":1.0,"quality":"GOOD"}
                    {"quality":null}               | {"quality":"GOOD"}
                    {"quality":{"a":[1,{}]},"b":2} | {"quality":"GOOD","b":2}
                    {"quality":[],"b":-0.0}        | {"quality":"GOOD","b":-0.0}
                    {}                             | {"quality":"GOOD"}
                    {"value":12}                   | {"value":12,"quality":"GOOD"}
                    """)
    void setsAFieldWhetherItIsThereOrNot(String before, String after) {
        assertThat(fixed("- set: {field: quality, value: GOOD}", before)).isEqualTo(after);
    }

    @Test
    void setsAValueWithTheDigitsOfTheMapping() {
        assertThat(fixed("- set: {field: value, value: 1.50}", "{\"value\":\"n/a\"}"))
                .isEqualTo("{\"value\":1.50}");
    }

    @ParameterizedTest
    @CsvSource({
        "21.5,2.15,0.1,0",
        "1e3,1800.0,1.8,0",
        "-12,10.4,1.8,32",
        "12345678901234567890123456789012345678.90,"
                + "123456789012345678901234567890123456789.00,10,0"
    })
    void scalesANumberExactly(String before, String after, String factor, String offset) {
        String step = "- scale: {field: value, factor: " + factor + ", offset: " + offset + "}";
        assertThat(new java.math.BigDecimal(valueOf(fixed(step, "{\"value\":" + before + "}"))))
                .isEqualByComparingTo(after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "21" | value is "21", only a number of at most 100 digits can be scaled
                    1e9999 | value is 1e9999, which is too large to scale
                    """)
    void refusesToScaleWhatIsNoNumber(String value, String problem) {
        Fix.Result result =
                apply("- scale: {field: value, factor: 2}", "{\"value\":" + value + "}");

        assertThat(result.problem()).isEqualTo(problem);
        assertThat(result.payload()).isEqualTo(("{\"value\":" + value + "}").getBytes(UTF_8));
    }

    @Test
    void changesTheFirstLevelsOfTheTopicInBothPlaces() {
        Fix.Result result =
                apply(
                        "- retopic: {from: acme/plnt1, to: acme/plant1}",
                        "{\"topic\":\"x\",\"a\":1}");

        assertThat(result.topic()).isEqualTo("acme/plant1/area/line/cell/pump-1/flow");
        assertThat(new String(result.payload(), UTF_8))
                .isEqualTo("{\"topic\":\"acme/plant1/area/line/cell/pump-1/flow\",\"a\":1}");
    }

    @Test
    void leavesATopicThatOnlyBeginsAlike() {
        Fix.Result result = apply("- retopic: {from: acme/plnt, to: acme/plant}", "{}");

        assertThat(result.topic()).isEqualTo(TOPIC);
        assertThat(new String(result.payload(), UTF_8)).isEqualTo("{}");
    }

    @Test
    void takesFromTheHubWhatThePublisherLeftOut() {
        String steps =
                """
                - set: {field: messageId, from: messageId}
                - set: {field: tsUtc, from: acceptedUtc}
                - set: {field: topic, from: topic}
                """;
        String once = fixed(steps, "{\"value\":1}");

        assertThat(once)
                .contains("\"tsUtc\":\"2026-03-01T12:00:00Z\"")
                .contains("\"topic\":\"" + TOPIC + "\"");
        assertThat(
                        UUID.fromString(once.replaceAll(".*\"messageId\":\"([^\"]*)\".*", "$1"))
                                .version())
                .isEqualTo(5);
        assertThat(fixed(steps, "{\"value\":1}")).as("the same again").isEqualTo(once);
        assertThat(fixed(steps, "{\"value\":2}")).isNotEqualTo(once);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    21.5     | payload is no JSON object
                    [1]      | payload is no JSON object
                    ''       | payload is no JSON object
                    {"a":1   | payload is no JSON
                    {"a":1,"a":2} | payload has the key a twice
                    {"unit":1,"units":2} | payload has unit and units; one cannot be renamed to the other
                    """)
    void saysWhyAPayloadCannotBeFixed(String payload, String problem) {
        Fix.Result result = apply("- rename: {from: unit, to: units}", payload);

        assertThat(result.problem()).startsWith(problem);
        assertThat(result.payload()).isEqualTo(payload.getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    steps: []                    | fix.yaml has no steps; list at least one of rename, set, scale, retopic
                    steps: [{}]                  | fix.yaml step 1: 0 actions; give each step one of rename, set, scale, retopic
                    steps: [{rename: {from: a}}] | fix.yaml step 1: rename needs from and to; name both fields
                    steps: [{set: {value: 1}}]   | fix.yaml step 1: set needs a field; name it
                    steps: [{set: {field: a}}]   | fix.yaml step 1: set of a needs either value or from; give one of them
                    steps: [{scale: {field: a}}] | fix.yaml step 1: scale needs field and factor; give both, offset is optional
                    steps: [{retopic: {to: a}}]  | fix.yaml step 1: retopic needs from and to; give the first levels of the topic, old and new
                    steps: [{drop: {}}]          | fix.yaml has the unknown key drop, known are rename, retopic, scale, set; correct it
                    """)
    void refusesAMappingThatIsNone(String yaml, String message) {
        assertThatThrownBy(() -> Fix.parse("fix.yaml", yaml.getBytes(UTF_8)))
                .isInstanceOf(RulesException.class)
                .hasMessage(message);
    }

    private static String valueOf(String json) {
        return json.replaceAll("\\{\"value\":(.*)}", "$1");
    }

    private static String fixed(String steps, String payload) {
        Fix.Result result = apply(steps, payload);
        assertThat(result.problem()).isNull();
        return new String(result.payload(), UTF_8);
    }

    private static Fix.Result apply(String steps, String payload) {
        String yaml = "steps:\n" + steps.indent(2);
        return Fix.parse("fix.yaml", yaml.getBytes(UTF_8))
                .apply(TOPIC, ACCEPTED, payload.getBytes(UTF_8));
    }
}
