package io.unshub.envelope;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What a schema version calls the fields that the hub itself reads; what is not given has its
 * canonical name. {@code quality}, {@code publishedQuality}, {@code messageHistory} and {@code
 * schemaVersion} have one name in every version: the hub changes the first three, and by the last
 * it knows the others.
 *
 * @param messageId identifies the reading
 * @param tsUtc when the source took the value
 * @param topic the UNS topic
 * @param value the value
 * @param units unit of the value
 * @param sourceSystem where the value came from
 * @param lineageVersion version of what made the reading
 * @param errorCode what the source reported
 */
record Names(
        String messageId,
        String tsUtc,
        String topic,
        String value,
        String units,
        String sourceSystem,
        String lineageVersion,
        String errorCode) {

    /** The names of version 1. */
    static final Names CANONICAL = of(null, null, null, null, null, null, null, null);

    @JsonCreator
    static Names of(
            @JsonProperty("messageId") String messageId,
            @JsonProperty("tsUtc") String tsUtc,
            @JsonProperty("topic") String topic,
            @JsonProperty("value") String value,
            @JsonProperty("units") String units,
            @JsonProperty("sourceSystem") String sourceSystem,
            @JsonProperty("lineageVersion") String lineageVersion,
            @JsonProperty("errorCode") String errorCode) {
        return new Names(
                or(messageId, EnvelopeCodec.MESSAGE_ID),
                or(tsUtc, EnvelopeCodec.TS_UTC),
                or(topic, EnvelopeCodec.TOPIC),
                or(value, EnvelopeCodec.VALUE),
                or(units, EnvelopeCodec.UNITS),
                or(sourceSystem, EnvelopeCodec.SOURCE_SYSTEM),
                or(lineageVersion, EnvelopeCodec.LINEAGE_VERSION),
                or(errorCode, EnvelopeCodec.ERROR_CODE));
    }

    /** The fields that the hub takes for texts, and that every envelope has. */
    List<String> texts() {
        return List.of(
                messageId,
                tsUtc,
                topic,
                EnvelopeCodec.QUALITY,
                units,
                sourceSystem,
                lineageVersion,
                EnvelopeCodec.SCHEMA_VERSION);
    }

    private static String or(String name, String canonical) {
        return name == null ? canonical : name;
    }
}
