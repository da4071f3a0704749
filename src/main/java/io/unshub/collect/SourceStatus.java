package io.unshub.collect;

import io.unshub.quality.Quality;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;

/**
 * What a source says of one value, condensed to a quality.
 *
 * @param name the source's own name for it
 * @param quality how far the value can be trusted, before its range is looked at
 */
record SourceStatus(String name, Quality quality) {

    /** Whether a server wants less asked for in one call. */
    static boolean tooMany(StatusCode code) {
        return code.value() == StatusCodes.Bad_TooManyOperations
                || code.value() == StatusCodes.Bad_RequestTooLarge
                || code.value() == StatusCodes.Bad_ResponseTooLarge;
    }

    /** Good is GOOD; a last usable value is STALE; every other uncertain or bad value is ERROR. */
    static SourceStatus of(StatusCode code) {
        String name =
                StatusCodes.lookup(code.value())
                        .map(described -> described[0])
                        .orElseGet(() -> String.format("0x%08X", code.value()));
        if (code.isGood()) {
            return new SourceStatus(name, Quality.GOOD);
        }
        // the low half holds limit and overflow bits, not the condition
        long condition = code.value() & 0xFFFF0000L;
        boolean lastUsable =
                condition == StatusCodes.Uncertain_LastUsableValue
                        || condition == StatusCodes.Uncertain_NoCommunicationLastUsableValue;
        return new SourceStatus(name, lastUsable ? Quality.STALE : Quality.ERROR);
    }

    /** OK is GOOD, everything else is ERROR. */
    static SourceStatus of(PlcResponseCode code) {
        return new SourceStatus(
                code.name(), code == PlcResponseCode.OK ? Quality.GOOD : Quality.ERROR);
    }

    static SourceStatus error(String name) {
        return new SourceStatus(name, Quality.ERROR);
    }
}
