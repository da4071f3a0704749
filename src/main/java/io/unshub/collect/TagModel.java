package io.unshub.collect;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kind of equipment has, as in {@code config/models/NAME.yaml}: its attributes, each with a
 * pattern of its address.
 *
 * <p>A pattern names parameters in braces, which each instance gives: {@code s={unit}/temperature}.
 * A whole number may be added: {@code holding-register:{base+4}:REAL}.
 *
 * @param name equals the file name
 * @param version becomes the lineageVersion of its readings
 * @param sourceSystem what its readings name as their source; null for their connection
 * @param attributes in the order of the file
 */
record TagModel(String name, String version, String sourceSystem, List<Attribute> attributes) {

    private static final Pattern PARAMETER =
            Pattern.compile("\\{([A-Za-z][A-Za-z0-9_]*)(?:([+-])(\\d{1,9}))?}");

    /**
     * One value of the equipment.
     *
     * @param name last level of its topics
     * @param address pattern
     * @param traits of its tags
     */
    record Attribute(String name, String address, TagTraits traits) {}

    /** The parameters that its patterns name. */
    Set<String> parameters() {
        Set<String> names = new TreeSet<>();
        for (Attribute attribute : attributes) {
            PARAMETER.matcher(attribute.address()).results().forEach(m -> names.add(m.group(1)));
        }
        return names;
    }

    /**
     * Puts an instance's parameters into a pattern.
     *
     * @throws IllegalArgumentException if a number is added to what is none; it says what to write
     */
    static String address(String pattern, Map<String, String> parameters) {
        return PARAMETER
                .matcher(pattern)
                .replaceAll(match -> Matcher.quoteReplacement(value(match, parameters)));
    }

    private static String value(MatchResult match, Map<String, String> parameters) {
        String value = parameters.getOrDefault(match.group(1), "");
        if (match.group(3) == null) {
            return value;
        }
        try {
            long more = Long.parseLong(match.group(3));
            return Long.toString(
                    Math.addExact(
                            Long.parseLong(value), match.group(2).equals("-") ? -more : more));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    match.group(1)
                            + " is "
                            + value
                            + ", and the model adds a number to it; write a whole number");
        }
    }
}
