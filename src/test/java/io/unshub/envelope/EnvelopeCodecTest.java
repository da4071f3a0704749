package io.unshub.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeCodecTest {

    private static final String HEAD =
            "{\"messageId\":\"7f1e0f1e-9d5b-5c6e-8c6a-3f1f3a6f2b11\",\"tsUtc\":";

    @Test
    void writesFieldsInTheSchemasOrderWithoutSpaces() {
        assertThat(text(EnvelopeCodec.encode(envelope(LongNode.valueOf(Long.MAX_VALUE), null))))
                .isEqualTo(
                        HEAD
                                + "\"2026-03-01T11:59:58.120Z\",\"topic\":\""
                                + Fixtures.TOPIC
                                + "\",\"value\":9223372036854775807,\"quality\":\"GOOD\","
                                + "\"units\":\"°C\",\"sourceSystem\":\"plc\","
                                + "\"lineageVersion\":\"7\",\"schemaVersion\":\"1.0\"}");
    }

    @Test
    void writesAnErrorCodeLast() {
        assertThat(text(EnvelopeCodec.encode(envelope(NullNode.instance, "Bad \"x\""))))
                .contains("\"value\":null,")
                .endsWith("\"schemaVersion\":\"1.0\",\"errorCode\":\"Bad \\\"x\\\"\"}");
    }

    @Test
    void readsBackWhatItWrote() {
        for (JsonNode value :
                List.of(
                        BooleanNode.TRUE,
                        NullNode.instance,
                        TextNode.valueOf("läuft 🚀 \"\\\n"),
                        DecimalNode.valueOf(new BigDecimal("1.0")),
                        DecimalNode.valueOf(new BigDecimal("1E+2147483647")),
                        LongNode.valueOf(Long.MIN_VALUE))) {
            Envelope written = envelope(value, "code");
            assertThat(EnvelopeCodec.decode(EnvelopeCodec.encode(written))).isEqualTo(written);
        }
    }

    @Test
    void whatItWritesIsValid() {
        assertThat(
                        Fixtures.validator(Limits.DEFAULT)
                                .check(
                                        Fixtures.TOPIC,
                                        EnvelopeCodec.encode(
                                                envelope(DoubleNode.valueOf(0.1), null))))
                .isInstanceOf(Verdict.Valid.class);
    }

    @Test
    void writesAHistoryAndLeavesEveryOtherFieldOfAPayload() {
        ArrayNode history = JsonNodeFactory.instance.arrayNode();
        history.addObject().put("route", "hot");
        Envelope traced = envelope(DecimalNode.valueOf(new BigDecimal("1.50")), null);

        assertThat(EnvelopeCodec.decode(EnvelopeCodec.encode(traced.withHistory(history))))
                .isEqualTo(traced.withHistory(history));
        assertThat(
                        text(
                                EnvelopeCodec.withHistory(
                                        bytes("{\"value\": 1.50, \"own\": [2.0], \"b\": null}"),
                                        history)))
                .isEqualTo(
                        "{\"value\":1.50,\"own\":[2.0],\"b\":null,\"messageHistory\":[{\"route\":\"hot\"}]}");
        assertThat(
                        text(
                                EnvelopeCodec.withHistory(
                                        bytes("{\"messageHistory\":[],\"value\":9}"), history)))
                .isEqualTo("{\"messageHistory\":[{\"route\":\"hot\"}],\"value\":9}");
        assertThatThrownBy(() -> EnvelopeCodec.withHistory(bytes("[]"), history))
                .hasMessageStartingWith("payload is no JSON object");
    }

    @Test
    void refusesValuesThatJsonCannotCarry() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        for (JsonNode value :
                List.of(
                        DoubleNode.valueOf(Double.NaN),
                        DoubleNode.valueOf(Double.NEGATIVE_INFINITY),
                        FloatNode.valueOf(Float.NaN),
                        json.objectNode(),
                        json.arrayNode(),
                        json.binaryNode(new byte[3]),
                        json.pojoNode("x"),
                        json.missingNode())) {
            assertThatThrownBy(() -> EnvelopeCodec.encode(envelope(value, null)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("value ")
                    .hasMessageEndingWith(
                            " is no number, string, boolean or null; send null with quality ERROR");
        }
        assertThatThrownBy(
                        () -> EnvelopeCodec.encode(envelope(DoubleNode.valueOf(Double.NaN), null)))
                .hasMessage(
                        "value NaN is no number, string, boolean or null; send null with quality"
                                + " ERROR");
        assertThatThrownBy(() -> EnvelopeCodec.encode(envelope(null, null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("value");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|payload is no JSON object, it starts with []; pass an envelope",
                "{}|payload lacks messageId; pass an envelope",
            })
    void readsNothingButEnvelopes(String payload, String message) {
        assertThatThrownBy(() -> EnvelopeCodec.decode(bytes(payload)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void changesTheQualityAndKeepsThePublishedFlag() {
        assertThat(splice("{\"value\":1.0,\"quality\":\"GOOD\",\"units\":\"1\"}"))
                .isEqualTo(
                        "{\"value\":1.0,\"quality\":\"STALE\",\"publishedQuality\":\"GOOD\",\"units\":\"1\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // tokens, spaces and key spellings stay as they are
                "{ \"quality\" :\t\"GOOD\" }|{ \"quality\" :\t\"STALE\",\"publishedQuality\":\"GOOD\" }",
                "{\"value\":1e3,\"quality\":\"SIMULATED\"}"
                        + "|{\"value\":1e3,\"quality\":\"STALE\",\"publishedQuality\":\"SIMULATED\"}",
                "{\"qu\\u0061lity\":\"G\\u004fOD\",\"v\":-0.0}"
                        + "|{\"qu\\u0061lity\":\"STALE\",\"publishedQuality\":\"G\\u004fOD\",\"v\":-0.0}",
                "{\"v\":\"🚀\\\"quality\\\":\\\"GOOD\\\"\",\"quality\":\"GOOD\"}"
                        + "|{\"v\":\"🚀\\\"quality\\\":\\\"GOOD\\\"\",\"quality\":\"STALE\",\"publishedQuality\":\"GOOD\"}",
                // only the top level counts
                "{\"x\":{\"quality\":\"GOOD\",\"publishedQuality\":\"GOOD\"},\"quality\":\"GOOD\",\"y\":[{\"quality\":\"ERROR\"}]}"
                        + "|{\"x\":{\"quality\":\"GOOD\",\"publishedQuality\":\"GOOD\"},\"quality\":\"STALE\",\"publishedQuality\":\"GOOD\",\"y\":[{\"quality\":\"ERROR\"}]}",
                // an older published flag stays, before or after
                "{\"publishedQuality\":\"GOOD\",\"quality\":\"SIMULATED\"}"
                        + "|{\"publishedQuality\":\"GOOD\",\"quality\":\"STALE\"}",
                "{\"quality\":\"SIMULATED\",\"x\":1,\"published\\u0051uality\":\"GOOD\"}"
                        + "|{\"quality\":\"STALE\",\"x\":1,\"published\\u0051uality\":\"GOOD\"}",
                "{\"n\":1234567890123456789012345678901234567890.00,\"quality\":\"GOOD\"}"
                        + "|{\"n\":1234567890123456789012345678901234567890.00,\"quality\":\"STALE\",\"publishedQuality\":\"GOOD\"}",
            })
    void keepsEveryOtherByte(String payload, String expected) {
        assertThat(splice(payload)).isEqualTo(expected);
    }

    @Test
    void keepsEveryOtherByteOfRandomPayloads() {
        Random random = new Random(4711);
        String[] before = {
            "", "\"value\":1.10,", "\"x\":{\"quality\":\"GOOD\"},", "\"é🚀\":\"\\\"\","
        };
        String[] after = {
            "", ",\"n\":1E+2", ",\"y\":[ {\"publishedQuality\":1} ]", " ,\"z\":\"\\u0000\""
        };
        String[] space = {"", " ", "\r\n\t", "   "};
        for (int i = 0; i < 5_000; i++) {
            Quality from = Quality.values()[random.nextInt(4)];
            Quality to = Quality.values()[random.nextInt(4)];
            String head =
                    pick(space, random)
                            + "{"
                            + pick(before, random)
                            + pick(space, random)
                            + "\"quality\""
                            + pick(space, random)
                            + ":"
                            + pick(space, random);
            String tail = pick(space, random) + pick(after, random) + "}" + pick(space, random);

            assertThat(text(EnvelopeCodec.spliceQuality(bytes(head + quoted(from) + tail), to)))
                    .isEqualTo(head + quoted(to) + ",\"publishedQuality\":" + quoted(from) + tail);
        }
    }

    @Test
    void splicesEveryGoodFixtureIntoAValidOne() {
        EnvelopeValidator validator = Fixtures.validator(Limits.DEFAULT);
        for (Fixtures.Fixture fixture : Fixtures.good()) {
            byte[] original = fixture.payload().clone();
            byte[] spliced = EnvelopeCodec.spliceQuality(fixture.payload(), Quality.ERROR);

            assertThat(fixture.payload()).isEqualTo(original);
            assertThat(validator.check(fixture.topic(), spliced))
                    .isInstanceOfSatisfying(
                            Verdict.Valid.class,
                            valid ->
                                    assertThat(valid.envelope().quality())
                                            .isEqualTo(Quality.ERROR));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "[]", "1", "", "{\"quality\":1}", "{\"x\":{\"quality\":\"GOOD\"}}"})
    void splicesNothingButTopLevelFlags(String payload) {
        assertThatThrownBy(() -> splice(payload))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "payload is no object with a top-level quality; validate it before it is"
                                + " changed");
    }

    @Test
    void splicesNoBrokenJson() {
        assertThatThrownBy(() -> splice("{\"quality\":\"GOOD\",x}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("payload is no JSON: ");
        assertThatThrownBy(() -> splice("{\"quality\":\"GOOD\""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("payload is no JSON: ");
    }

    private static String pick(String[] choices, Random random) {
        return choices[random.nextInt(choices.length)];
    }

    private static String quoted(Quality quality) {
        return "\"" + quality + "\"";
    }

    private static String splice(String payload) {
        return text(EnvelopeCodec.spliceQuality(bytes(payload), Quality.STALE));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Envelope envelope(JsonNode value, String errorCode) {
        return new Envelope(
                UUID.fromString("7f1e0f1e-9d5b-5c6e-8c6a-3f1f3a6f2b11"),
                Instant.parse("2026-03-01T11:59:58.12Z"),
                Fixtures.TOPIC,
                value,
                Quality.GOOD,
                "°C",
                "plc",
                "7",
                Envelope.SCHEMA_VERSION,
                errorCode,
                null);
    }
}
