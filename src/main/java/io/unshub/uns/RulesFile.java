package io.unshub.uns;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Reads a YAML rules file into a record; strict, so that a misspelt key is never a silent one. */
public final class RulesFile {

    private static final ObjectMapper YAML =
            YAMLMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    // a value that is passed on keeps its digits
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private RulesFile() {}

    /**
     * Returns the file's content.
     *
     * @throws RulesException if the file is missing, unreadable, no YAML, or has keys that {@code
     *     type} does not know
     */
    public static <T> T read(Path file, Class<T> type) {
        try {
            return parse(file.toString(), Files.readAllBytes(file), type);
        } catch (NoSuchFileException e) {
            throw new RulesException(
                    "no rules file at " + file + "; name an existing file or restore it", e);
        } catch (IOException e) {
            throw new RulesException(
                    file + " cannot be read: " + e + "; check the path and its permissions", e);
        }
    }

    /**
     * Returns the content of a text.
     *
     * @param source what to call it in messages
     * @throws RulesException if it is no YAML, or has keys that {@code type} does not know
     */
    public static <T> T parse(String source, byte[] text, Class<T> type) {
        try {
            JsonNode content = YAML.readTree(text);
            if (content.isMissingNode() || content.isNull()) {
                throw new RulesException(source + " has no rules in it; restore the shipped file");
            }
            return YAML.readValue(text, type);
        } catch (UnrecognizedPropertyException e) {
            throw new RulesException(
                    source
                            + " has the unknown key "
                            + Excerpt.of(e.getPropertyName())
                            + ", known are "
                            + e.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .sorted()
                                    .collect(Collectors.joining(", "))
                            + "; correct it",
                    e);
        } catch (JsonProcessingException e) {
            throw new RulesException(
                    source
                            + (e.getLocation() == null
                                    ? ""
                                    : " line " + e.getLocation().getLineNr())
                            + " cannot be read as rules: "
                            + Excerpt.of(firstLine(e.getOriginalMessage()))
                            + "; correct the file",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
