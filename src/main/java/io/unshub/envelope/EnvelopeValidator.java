package io.unshub.envelope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.ValidationMessage;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.quality.Quality;
import io.unshub.uns.Excerpt;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.TopicViolation;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
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

    private static final Logger LOG = Logger.getLogger(EnvelopeValidator.class);
    private static final String SEE = ", see docs/uns/envelope.md";
    private static final String PAYLOAD = "payload";
    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Set<String> FLAGS =
            Arrays.stream(Quality.values())
                    .map(Quality::name)
                    .collect(Collectors.toUnmodifiableSet());
    private static final String FLAG_LIST =
            Arrays.stream(Quality.values()).map(Quality::name).collect(Collectors.joining(", "));

    private final HierarchyRules rules;
    private final Limits limits;
    private final InstantSource clock;
    private final EnvelopeSchemas schemas;

    /**
     * @param rules the hierarchy that topics must follow
     * @param limits of size and time
     * @param schemas the versions that are read
     * @param clock the hub's
     */
    public EnvelopeValidator(
            HierarchyRules rules, Limits limits, EnvelopeSchemas schemas, InstantSource clock) {
        this.rules = Objects.requireNonNull(rules, "rules");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.schemas = Objects.requireNonNull(schemas, "schemas");
    }

    /**
     * Returns the verdict on one publication.
     *
     * @param topic the topic that it was published on
     * @param payload its bytes; not changed
     */
    public Verdict check(String topic, byte[] payload) {
        return guarded(() -> examine(topic, payload == null ? new byte[0] : payload));
    }

    private static Verdict guarded(Supplier<Verdict> examination) {
        try {
            return examination.get();
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

    /**
     * Returns the verdict on what this hub made itself, which keeps the schema: only the rules of
     * size, topic and time can be broken.
     *
     * @param made is {@linkplain EnvelopeCodec#isReadAsWritten read as it is written}
     * @param payload its bytes, of which only their number matters
     */
    public Verdict check(Envelope made, byte[] payload) {
        return guarded(
                () -> {
                    Verdict refused = outside(made.topic(), payload);
                    return refused == null ? inTime(made) : refused;
                });
    }

    private Verdict inTime(Envelope made) {
        String mistimed = outOfRange(made.tsUtc());
        return mistimed == null
                ? new Verdict.Valid(made, List.of())
                : mistimed(EnvelopeCodec.TS_UTC, mistimed);
    }

    /**
     * A payload that says itself where it belongs.
     *
     * @param topic the one that it names; null if it names none, or cannot be read
     * @param verdict on it, as if it had been published there
     */
    public record Addressed(String topic, Verdict verdict) {}

    /**
     * Returns the verdict on a payload that came without a topic beside it.
     *
     * @param payload any bytes; not changed
     */
    public Addressed check(byte[] payload) {
        Payload parsed = Payload.parse(payload);
        if (parsed.problem() != null) {
            return new Addressed(null, malformed(parsed));
        }
        EnvelopeSchemas.Version version = version(parsed.node());
        Names names = version == null ? Names.CANONICAL : version.names();
        String topic = parsed.node().path(names.topic()).textValue();
        return new Addressed(
                topic,
                topic == null
                        ? invalid(
                                Reason.FIELD_MISSING,
                                names.topic(),
                                "payload names no topic; add " + names.topic() + " as text" + SEE)
                        : check(topic, payload));
    }

    private static Verdict malformed(Payload parsed) {
        return invalid(
                Reason.PARSE_ERROR,
                PAYLOAD,
                parsed.problem() + "; publish one UTF-8 JSON object" + SEE);
    }

    private EnvelopeSchemas.Version version(ObjectNode node) {
        JsonNode states = node.get(EnvelopeCodec.SCHEMA_VERSION);
        return states == null || !states.isTextual()
                ? schemas.oldest()
                : schemas.of(states.textValue());
    }

    private Verdict examine(String topic, byte[] payload) {
        Verdict refused = outside(topic, payload);
        if (refused != null) {
            return refused;
        }
        Payload parsed = Payload.parse(payload);
        if (parsed.problem() != null) {
            return malformed(parsed);
        }
        return examine(topic, parsed.node());
    }

    /** What is wrong whatever the bytes say; null for nothing. */
    private Verdict outside(String topic, byte[] payload) {
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
        return rules.topic(topic).isEmpty() ? badTopic(topic) : null;
    }

    private Verdict examine(String topic, ObjectNode node) {
        EnvelopeSchemas.Version version = version(node);
        if (version == null) {
            return unsupported(node.get(EnvelopeCodec.SCHEMA_VERSION));
        }
        Names names = version.names();
        Rejection rejection = missing(node, version.required());
        if (rejection == null) {
            rejection = flag(node);
        }
        if (rejection == null) {
            rejection = schemaErrors(node, version.schema());
        }
        if (rejection != null) {
            return new Verdict.Invalid(rejection);
        }
        SourceTime time = SourceTime.parse(node.get(names.tsUtc()).textValue());
        String mistimed = time.problem() != null ? time.problem() : outOfRange(time.instant());
        if (mistimed != null) {
            return mistimed(names.tsUtc(), mistimed);
        }
        String stated = node.get(names.topic()).textValue();
        if (!stated.equals(topic)) {
            return invalid(
                    Reason.TOPIC_MISMATCH,
                    names.topic(),
                    "payload says topic "
                            + Excerpt.of(stated)
                            + " but was published on "
                            + Excerpt.of(topic)
                            + "; publish on the topic that the payload names"
                            + SEE);
        }
        return new Verdict.Valid(
                EnvelopeCodec.envelope(node, time.instant(), names),
                unknown(node, version.properties()));
    }

    private static Verdict mistimed(String field, String problem) {
        return invalid(Reason.TIMESTAMP_INVALID, field, problem + SEE);
    }

    private Verdict badTopic(String topic) {
        List<TopicViolation> violations = rules.violations(topic);
        String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more)";
        return invalid(
                Reason.TOPIC_INVALID, EnvelopeCodec.TOPIC, violations.get(0).message() + more);
    }

    private Verdict unsupported(JsonNode version) {
        return invalid(
                Reason.SCHEMA_UNSUPPORTED,
                EnvelopeCodec.SCHEMA_VERSION,
                "schemaVersion is "
                        + Excerpt.of(version.toString())
                        + ", this hub reads "
                        + schemas.known()
                        + "; publish one of them or add the version's schema, see"
                        + " docs/schema/evolution.md");
    }

    private static Rejection missing(ObjectNode node, List<String> required) {
        List<String> missing = null;
        for (String field : required) {
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
                                + String.join(", ", required)
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

    private static Rejection schemaErrors(ObjectNode node, JsonSchema schema) {
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

    private static List<String> unknown(ObjectNode node, Set<String> known) {
        List<String> unknown = List.of();
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
                unknown.add(name);
            }
        }
        return unknown;
    }

    private static Verdict invalid(Reason reason, String field, String detail) {
        return new Verdict.Invalid(new Rejection(reason, field, detail));
    }
}
