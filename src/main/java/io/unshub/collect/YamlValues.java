package io.unshub.collect;

import io.quarkus.runtime.configuration.DurationConverter;
import io.unshub.collect.YamlFile.Section;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Typed values under the keys of a section. What does not fit is reported at its line, and comes
 * back empty.
 */
final class YamlValues {

    private static final int MOST_DIGITS = 301;
    private static final Duration LONGEST = Duration.ofDays(366);

    private YamlValues() {}

    /** Wants the name of a file inside it. */
    static void named(Section section, String base) {
        section.required("name")
                .filter(name -> !name.equals(base))
                .ifPresent(
                        name ->
                                section.problem(
                                        "name",
                                        "name "
                                                + name
                                                + " is not the file name "
                                                + base
                                                + "; make them equal"));
    }

    static void together(Section section, boolean one, String first, String second) {
        if (one != section.has(second)) {
            section.problem(
                    one ? first : second,
                    (one ? first : second)
                            + " needs "
                            + (one ? second : first)
                            + " beside it; add it");
        }
    }

    static Optional<String> word(Section section, String key, List<String> words) {
        Optional<String> text = section.optional(key);
        if (text.isPresent() && !words.contains(text.get())) {
            section.problem(
                    key, key + " is " + text.get() + "; write one of " + String.join(", ", words));
            return Optional.empty();
        }
        return text;
    }

    static String plain(Double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    static boolean bool(Section section, String key) {
        Optional<String> text = section.optional(key);
        if (text.isPresent() && !text.get().equals("true") && !text.get().equals("false")) {
            section.problem(key, key + " is " + text.get() + "; write true or false");
        }
        return text.map("true"::equals).orElse(false);
    }

    static Optional<Integer> integer(Section section, String key, int min, int max) {
        Optional<String> text = section.optional(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            int number = Integer.parseInt(text.get());
            if (number >= min && number <= max) {
                return Optional.of(number);
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        section.problem(
                key,
                key + " is " + text.get() + "; write a whole number from " + min + " to " + max);
        return Optional.empty();
    }

    static Optional<BigDecimal> decimal(Section section, String key) {
        return section.optional(key).flatMap(text -> decimal(section, key, text));
    }

    static Optional<BigDecimal> decimal(Section section, String key, String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            // reckoned with exactly, others would be written out digit by digit
            if (Math.abs((long) number.precision() - number.scale()) <= MOST_DIGITS) {
                return Optional.of(number);
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        section.problem(key, key + " is " + text + "; write a number, from 1e-300 to 1e300");
        return Optional.empty();
    }

    static Optional<Double> number(Section section, String key) {
        return number(section, key, key);
    }

    /**
     * @param called the key with what it belongs to
     */
    static Optional<Double> number(Section section, String key, String called) {
        Optional<String> text = section.optional(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            double number = Double.parseDouble(text.get());
            if (Double.isFinite(number)) {
                return Optional.of(number);
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        section.problem(key, called + " is " + text.get() + "; write a number");
        return Optional.empty();
    }

    static Optional<Duration> duration(Section section, String key, boolean zero) {
        Optional<String> text = section.optional(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<Duration> duration = parse(text.get());
        if (duration.isEmpty()) {
            section.problem(
                    key,
                    key
                            + " "
                            + text.get()
                            + " is no duration; write 250ms, 1s, 5m, 1h or ISO 8601 as in PT1S");
        } else if (duration.get().compareTo(LONGEST) > 0) {
            section.problem(
                    key, key + " " + text.get() + " is more than a year; write a shorter time");
            return Optional.empty();
        } else if (duration.get().isNegative() || (duration.get().isZero() && !zero)) {
            section.problem(
                    key,
                    key + " " + text.get() + " is not above zero; write a longer time, as in 1s");
            return Optional.empty();
        }
        return duration;
    }

    private static Optional<Duration> parse(String text) {
        if (text.chars().allMatch(Character::isDigit)) {
            // seconds to one reader, milliseconds to the next
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(DurationConverter.parseDuration(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
