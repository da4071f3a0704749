package io.unshub.deadletter;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.unshub.deadletter.Members.Member;
import io.unshub.uns.Excerpt;
import io.unshub.uns.RulesException;
import io.unshub.uns.RulesFile;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A small declarative mapping that makes a refused payload right: rename, set, scale, retopic, in
 * the order of the file. See {@code docs/deadletter/workbench.md}.
 *
 * <p>Only the bytes that a step names change. The same letter always becomes the same bytes.
 * Immutable; threads: any.
 */
public final class Fix {

    /** Leaves everything as it is. */
    public static final Fix NONE = new Fix(List.of());

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final UUID NAMESPACE = UuidCreator.getNameBasedSha1("unshub:dead-letter");
    private static final String TOPIC = "topic";

    private final List<Step> steps;

    private record FixFile(List<Step> steps) {}

    private record Step(Rename rename, Set set, Scale scale, Retopic retopic) {}

    private record Rename(String from, String to) {}

    private record Set(String field, JsonNode value, Source from) {}

    private record Scale(String field, BigDecimal factor, BigDecimal offset) {}

    private record Retopic(String from, String to) {}

    private enum Source {
        /** A name-based UUID of topic and bytes, so that a second try gives the same one. */
        @JsonProperty("messageId")
        MESSAGE_ID,
        @JsonProperty("acceptedUtc")
        ACCEPTED_UTC,
        @JsonProperty("topic")
        TOPIC
    }

    /**
     * What a letter becomes.
     *
     * @param topic the topic that it is published on
     * @param payload its bytes
     * @param problem why the fix cannot be applied; null when it was
     */
    public record Result(String topic, byte[] payload, String problem) {}

    private Fix(List<Step> steps) {
        this.steps = steps;
    }

    /**
     * Reads a mapping.
     *
     * @param source what to call it in messages
     * @param yaml its text
     * @throws RulesException if it is none, naming the step
     */
    public static Fix parse(String source, byte[] yaml) {
        FixFile file = RulesFile.parse(source, yaml, FixFile.class);
        if (file.steps() == null || file.steps().isEmpty()) {
            throw new RulesException(
                    source + " has no steps; list at least one of rename, set, scale, retopic");
        }
        for (int i = 0; i < file.steps().size(); i++) {
            String problem = problem(file.steps().get(i));
            if (problem != null) {
                throw new RulesException(source + " step " + (i + 1) + ": " + problem);
            }
        }
        return new Fix(List.copyOf(file.steps()));
    }

    private static String problem(Step step) {
        List<Object> named = new ArrayList<>();
        for (Object part : new Object[] {step.rename, step.set, step.scale, step.retopic}) {
            if (part != null) {
                named.add(part);
            }
        }
        if (named.size() != 1) {
            return named.size() + " actions; give each step one of rename, set, scale, retopic";
        }
        if (step.rename != null && (blank(step.rename.from) || blank(step.rename.to))) {
            return "rename needs from and to; name both fields";
        }
        if (step.set != null) {
            if (blank(step.set.field)) {
                return "set needs a field; name it";
            }
            if ((step.set.value == null) == (step.set.from == null)) {
                return "set of "
                        + Excerpt.of(step.set.field)
                        + " needs either value or from; give one of them";
            }
        }
        if (step.scale != null && (blank(step.scale.field) || step.scale.factor == null)) {
            return "scale needs field and factor; give both, offset is optional";
        }
        if (step.retopic != null && (blank(step.retopic.from) || blank(step.retopic.to))) {
            return "retopic needs from and to; give the first levels of the topic, old and new";
        }
        return null;
    }

    private static boolean blank(String text) {
        return text == null || text.isBlank();
    }

    /**
     * Applies all steps.
     *
     * @param topic the topic that the letter was published on
     * @param acceptedUtc when the hub took it in
     * @param payload its bytes; not changed
     */
    public Result apply(String topic, Instant acceptedUtc, byte[] payload) {
        String toTopic = topic;
        byte[] bytes = payload;
        try {
            for (Step step : steps) {
                if (step.rename != null) {
                    bytes = rename(step.rename, bytes);
                } else if (step.set != null) {
                    JsonNode value = value(step.set, topic, acceptedUtc, payload, toTopic);
                    bytes = set(step.set.field, value, bytes);
                } else if (step.scale != null) {
                    bytes = scale(step.scale, bytes);
                } else {
                    String moved = retopic(step.retopic, toTopic);
                    if (moved != null) {
                        toTopic = moved;
                        bytes = set(TOPIC, TextNode.valueOf(moved), bytes);
                    }
                }
            }
            return new Result(toTopic, bytes, null);
        } catch (IllegalArgumentException e) {
            return new Result(topic, payload, e.getMessage());
        }
    }

    private static byte[] rename(Rename rename, byte[] bytes) {
        Members object = Members.of(bytes);
        Member from = object.members().get(rename.from);
        if (from == null) {
            return bytes;
        }
        if (object.members().containsKey(rename.to)) {
            throw new IllegalArgumentException(
                    "payload has "
                            + Excerpt.of(rename.from)
                            + " and "
                            + Excerpt.of(rename.to)
                            + "; one cannot be renamed to the other");
        }
        return object.replace(from.nameStart(), from.nameEnd(), json(TextNode.valueOf(rename.to)));
    }

    private static JsonNode value(
            Set set, String topic, Instant acceptedUtc, byte[] payload, String toTopic) {
        if (set.from == null) {
            return set.value;
        }
        return TextNode.valueOf(
                switch (set.from) {
                    case MESSAGE_ID -> messageId(topic, payload).toString();
                    case ACCEPTED_UTC -> acceptedUtc.toString();
                    case TOPIC -> toTopic;
                });
    }

    private static UUID messageId(String topic, byte[] payload) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[name.length + 1 + payload.length];
        System.arraycopy(name, 0, all, 0, name.length);
        System.arraycopy(payload, 0, all, name.length + 1, payload.length);
        return UuidCreator.getNameBasedSha1(NAMESPACE, all);
    }

    private static byte[] set(String field, JsonNode value, byte[] bytes) {
        Members object = Members.of(bytes);
        Member member = object.members().get(field);
        if (member != null) {
            return object.replace(member.valueStart(), member.valueEnd(), json(value));
        }
        String comma = object.members().isEmpty() ? "" : ",";
        String added =
                comma
                        + new String(json(TextNode.valueOf(field)), StandardCharsets.UTF_8)
                        + ":"
                        + new String(json(value), StandardCharsets.UTF_8);
        return object.replace(object.end(), object.end(), added.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] scale(Scale scale, byte[] bytes) {
        Members object = Members.of(bytes);
        Member member = object.members().get(scale.field);
        if (member == null) {
            return bytes;
        }
        String token =
                new String(
                        bytes,
                        member.valueStart(),
                        member.valueEnd() - member.valueStart(),
                        StandardCharsets.UTF_8);
        if (!member.type().isNumeric() || token.length() > 100) {
            throw new IllegalArgumentException(
                    Excerpt.of(scale.field)
                            + " is "
                            + Excerpt.of(token)
                            + ", only a number of at most 100 digits can be scaled");
        }
        BigDecimal value = new BigDecimal(token);
        if (Math.abs((long) value.scale()) > 400) {
            throw new IllegalArgumentException(
                    Excerpt.of(scale.field) + " is " + token + ", which is too large to scale");
        }
        BigDecimal scaled = value.multiply(scale.factor);
        if (scale.offset != null) {
            scaled = scaled.add(scale.offset);
        }
        return object.replace(
                member.valueStart(),
                member.valueEnd(),
                scaled.toPlainString().getBytes(StandardCharsets.US_ASCII));
    }

    private static String retopic(Retopic retopic, String topic) {
        if (topic.equals(retopic.from)) {
            return retopic.to;
        }
        return topic.startsWith(retopic.from + "/")
                ? retopic.to + topic.substring(retopic.from.length())
                : null;
    }

    private static byte[] json(JsonNode value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "value " + Excerpt.of(value.toString()) + " cannot be written as JSON", e);
        }
    }
}
