package io.unshub.cli;

import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.fhir.ucum.UcumEssenceService;
import org.fhir.ucum.UcumException;

/** Tells whether a text is a unit of the Unified Code for Units of Measure, by its own table. */
final class UcumUnits {

    private static final Map<String, Optional<String>> KNOWN = new HashMap<>();
    private static UcumEssenceService service;

    private UcumUnits() {}

    /** Returns what is wrong with a unit and what to do, if anything. */
    static synchronized Optional<String> problem(String unit) {
        return KNOWN.computeIfAbsent(unit, UcumUnits::look);
    }

    private static Optional<String> look(String unit) {
        String refusal = service().validate(unit);
        return refusal == null
                ? Optional.empty()
                : Optional.of(
                        "units %s are not UCUM (%s); write them as in Cel, bar, m3/h, 1/min, or 1 for none, see https://ucum.org/ucum"
                                .formatted(Excerpt.of(unit), Excerpt.of(refusal)));
    }

    private static UcumEssenceService service() {
        if (service == null) {
            try (InputStream table =
                    UcumEssenceService.class.getResourceAsStream("/ucum-essence.xml")) {
                service = new UcumEssenceService(table);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (UcumException e) {
                throw new IllegalStateException("the table of UCUM cannot be read", e);
            }
        }
        return service;
    }
}
