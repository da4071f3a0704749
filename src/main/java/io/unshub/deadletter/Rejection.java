package io.unshub.deadletter;

import java.util.Objects;

/**
 * Why one reading was refused, in the words that an operator reads.
 *
 * @param reason the class of refusal
 * @param field the field or part that broke the rule: {@code quality}, {@code topic}, {@code
 *     payload}
 * @param detail one sentence with the rule, the actual value (shortened) and the next step
 */
public record Rejection(Reason reason, String field, String detail) {

    public Rejection {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(detail, "detail");
    }
}
