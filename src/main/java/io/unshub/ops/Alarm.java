package io.unshub.ops;

import java.time.Instant;

/**
 * Something that needs a person.
 *
 * @param name of the condition, {@code dead-letter-rate}; one alarm per name
 * @param severity how soon
 * @param since when it began
 * @param text what is wrong, with the value, and what is safe to do
 */
public record Alarm(String name, Severity severity, Instant since, String text) {

    /** How soon somebody must look. */
    public enum Severity {
        /** In working hours. */
        WARNING,
        /** Now. */
        ERROR
    }
}
