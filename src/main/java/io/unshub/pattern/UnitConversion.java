package io.unshub.pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.measure.IncommensurableException;
import javax.measure.MeasurementException;
import javax.measure.Unit;
import javax.measure.UnitConverter;
import systems.uom.ucum.format.UCUMFormat;
import systems.uom.ucum.internal.format.TokenMgrError;

/**
 * Normalizer: brings numbers into one unit, by UCUM. What is no number stays as it is; a number
 * whose unit cannot be brought into it, as bar into Cel, becomes ERROR with {@code UNITS_MISMATCH}
 * and no value, so that nobody takes it for what it is not.
 *
 * <p>Numbers are kept to 15 significant digits. Source: the Unified Code for Units of Measure.
 */
public final class UnitConversion implements Step {

    private static final String UNITS_MISMATCH = "UNITS_MISMATCH";
    private static final MathContext DIGITS = new MathContext(15);
    private static final UCUMFormat FORMAT =
            UCUMFormat.getInstance(UCUMFormat.Variant.CASE_SENSITIVE);

    private final String units;
    private final Unit<?> target;
    private final Map<String, Optional<UnitConverter>> converters = new HashMap<>();

    /**
     * @param units UCUM code that all numbers are brought into
     * @throws IllegalArgumentException if it is none
     */
    public UnitConversion(String units) {
        this.units = units;
        target =
                parse(units)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "units is "
                                                        + units
                                                        + ", which is not UCUM; write it as in Cel,"
                                                        + " bar, m3/h, 1/min"));
    }

    @Override
    public synchronized void apply(Batch batch, Hand hand) {
        for (Reading reading : batch) {
            BigDecimal number = reading.decimal();
            if (number != null && !reading.units().equals(units)) {
                reading.replace(
                        converters
                                .computeIfAbsent(reading.units(), this::converter)
                                .map(converter -> converted(reading.envelope(), number, converter))
                                .orElseGet(() -> mismatch(reading.envelope())));
            }
        }
    }

    private Envelope converted(Envelope of, BigDecimal number, UnitConverter converter) {
        BigDecimal value = new BigDecimal(converter.convert(number).toString()).round(DIGITS);
        return with(of, DecimalNode.valueOf(value), of.quality(), of.errorCode());
    }

    private Envelope mismatch(Envelope of) {
        return with(of, NullNode.instance, Quality.ERROR, UNITS_MISMATCH);
    }

    private Envelope with(Envelope of, JsonNode value, Quality quality, String errorCode) {
        return new Envelope(
                of.messageId(),
                of.tsUtc(),
                of.topic(),
                value,
                quality,
                units,
                of.sourceSystem(),
                of.lineageVersion(),
                of.schemaVersion(),
                errorCode,
                of.publishedQuality(),
                of.messageHistory());
    }

    private Optional<UnitConverter> converter(String from) {
        return parse(from)
                .flatMap(
                        unit -> {
                            try {
                                return Optional.of(unit.getConverterToAny(target));
                            } catch (IncommensurableException e) {
                                return Optional.empty();
                            }
                        });
    }

    private static Optional<Unit<?>> parse(String units) {
        try {
            return Optional.of(FORMAT.parse(units));
            // what cannot be split into words is an Error to that library
        } catch (MeasurementException | IllegalArgumentException | TokenMgrError e) {
            return Optional.empty();
        }
    }
}
