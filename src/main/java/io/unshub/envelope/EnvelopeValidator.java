package io.unshub.envelope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.quality.Quality;
import io.unshub.uns.Excerpt;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.TopicViolation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Tells whether a payload is an envelope that its topic may carry.
 *
 * <p>In: any topic and any bytes. Out: a {@link Verdict}; the first rule that is broken gives the
 * reason, in the order size, topic, JSON, version, missing fields, quality flag, schema, source
 * time, topic equality. Never throws: a fault of its own becomes {@code INTERNAL_ERROR}. Threads:
 * any number. Keeps nothing of a payload.
 */
public final class EnvelopeValidator {

    /** Where the schema stands on the class path. */
    static final String SCHEMA = "/schemas/envelope/v1/envelope.schema.json";

    private static final Logger LOG = Logger.getLogger(EnvelopeValidator.class);
    private static final String SEE = ", see docs/uns/envelope.md";
    private static final String PAYLOAD = "payload";
    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Pattern VERSION = Pattern.compile("1\\.[0-9]+");
    private static final Set<String> FLAGS =
            Arrays.stream(Quality.values())
                    .map(Quality::name)
                    .collect(Collectors.toUnmodifiableSet());
    private static final String FLAG_LIST =
            Arrays.stream(Quality.values()).map(Quality::name).collect(Collectors.joining(", "));
    private static final Set<String> KNOWN = known();

    private final HierarchyRules rules;
    private final Limits limits;
    private final InstantSource clock;
    private final JsonSchema schema;

    public EnvelopeValidator(HierarchyRules rules, Limits limits, InstantSource clock) {
        this.rules = Objects.requireNonNull(rules, "rules");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.schema = schema();
    }

    /**
     * Returns the verdict on one publication.
     *
     * @param topic the topic that it was published on
     * @param payload its bytes; not changed
     */
    public Verdict check(String topic, byte[] payload) {
        try {
            return examine(topic, payload == null ? new byte[0] : payload);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("validator failed on a reading, which is dead-lettered", e);
            return invalid(
                    Reason.INTERNAL_ERROR,
                    PAYLOAD,
                    "validator failed: "
                            + Excerpt.of(e.toString())
                            + "; report it with the payload");
        }
    }

    private Verdict examine(String topic, byte[] payload) {
        if (payload.length > limits.maxBytes()) {
            return invalid(
                    Reason.SIZE_EXCEEDED,
                    PAYLOAD,
                    "payload has "
                            + payload.length
                            + " bytes, at most "
                            + limits.maxBytes()
                            + " are allowed; split the reading or raise the limit"
                            + SEE);
        }
        if (rules.topic(topic).isEmpty()) {
            return badTopic(topic);
        }
        Payload parsed = Payload.parse(payload);
        if (parsed.problem() != null) {
            return invalid(
                    Reason.PARSE_ERROR,
                    PAYLOAD,
                    parsed.problem() + "; publish one UTF-8 JSON object" + SEE);
        }
        return examine(topic, parsed.node());
    }

    private Verdict examine(String topic, ObjectNode node) {
        Rejection rejection = version(node);
        if (rejection == null) {
            rejection = missing(node);
        }
        if (rejection == null) {
            rejection = flag(node);
        }
        if (rejection == null) {
            rejection = schemaErrors(node);
        }
        if (rejection != null) {
            return new Verdict.Invalid(rejection);
        }
        SourceTime time = SourceTime.parse(node.get(EnvelopeCodec.TS_UTC).textValue());
        String mistimed = time.problem() != null ? time.problem() : outOfRange(time.instant());
        if (mistimed != null) {
            return invalid(Reason.TIMESTAMP_INVALID, EnvelopeCodec.TS_UTC, mistimed + SEE);
        }
        String stated = node.get(EnvelopeCodec.TOPIC).textValue();
        if (!stated.equals(topic)) {
            return invalid(
                    Reason.TOPIC_MISMATCH,
                    EnvelopeCodec.TOPIC,
                    "payload says topic "
                            + Excerpt.of(stated)
                            + " but was published on "
                            + Excerpt.of(topic)
                            + "; publish on the topic that the payload names"
                            + SEE);
        }
        return new Verdict.Valid(EnvelopeCodec.envelope(node, time.instant()), unknown(node));
    }

    private Verdict badTopic(String topic) {
        List<TopicViolation> violations = rules.violations(topic);
        String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more)";
        return invalid(
                Reason.TOPIC_INVALID, EnvelopeCodec.TOPIC, violations.get(0).message() + more);
    }

    private static Rejection version(ObjectNode node) {
        JsonNode version = node.get(EnvelopeCodec.SCHEMA_VERSION);
        if (version == null
                || !version.isTextual()
                || VERSION.matcher(version.textValue()).matches()) {
            return null;
        }
        return new Rejection(
                Reason.SCHEMA_UNSUPPORTED,
                EnvelopeCodec.SCHEMA_VERSION,
                "schemaVersion is "
                        + Excerpt.of(version.toString())
                        + ", this hub reads 1.x; publish "
                        + Envelope.SCHEMA_VERSION
                        + " or upgrade the hub"
                        + SEE);
    }

    private static Rejection missing(ObjectNode node) {
        List<String> missing = null;
        for (String field : EnvelopeCodec.REQUIRED) {
            if (!node.has(field)) {
                missing = missing == null ? new ArrayList<>() : missing;
                missing.add(field);
            }
        }
        return missing == null
                ? null
                : new Rejection(
                        Reason.FIELD_MISSING,
                        String.join(",", missing),
                        "payload lacks "
                                + String.join(", ", missing)
                                + ", an envelope needs "
                                + String.join(", ", EnvelopeCodec.REQUIRED)
                                + "; add what is missing"
                                + SEE);
    }

    private static Rejection flag(ObjectNode node) {
        JsonNode quality = node.get(EnvelopeCodec.QUALITY);
        if (quality.isTextual() && FLAGS.contains(quality.textValue())) {
            return null;
        }
        return new Rejection(
                Reason.UNKNOWN_FLAG,
                EnvelopeCodec.QUALITY,
                "quality is "
                        + Excerpt.of(quality.toString())
                        + ", known flags are "
                        + FLAG_LIST
                        + "; map the source's flag to one of them, see docs/quality/quality-flags.md");
    }

    private Rejection schemaErrors(ObjectNode node) {
        Set<ValidationMessage> errors = schema.validate(node);
        if (errors.isEmpty()) {
            return null;
        }
        ValidationMessage first = errors.iterator().next();
        String path = first.getInstanceLocation().toString();
        String field = path.startsWith("/") ? path.substring(1) : PAYLOAD;
        String more = errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)";
        return new Rejection(
                Reason.SCHEMA_INVALID,
                field,
                field
                        + " is "
                        + Excerpt.of(String.valueOf(first.getInstanceNode()))
                        + ", which breaks the schema: "
                        + Excerpt.of(first.getError())
                        + more
                        + "; correct the publisher"
                        + SEE);
    }

    private String outOfRange(Instant tsUtc) {
        if (tsUtc.isBefore(EARLIEST)) {
            return "tsUtc " + tsUtc + " is before " + EARLIEST + "; set the source's clock";
        }
        Instant now = clock.instant();
        if (tsUtc.isAfter(now.plus(limits.maxFuture()))) {
            return "tsUtc "
                    + tsUtc
                    + " is ahead of the hub's clock "
                    + now
                    + " by more than "
                    + limits.maxFuture()
                    + "; synchronise the source's clock";
        }
        if (tsUtc.isBefore(now.minus(limits.maxPast()))) {
            return "tsUtc "
                    + tsUtc
                    + " is behind the hub's clock "
                    + now
                    + " by more than "
                    + limits.maxPast()
                    + "; set the source's clock or raise the limit";
        }
        return null;
    }

    private static List<String> unknown(ObjectNode node) {
        List<String> unknown = List.of();
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!KNOWN.contains(name)) {
                unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
                unknown.add(name);
            }
        }
        return unknown;
    }

    private static Set<String> known() {
        Set<String> known = new HashSet<>(EnvelopeCodec.REQUIRED);
        known.add(EnvelopeCodec.ERROR_CODE);
        known.add(EnvelopeCodec.PUBLISHED_QUALITY);
        return known;
    }

    private static Verdict invalid(Reason reason, String field, String detail) {
        return new Verdict.Invalid(new Rejection(reason, field, detail));
    }

    private static JsonSchema schema() {
        // messages are stored with dead letters and must not follow the machine's language
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().locale(Locale.ENGLISH).build();
        try (InputStream in = EnvelopeValidator.class.getResourceAsStream(SCHEMA)) {
            JsonSchema schema =
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(in, config);
            schema.initializeValidators();
            return schema;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
