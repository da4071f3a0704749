package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DecimalNode;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Language;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What conditions of routes make of numbers. */
class ReadingExpressionTest {

    private static final String[] LITERALS = {
        "80", "80.4", "80.5", "80.0", "-1", "-0.25", "0", "0.5", "3000000000", "1000"
    };

    private static DefaultCamelContext camel;

    @BeforeAll
    static void start() {
        camel = new DefaultCamelContext();
        camel.start();
    }

    @AfterAll
    static void stop() {
        camel.stop();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80.5",
                "80",
                "80.0",
                "81",
                "3000000000",
                "-3000000000",
                "-0.25",
                "12345678901234567890",
                "0",
                "1e3",
                "1e-7",
                "1e500000000",
                "-1e500000000",
                "1e-500000000"
            })
    void comparesNumbersByTheirValue(String number) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getIn().setBody(reading(new BigDecimal(number)));
        Language simple = camel.resolveLanguage("simple");
        for (String literal : LITERALS) {
            int sign = new BigDecimal(number).compareTo(new BigDecimal(literal));
            for (String operator : new String[] {">", "<", ">=", "<=", "==", "!="}) {
                String condition = "${body.number} " + operator + " " + literal;
                assertThat(simple.createPredicate(condition).matches(exchange))
                        .as("%s of %s", condition, number)
                        .isEqualTo(
                                switch (operator) {
                                    case ">" -> sign > 0;
                                    case "<" -> sign < 0;
                                    case ">=" -> sign >= 0;
                                    case "<=" -> sign <= 0;
                                    case "==" -> sign == 0;
                                    default -> sign != 0;
                                });
            }
        }
    }

    private static Reading reading(BigDecimal number) {
        return Reading.of(
                new Envelope(
                        new UUID(0, 1),
                        Instant.EPOCH,
                        HubFixture.TOPIC,
                        DecimalNode.valueOf(number),
                        Quality.GOOD,
                        "1",
                        "test",
                        "1",
                        Envelope.SCHEMA_VERSION,
                        null,
                        null));
    }
}
