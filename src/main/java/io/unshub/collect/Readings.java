package io.unshub.collect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.MessageIds;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Makes the readings of one connection: this is where quality is tagged, at the source. */
final class Readings {

    /** The value is outside its tag's range; it is kept. */
    static final String OUT_OF_RANGE = "OutOfRange";

    /** The value is not of the type that its tag has; it is kept. */
    static final String WRONG_TYPE = "WrongType";

    /** Nothing came for as long as the tag allows. */
    static final String SILENT = "Silent";

    private final Connection connection;
    private final Clock clock;

    Readings(Connection connection, Clock clock) {
        this.connection = connection;
        this.clock = clock;
    }

    /** Returns the reading that tells that the tag has no value because of {@code errorCode}. */
    Envelope error(Tag tag, String errorCode) {
        return of(tag, SourceStatus.error(errorCode), null, null);
    }

    /**
     * @param raw the protocol's value, null where there is none
     * @param sourceTime when the source took it; null for now, by our clock
     */
    Envelope of(Tag tag, SourceStatus status, Object raw, Instant sourceTime) {
        SourceValue value = converted(tag, SourceValue.of(raw));
        Quality quality = status.quality();
        // what the source itself says comes before what we find
        String errorCode = quality == Quality.GOOD ? null : status.name();
        String finding = value.fault() == null ? finding(tag, value) : value.fault();
        if (finding != null) {
            quality = Quality.ERROR;
            errorCode = errorCode == null ? finding : errorCode;
        }
        if (connection.simulated()) {
            quality = quality.worst(Quality.SIMULATED);
        }
        Instant time = sourceTime == null ? clock.instant() : sourceTime;
        return envelope(tag, value.json(), quality, errorCode, time);
    }

    /**
     * Returns the reading that tells that nothing came for the tag's time.
     *
     * @param last the reading before; null if there was none
     */
    Envelope stale(Tag tag, Envelope last) {
        JsonNode value = last == null ? NullNode.getInstance() : last.value();
        Quality quality = last == null ? Quality.STALE : last.quality().worst(Quality.STALE);
        return envelope(tag, value, quality, SILENT, clock.instant());
    }

    private Envelope envelope(
            Tag tag, JsonNode value, Quality quality, String errorCode, Instant time) {
        List<String> lineage =
                List.of(
                        tag.lineageVersion(),
                        tag.units(),
                        quality.name(),
                        String.valueOf(errorCode));
        return new Envelope(
                MessageIds.of(connection.name(), lineage, tag.topic(), time, value),
                time,
                tag.topic(),
                value,
                quality,
                tag.units(),
                tag.sourceSystem() == null ? connection.name() : tag.sourceSystem(),
                tag.lineageVersion(),
                Envelope.SCHEMA_VERSION,
                errorCode,
                null);
    }

    private static SourceValue converted(Tag tag, SourceValue value) {
        return tag.conversion() == null || !value.json().isNumber()
                ? value
                : new SourceValue(
                        DecimalNode.valueOf(tag.conversion().of(value.json().decimalValue())),
                        null);
    }

    private static String finding(Tag tag, SourceValue value) {
        if (tag.type() != null && !tag.type().takes(value.json())) {
            return WRONG_TYPE;
        } else if (!value.json().isNumber()) {
            return null;
        }
        BigDecimal number = value.json().decimalValue();
        boolean low = tag.min() != null && number.compareTo(BigDecimal.valueOf(tag.min())) < 0;
        boolean high = tag.max() != null && number.compareTo(BigDecimal.valueOf(tag.max())) > 0;
        return low || high ? OUT_OF_RANGE : null;
    }
}
