package io.unshub.collect;

import java.util.List;

/** The configuration cannot be used. Carries every problem, not just the first. */
public final class ConfigurationException extends Exception {

    private final transient List<String> problems;

    /**
     * @param problems one line each: file, line, subject, rule, actual value and next step
     */
    public ConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    /** Returns all problems in the order of files and lines. */
    public List<String> problems() {
        return problems;
    }
}
