package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import io.unshub.envelope.Envelope;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReadingsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant THEN = Instant.parse("2026-03-01T09:59:58.5Z");
    private static final SourceStatus GOOD = SourceStatus.of(StatusCode.GOOD);

    private final Readings real = readings(false);
    private final Readings simulated = readings(true);

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(true, "true"),
                Arguments.of(new Integer[] {7}, "7"),
                Arguments.of((byte) -128, "-128"),
                Arguments.of(ubyte(255), "255"),
                Arguments.of((short) -32768, "-32768"),
                Arguments.of(ushort(65535), "65535"),
                Arguments.of(Integer.MIN_VALUE, "-2147483648"),
                Arguments.of(uint(4294967295L), "4294967295"),
                Arguments.of(Long.MAX_VALUE, "9223372036854775807"),
                Arguments.of(ulong(-1), "18446744073709551615"),
                Arguments.of(BigInteger.ONE.shiftLeft(63), "9223372036854775808"),
                Arguments.of(21.7f, "21.7"),
                Arguments.of(2.0e-3f, "0.0020"),
                Arguments.of(16777216f, "1.6777216E+7"),
                Arguments.of(0.1, "0.1"),
                Arguments.of(2.2250738585072014e-308, "2.2250738585072014E-308"),
                Arguments.of(
                        UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63"),
                        "\"72962b91-fa75-4ae6-8d28-b404dc7daf63\""),
                Arguments.of(new DateTime(THEN), "\"2026-03-01T09:59:58.500Z\""),
                Arguments.of(LocalizedText.english("open"), "\"open\""),
                Arguments.of("a \"word\"", "\"a \\\"word\\\"\""));
    }

    @ParameterizedTest
    @CsvSource({
        "215, 0.1, -40, -18.5, GOOD",
        "9223372036854775807, 1, 1, 9223372036854775808, ERROR",
        "0.1, 3, 0, 0.3, GOOD",
        "100, 0.5, 0, 50.0, GOOD"
    })
    void convertsInDecimal(
            BigDecimal source, BigDecimal scale, BigDecimal offset, String value, Quality quality) {
        Tag plain = tag(-20.0, 150.0);
        Tag scaled = Tags.with(plain, new Tag.Conversion(scale, offset), null, null, null, null);
        Object raw =
                source.scale() > 0 ? (Object) source.doubleValue() : (Object) source.longValue();

        Envelope reading = real.of(scaled, GOOD, raw, THEN);

        assertThat(reading.value().decimalValue()).isEqualTo(new BigDecimal(value));
        assertThat(reading.quality()).isEqualTo(quality);
        assertThat(real.of(scaled, GOOD, "text", THEN).value()).hasToString("\"text\"");
    }

    @ParameterizedTest
    @MethodSource("values")
    void keepsEveryTypeExactly(Object raw, String json) {
        Envelope reading = real.of(tag(null, null), GOOD, raw, THEN);

        if (raw instanceof Float || raw instanceof Double) {
            assertThat(reading.value().decimalValue()).isEqualByComparingTo(json);
        } else {
            assertThat(reading.value()).hasToString(json);
        }
        assertThat(reading.quality()).isEqualTo(Quality.GOOD);
        assertThat(reading.errorCode()).isNull();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(Float.NaN, "NotANumber"),
                Arguments.of(Double.NEGATIVE_INFINITY, "NotANumber"),
                Arguments.of(new Integer[] {1, 2}, "UnsupportedType"),
                Arguments.of(ByteString.of(new byte[] {1}), "UnsupportedType"),
                Arguments.of(DateTime.MIN_VALUE, "NoValue"),
                Arguments.of(null, "NoValue"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void givesNullAndTheReasonForWhatIsNoValue(Object raw, String errorCode) {
        Envelope reading = real.of(tag(null, null), GOOD, raw, THEN);

        assertThat(reading.value().isNull()).isTrue();
        assertThat(reading.quality()).isEqualTo(Quality.ERROR);
        assertThat(reading.errorCode()).isEqualTo(errorCode);
    }

    static Stream<Arguments> statuses() {
        return Stream.of(
                Arguments.of(StatusCodes.Good, Quality.GOOD, null),
                Arguments.of(StatusCodes.Good_LocalOverride, Quality.GOOD, null),
                Arguments.of(StatusCodes.Good | 0x480, Quality.GOOD, null),
                Arguments.of(
                        StatusCodes.Uncertain_LastUsableValue,
                        Quality.STALE,
                        "Uncertain_LastUsableValue"),
                Arguments.of(
                        StatusCodes.Uncertain_LastUsableValue | 0x480,
                        Quality.STALE,
                        "Uncertain_LastUsableValue"),
                Arguments.of(
                        StatusCodes.Uncertain_NoCommunicationLastUsableValue,
                        Quality.STALE,
                        "Uncertain_NoCommunicationLastUsableValue"),
                Arguments.of(
                        StatusCodes.Uncertain_SensorNotAccurate,
                        Quality.ERROR,
                        "Uncertain_SensorNotAccurate"),
                Arguments.of(StatusCodes.Bad_DeviceFailure, Quality.ERROR, "Bad_DeviceFailure"),
                Arguments.of(0x80FF0000L, Quality.ERROR, "0x80FF0000"));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void condensesOpcUaStatus(long code, Quality quality, String errorCode) {
        Envelope reading = real.of(tag(null, null), SourceStatus.of(new StatusCode(code)), 1, THEN);

        assertThat(reading.quality()).isEqualTo(quality);
        assertThat(reading.errorCode()).isEqualTo(errorCode);
        assertThat(reading.value()).hasToString("1");
    }

    @ParameterizedTest
    @EnumSource(PlcResponseCode.class)
    void condensesPlcResponseCodes(PlcResponseCode code) {
        boolean fine = code == PlcResponseCode.OK;
        Envelope reading = real.of(tag(null, null), SourceStatus.of(code), fine ? 1 : null, THEN);

        assertThat(reading.quality()).isEqualTo(fine ? Quality.GOOD : Quality.ERROR);
        assertThat(reading.errorCode()).isEqualTo(fine ? null : code.name());
    }

    @ParameterizedTest
    @CsvSource({"-20.0,GOOD", "-20.1,ERROR", "150,GOOD", "150.00001,ERROR", "0,GOOD"})
    void keepsAValueOutsideItsRangeAsError(double value, Quality quality) {
        Envelope reading = real.of(tag(-20.0, 150.0), GOOD, value, THEN);

        assertThat(reading.quality()).isEqualTo(quality);
        assertThat(reading.errorCode()).isEqualTo(quality == Quality.GOOD ? null : "OutOfRange");
        assertThat(reading.value().doubleValue()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "NUMBER, 1.5, GOOD",
        "NUMBER, text, ERROR",
        "INTEGER, 2, GOOD",
        "INTEGER, 1.5, ERROR",
        "BOOLEAN, true, GOOD",
        "BOOLEAN, 1, ERROR",
        "STRING, text, GOOD",
        "STRING, true, ERROR"
    })
    void keepsAValueOfAnotherTypeAsError(Tag.Type type, String text, Quality quality) {
        Object raw =
                switch (text) {
                    case "text" -> text;
                    case "true" -> true;
                    case "1.5" -> 1.5;
                    default -> Integer.valueOf(text);
                };

        Envelope reading = real.of(typed(type, null), GOOD, raw, THEN);

        assertThat(reading.quality()).isEqualTo(quality);
        assertThat(reading.errorCode()).isEqualTo(quality == Quality.GOOD ? null : "WrongType");
        assertThat(reading.value().asText()).isEqualTo(text);
    }

    @Test
    void namesTheSourceThatItsTagNames() {
        assertThat(real.of(tag(null, null), GOOD, 1, THEN).sourceSystem()).isEqualTo("scada");
        assertThat(real.of(typed(null, "bottling"), GOOD, 1, THEN).sourceSystem())
                .isEqualTo("bottling");
    }

    private static Tag typed(Tag.Type type, String sourceSystem) {
        return Tags.with(tag(null, null), null, null, type, null, sourceSystem);
    }

    @Test
    void comparesA32BitFloatWithItsRangeAsWritten() {
        assertThat(real.of(tag(null, 0.1), GOOD, 0.1f, THEN).quality()).isEqualTo(Quality.GOOD);
    }

    @Test
    void keepsTheSourcesReasonBeforeItsOwn() {
        SourceStatus bad = SourceStatus.of(new StatusCode(StatusCodes.Bad_SensorFailure));

        assertThat(real.of(tag(-1.0, 1.0), bad, 5, THEN).errorCode())
                .isEqualTo("Bad_SensorFailure");
        assertThat(real.of(tag(-1.0, 1.0), bad, Double.NaN, THEN).errorCode())
                .isEqualTo("Bad_SensorFailure");
    }

    @Test
    void isAtBestSimulatedFromASimulator() {
        SourceStatus stale = SourceStatus.of(new StatusCode(StatusCodes.Uncertain_LastUsableValue));

        assertThat(simulated.of(tag(null, null), GOOD, 1, THEN).quality())
                .isEqualTo(Quality.SIMULATED);
        assertThat(simulated.of(tag(null, null), GOOD, 1, THEN).errorCode()).isNull();
        assertThat(simulated.of(tag(null, null), stale, 1, THEN).quality())
                .isEqualTo(Quality.STALE);
        assertThat(simulated.of(tag(null, 0.0), GOOD, 1, THEN).quality()).isEqualTo(Quality.ERROR);
    }

    @Test
    void usesOurTimeWhereTheSourceHasNone() {
        assertThat(real.of(tag(null, null), GOOD, 1, THEN).tsUtc()).isEqualTo(THEN);
        assertThat(real.of(tag(null, null), GOOD, 1, null).tsUtc()).isEqualTo(NOW);
    }

    @Test
    void hasTheSameIdWhenTheSameValueIsReadAgain() {
        Tag tag = tag(null, null);
        UUID id = real.of(tag, GOOD, 1.5f, THEN).messageId();

        assertThat(readings(false).of(tag, GOOD, 1.5f, THEN).messageId()).isEqualTo(id);
        assertThat(real.of(tag, GOOD, 1.25f, THEN).messageId()).isNotEqualTo(id);
        assertThat(real.of(tag, GOOD, 1.5f, NOW).messageId()).isNotEqualTo(id);
    }

    private static Readings readings(boolean simulated) {
        return new Readings(
                new Connection(
                        "scada",
                        Protocol.OPCUA,
                        "opc.tcp://127.0.0.1:4840",
                        simulated,
                        OpcUaOptions.DEFAULT,
                        null),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static Tag tag(Double min, Double max) {
        return new Tag(
                "acme/a", "nsu=urn:x;i=1", "1", min, max, Duration.ofSeconds(1), "1.0.0", "scada");
    }
}
