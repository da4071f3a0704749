package io.unshub.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MessageIdsTest {

    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");
    private static final JsonNode VALUE = DecimalNode.valueOf(new BigDecimal("21.7"));

    @Test
    void staysTheSameForEver() {
        UUID id = MessageIds.of("plant1-scada", "acme/plant1/a", TIME, "Good", VALUE);

        assertThat(id).hasToString("89b3213d-e9da-5a30-a4de-75237b48c3cc");
        assertThat(id.version()).isEqualTo(5);
    }

    @Test
    void differsWithEachOfItsParts() {
        assertThat(
                        List.of(
                                MessageIds.of("a", "t", TIME, "Good", VALUE),
                                MessageIds.of("b", "t", TIME, "Good", VALUE),
                                MessageIds.of("a", "u", TIME, "Good", VALUE),
                                MessageIds.of("a", "t", TIME.plusNanos(100), "Good", VALUE),
                                MessageIds.of("a", "t", TIME, "Bad", VALUE),
                                MessageIds.of("a", "t", TIME, "Good", IntNode.valueOf(1)),
                                MessageIds.of("a", "t", TIME, "Good", TextNode.valueOf("1")),
                                MessageIds.of("a", "t", TIME, "Good", NullNode.getInstance()),
                                MessageIds.of("a", "t", TIME, "Good", TextNode.valueOf("null"))))
                .doesNotHaveDuplicates();
    }
}
