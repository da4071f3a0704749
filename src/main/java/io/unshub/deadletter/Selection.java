package io.unshub.deadletter;

import io.unshub.uns.Excerpt;
import io.unshub.uns.TopicFilter;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Which dead letters are meant; what is null does not narrow the choice.
 *
 * @param id one letter
 * @param reason the class of refusal
 * @param field the field or part that broke the rule
 * @param topic the topics, as an MQTT topic filter
 */
public record Selection(String id, Reason reason, String field, TopicFilter topic) {

    /** Every dead letter. */
    public static final Selection ALL = new Selection(null, null, null, null);

    @Override
    public String toString() {
        return Stream.of(
                        part("id", id),
                        part("reason", reason),
                        part("field", field),
                        part("topic", topic))
                .filter(part -> !part.isEmpty())
                .reduce((a, b) -> a + ", " + b)
                .orElse("all");
    }

    private static String part(String name, Object value) {
        return value == null ? "" : name + " " + Excerpt.of(value.toString());
    }

    /** Whether the letter is meant. */
    public boolean matches(DeadLetter letter) {
        return (id == null || id.equals(letter.id()))
                && (reason == null || reason == letter.rejection().reason())
                && (field == null || Objects.equals(field, letter.rejection().field()))
                && (topic == null || topic.matches(letter.topic()));
    }
}
