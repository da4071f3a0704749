package io.unshub.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageIdsTest {

    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");
    private static final JsonNode VALUE = DecimalNode.valueOf(new BigDecimal("21.7"));

    private static final List<String> GOOD = List.of("1.0.0", "Cel", "GOOD");

    @Test
    void staysTheSameForEver() {
        UUID id = MessageIds.of("plant1-scada", GOOD, "acme/plant1/a", TIME, VALUE);

        assertThat(id).hasToString("0f1bdbb5-7736-52e6-aa38-90db7dbea6e7");
        assertThat(id.version()).isEqualTo(5);
    }

    @Test
    void differsWithEachOfItsParts() {
        assertThat(
                        List.of(
                                MessageIds.of("a", GOOD, "t", TIME, VALUE),
                                MessageIds.of("b", GOOD, "t", TIME, VALUE),
                                MessageIds.of("a", GOOD, "u", TIME, VALUE),
                                MessageIds.of("a", GOOD, "t", TIME.plusNanos(100), VALUE),
                                MessageIds.of(
                                        "a", List.of("1.0.0", "Cel", "BAD"), "t", TIME, VALUE),
                                MessageIds.of("a", GOOD, "t", TIME, IntNode.valueOf(1)),
                                MessageIds.of("a", GOOD, "t", TIME, TextNode.valueOf("1")),
                                MessageIds.of("a", GOOD, "t", TIME, NullNode.getInstance()),
                                MessageIds.of("a", GOOD, "t", TIME, TextNode.valueOf("null"))))
                .doesNotHaveDuplicates();
    }

    static Stream<JsonNode> values() {
        return Stream.of(
                IntNode.valueOf(-7),
                LongNode.valueOf(Long.MIN_VALUE),
                BigIntegerNode.valueOf(new BigInteger("18446744073709551615")),
                DoubleNode.valueOf(-0.0),
                DoubleNode.valueOf(1e300),
                DoubleNode.valueOf(0.1),
                FloatNode.valueOf(0.1f),
                DecimalNode.valueOf(new BigDecimal("1E+3")),
                DecimalNode.valueOf(new BigDecimal("0.000000000012300")),
                TextNode.valueOf("\"quoted\""),
                NullNode.getInstance());
    }

    @ParameterizedTest
    @MethodSource("values")
    void hasTheValueAsJson(JsonNode value) {
        assertThat(MessageIds.text(value)).isEqualTo(value.toString());
    }
}
