package io.unshub.envelope;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import io.unshub.quality.Quality;
import io.unshub.uns.Excerpt;
import io.unshub.uns.UtcText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * The envelope's bytes. Stateless, any number of threads.
 *
 * <p>{@link #encode} is for readings that this hub makes; what others published is never encoded
 * anew, only {@linkplain #spliceQuality spliced}, so that their bytes stay theirs.
 */
public final class EnvelopeCodec {

    static final String MESSAGE_ID = "messageId";
    static final String TS_UTC = "tsUtc";
    static final String TOPIC = "topic";
    static final String VALUE = "value";
    static final String QUALITY = "quality";
    static final String UNITS = "units";
    static final String SOURCE_SYSTEM = "sourceSystem";
    static final String LINEAGE_VERSION = "lineageVersion";
    static final String SCHEMA_VERSION = "schemaVersion";
    static final String ERROR_CODE = "errorCode";
    static final String PUBLISHED_QUALITY = "publishedQuality";
    static final String MESSAGE_HISTORY = "messageHistory";
    static final String SCORE = "score";

    /** What every envelope has, in the order in which it is written. */
    static final List<String> REQUIRED =
            List.of(
                    MESSAGE_ID,
                    TS_UTC,
                    TOPIC,
                    VALUE,
                    QUALITY,
                    UNITS,
                    SOURCE_SYSTEM,
                    LINEAGE_VERSION,
                    SCHEMA_VERSION);

    private static final byte[] INSERTED =
            (",\"" + PUBLISHED_QUALITY + "\":").getBytes(StandardCharsets.US_ASCII);

    private EnvelopeCodec() {}

    /**
     * Returns the envelope as UTF-8 JSON without spaces, fields in the schema's order, {@code
     * tsUtc} in UTC, no {@code errorCode} where it is null.
     *
     * @throws IllegalArgumentException if the value is none that JSON can carry: NaN, infinite, an
     *     object or an array
     * @throws NullPointerException if a field other than {@code errorCode} is null
     */
    public static byte[] encode(Envelope envelope) {
        return encode(envelope, null);
    }

    /**
     * Returns the envelope as {@link #encode(Envelope)} does, with what a model says of its score.
     *
     * @param score becomes the field {@code score}; null for none
     */
    public static byte[] encode(Envelope envelope, ObjectNode score) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = Payload.MAPPER.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField(MESSAGE_ID, envelope.messageId().toString());
            json.writeStringField(TS_UTC, UtcText.of(envelope.tsUtc()));
            json.writeStringField(TOPIC, present(TOPIC, envelope.topic()));
            json.writeFieldName(VALUE);
            writeScalar(json, scalar(envelope.value()));
            json.writeStringField(QUALITY, envelope.quality().name());
            json.writeStringField(UNITS, present(UNITS, envelope.units()));
            json.writeStringField(SOURCE_SYSTEM, present(SOURCE_SYSTEM, envelope.sourceSystem()));
            json.writeStringField(
                    LINEAGE_VERSION, present(LINEAGE_VERSION, envelope.lineageVersion()));
            json.writeStringField(
                    SCHEMA_VERSION, present(SCHEMA_VERSION, envelope.schemaVersion()));
            if (envelope.errorCode() != null) {
                json.writeStringField(ERROR_CODE, envelope.errorCode());
            }
            if (envelope.publishedQuality() != null) {
                json.writeStringField(PUBLISHED_QUALITY, envelope.publishedQuality().name());
            }
            if (envelope.messageHistory() != null) {
                json.writeFieldName(MESSAGE_HISTORY);
                json.writeTree(envelope.messageHistory());
            }
            if (score != null) {
                json.writeFieldName(SCORE);
                json.writeTree(score);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("envelope cannot be written: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    /** As the mapper does, without looking for who can write it. */
    private static void writeScalar(JsonGenerator json, JsonNode value) throws IOException {
        if (value.isNull()) {
            json.writeNull();
        } else {
            ((ValueNode) value).serialize(json, null);
        }
    }

    private static String present(String field, String value) {
        return Objects.requireNonNull(value, field);
    }

    private static JsonNode scalar(JsonNode value) {
        Objects.requireNonNull(value, VALUE);
        boolean finite =
                !(value.isDouble() || value.isFloat()) || Double.isFinite(value.doubleValue());
        if (!finite
                || !(value.isNumber()
                        || value.isTextual()
                        || value.isBoolean()
                        || value.isNull())) {
            throw new IllegalArgumentException(
                    "value "
                            + Excerpt.of(value.isNumber() ? value.asText() : value.toString())
                            + " is no number, string, boolean or null; send null with quality"
                            + " ERROR");
        }
        return value;
    }

    /**
     * Whether reading the bytes that {@link #encode(Envelope)} gives would say neither more nor
     * less than the envelope itself: it keeps the schema, and its value is read as it is written.
     * For what no source sends every day the answer is no, and it is read.
     */
    static boolean isReadAsWritten(Envelope envelope) {
        JsonNode value = envelope.value();
        boolean plain =
                value.isInt()
                        || value.isTextual()
                        || value.isBoolean()
                        || value.isNull()
                        || value.isBigDecimal() && isPlain(value.decimalValue());
        return plain
                && envelope.schemaVersion().equals(Envelope.SCHEMA_VERSION)
                && !envelope.topic().isEmpty()
                && !envelope.units().isEmpty()
                && !envelope.sourceSystem().isEmpty()
                && !envelope.lineageVersion().isEmpty()
                && envelope.messageHistory() == null;
    }

    /** With neither fraction nor exponent it is read as a whole number, with many digits not. */
    private static boolean isPlain(BigDecimal value) {
        return value.scale() > 0 && value.scale() <= 100 && value.precision() <= 100;
    }

    /**
     * Returns the envelope in bytes that were validated before; fields that v1 does not know are
     * left out. Checks no more than it needs.
     *
     * @throws IllegalArgumentException if the bytes are no envelope
     */
    public static Envelope decode(byte[] payload) {
        Payload parsed = Payload.parse(payload);
        if (parsed.problem() != null) {
            throw new IllegalArgumentException(parsed.problem() + "; pass an envelope");
        }
        ObjectNode node = parsed.node();
        for (String field : REQUIRED) {
            if (!node.has(field)) {
                throw new IllegalArgumentException("payload lacks " + field + "; pass an envelope");
            }
        }
        SourceTime time = SourceTime.parse(node.get(TS_UTC).asText());
        if (time.problem() != null) {
            throw new IllegalArgumentException(time.problem());
        }
        return envelope(node, time.instant(), Names.CANONICAL);
    }

    static Envelope envelope(ObjectNode node, Instant tsUtc, Names names) {
        return new Envelope(
                UUID.fromString(node.get(names.messageId()).textValue()),
                tsUtc,
                node.get(names.topic()).textValue(),
                node.get(names.value()),
                Quality.valueOf(node.get(QUALITY).textValue()),
                node.get(names.units()).textValue(),
                node.get(names.sourceSystem()).textValue(),
                node.get(names.lineageVersion()).textValue(),
                node.get(SCHEMA_VERSION).textValue(),
                node.path(names.errorCode()).textValue(),
                node.has(PUBLISHED_QUALITY)
                        ? Quality.valueOf(node.get(PUBLISHED_QUALITY).textValue())
                        : null,
                node.get(MESSAGE_HISTORY) instanceof ArrayNode history ? history : null);
    }

    /**
     * Returns a payload written anew with another history: its fields, also those that no schema
     * knows, their order and the digits of its numbers stay.
     *
     * @param payload a valid envelope; not changed
     * @throws IllegalArgumentException if the payload is no JSON object
     */
    static byte[] withHistory(byte[] payload, ArrayNode history) {
        Payload parsed = Payload.parse(payload);
        if (parsed.problem() != null) {
            throw new IllegalArgumentException(parsed.problem() + "; pass an envelope");
        }
        try {
            return Payload.MAPPER.writeValueAsBytes(parsed.node().set(MESSAGE_HISTORY, history));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the payload with its quality changed and every other byte as it was. The flag that
     * was published follows as {@code publishedQuality}, unless the payload has one already, which
     * is then older and stays.
     *
     * @param payload a valid envelope; not changed
     * @throws IllegalArgumentException if the payload is no JSON object with a quality
     */
    public static byte[] spliceQuality(byte[] payload, Quality to) {
        int start = -1;
        int end = -1;
        boolean published = false;
        try (JsonParser parser = Payload.FACTORY.createParser(payload)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw noQuality();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals(QUALITY) && value == JsonToken.VALUE_STRING) {
                    start = (int) parser.currentTokenLocation().getByteOffset();
                    parser.finishToken();
                    end = (int) parser.currentLocation().getByteOffset();
                } else {
                    published |= field.equals(PUBLISHED_QUALITY);
                    parser.skipChildren();
                }
            }
        } catch (StreamReadException e) {
            throw new IllegalArgumentException(
                    "payload is no JSON: " + Excerpt.of(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (start < 0) {
            throw noQuality();
        }
        byte[] flag = ('"' + to.name() + '"').getBytes(StandardCharsets.US_ASCII);
        int inserted = published ? 0 : INSERTED.length + end - start;
        byte[] spliced = new byte[payload.length - (end - start) + flag.length + inserted];
        System.arraycopy(payload, 0, spliced, 0, start);
        int at = start;
        System.arraycopy(flag, 0, spliced, at, flag.length);
        at += flag.length;
        if (!published) {
            System.arraycopy(INSERTED, 0, spliced, at, INSERTED.length);
            at += INSERTED.length;
            System.arraycopy(payload, start, spliced, at, end - start);
            at += end - start;
        }
        System.arraycopy(payload, end, spliced, at, payload.length - end);
        return spliced;
    }

    private static IllegalArgumentException noQuality() {
        return new IllegalArgumentException(
                "payload is no object with a top-level quality; validate it before it is changed");
    }
}
