package io.unshub.pattern;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.MessageIds;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Splitter: puts one reading for each element in the place of a reading whose value is structured
 * text: a JSON object or array, or a list with delimiters.
 *
 * <p>An element's topic is that of the reading with {@code -NAME} behind it. Its name is its key,
 * or its place, counted from 0, unless names are given; what is nested is taken apart too, as
 * {@code -OUTER-INNER}. In a name each character but ASCII letters, digits, {@code _} and {@code -}
 * becomes {@code -}. Time, flag and units are those of the reading; an element that is null or
 * empty is ERROR with {@code NO_VALUE}. Numbers keep all their digits.
 *
 * <p>A reading without a value has no elements. Any other that cannot be split is a failure of the
 * route: an {@link IllegalArgumentException} that says why.
 */
public final class Splitting implements Step {

    private static final String NO_VALUE = "NO_VALUE";
    private static final String OTHERWISE =
            "; narrow the route's topics, or pass such readings over with skip: true";
    private static final ObjectReader JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build()
                    .readerFor(JsonNode.class);

    private final ObjectReader rows;
    private final List<String> names;
    private final int most;

    /**
     * @param delimiter one character between the elements of a list; empty for JSON
     * @param names of the elements of a list or array, by their place; empty for their numbers
     * @param most elements of one reading, from 1
     * @throws IllegalArgumentException if the delimiter is longer
     */
    public Splitting(String delimiter, List<String> names, int most) {
        if (delimiter.length() > 1) {
            throw new IllegalArgumentException(
                    "delimiter is " + delimiter + "; give one character, or none for JSON");
        }
        this.rows =
                delimiter.isEmpty()
                        ? null
                        : CsvMapper.builder()
                                .enable(CsvParser.Feature.WRAP_AS_ARRAY)
                                .enable(CsvParser.Feature.TRIM_SPACES)
                                .build()
                                .readerFor(String[].class)
                                .with(
                                        CsvSchema.emptySchema()
                                                .withColumnSeparator(delimiter.charAt(0)));
        this.names = List.copyOf(names);
        this.most = most;
    }

    @Override
    public void apply(Batch batch, Hand hand) {
        List<Reading> elements = new ArrayList<>();
        for (Reading reading : batch) {
            elements(reading.envelope().value())
                    .forEach((name, value) -> elements.add(element(reading, name, value)));
        }
        batch.replace(elements);
    }

    private Map<String, JsonNode> elements(JsonNode value) {
        Map<String, JsonNode> elements = new LinkedHashMap<>();
        if (value.isNull()) {
            return elements;
        }
        if (!value.isTextual()) {
            throw unfit("is " + value + ", and only text can be split");
        }
        if (rows != null) {
            takeList(value.textValue(), elements);
        } else {
            takeJson(value.textValue(), elements);
        }
        return elements;
    }

    private void takeJson(String text, Map<String, JsonNode> elements) {
        JsonNode tree;
        try {
            tree = JSON.readTree(text);
        } catch (JacksonException | NumberFormatException e) {
            throw unfit("is no JSON, " + Excerpt.of(text) + " (" + why(e) + ")");
        }
        if (!tree.isContainerNode()) {
            throw unfit("is no JSON object or array, " + Excerpt.of(text));
        }
        if (tree.isArray() && !names.isEmpty()) {
            requireNamed(tree.size());
            for (int i = 0; i < names.size(); i++) {
                take(names.get(i), tree.get(i), elements);
            }
        } else {
            takeAll("", tree, elements);
        }
    }

    private void take(String name, JsonNode value, Map<String, JsonNode> elements) {
        if (value.isContainerNode()) {
            takeAll(name + "-", value, elements);
            return;
        }
        String clean = name.replaceAll("[^A-Za-z0-9_-]", "-");
        if (elements.put(clean, value) != null) {
            throw unfit("has two elements that are called " + Excerpt.of(clean));
        }
        if (elements.size() > most) {
            throw unfit("has more than " + most + " elements, the most that the step splits into");
        }
    }

    private void takeAll(String prefix, JsonNode container, Map<String, JsonNode> elements) {
        container
                .properties()
                .forEach(each -> take(prefix + each.getKey(), each.getValue(), elements));
        if (container.isArray()) {
            for (int i = 0; i < container.size(); i++) {
                take(prefix + i, container.get(i), elements);
            }
        }
    }

    private void takeList(String text, Map<String, JsonNode> elements) {
        List<String[]> all;
        try (MappingIterator<String[]> read = rows.readValues(text)) {
            all = read.readAll();
        } catch (IOException e) {
            throw unfit("is no list, " + Excerpt.of(text) + " (" + why(e) + ")");
        }
        if (all.size() != 1) {
            throw unfit("has " + all.size() + " lines, and a list has one, " + Excerpt.of(text));
        }
        String[] cells = all.get(0);
        if (!names.isEmpty()) {
            requireNamed(cells.length);
        }
        for (int i = 0; i < cells.length; i++) {
            take(
                    names.isEmpty() ? Integer.toString(i) : names.get(i),
                    cells[i].isEmpty() ? NullNode.instance : scalar(cells[i]),
                    elements);
        }
    }

    private void requireNamed(int count) {
        if (count != names.size()) {
            throw unfit("has " + count + " elements, and " + names.size() + " names are given");
        }
    }

    /** A number or boolean where JSON would have one, else text. */
    private static JsonNode scalar(String cell) {
        try {
            JsonNode value = JSON.readTree(cell);
            return value.isNumber() || value.isBoolean() ? value : TextNode.valueOf(cell);
        } catch (JsonProcessingException | NumberFormatException e) {
            return TextNode.valueOf(cell);
        }
    }

    private static Reading element(Reading reading, String name, JsonNode value) {
        Envelope of = reading.envelope();
        String topic = of.topic() + "-" + name;
        boolean none = value.isNull();
        return Reading.of(
                new Envelope(
                                MessageIds.of(
                                        "split",
                                        List.of(of.messageId().toString()),
                                        topic,
                                        of.tsUtc(),
                                        value),
                                of.tsUtc(),
                                topic,
                                value,
                                none ? Quality.ERROR : of.quality(),
                                of.units(),
                                of.sourceSystem(),
                                of.lineageVersion(),
                                Envelope.SCHEMA_VERSION,
                                none ? NO_VALUE : of.errorCode(),
                                null)
                        .withHistory(of.messageHistory()));
    }

    private static String why(Exception e) {
        return e instanceof JacksonException json
                ? Excerpt.of(json.getOriginalMessage())
                : Excerpt.of(String.valueOf(e.getMessage()));
    }

    private static IllegalArgumentException unfit(String how) {
        return new IllegalArgumentException("the value " + how + OTHERWISE);
    }
}
