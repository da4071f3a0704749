package io.unshub.uns;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Reads a YAML rules file into a record; strict, so that a misspelt key is never a silent one. */
public final class RulesFile {

    private static final ObjectMapper YAML =
            new ObjectMapper(
                            YAMLFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    private RulesFile() {}

    /**
     * Returns the file's content.
     *
     * @throws RulesException if the file is missing, unreadable, no YAML, or has keys that {@code
     *     type} does not know
     */
    public static <T> T read(Path file, Class<T> type) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            JsonNode content = YAML.readTree(bytes);
            if (content.isMissingNode() || content.isNull()) {
                throw new RulesException(file + " has no rules in it; restore the shipped file");
            }
            return YAML.readValue(bytes, type);
        } catch (NoSuchFileException e) {
            throw new RulesException(
                    "no rules file at " + file + "; name an existing file or restore it", e);
        } catch (UnrecognizedPropertyException e) {
            throw new RulesException(
                    file
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
                    file
                            + (e.getLocation() == null
                                    ? ""
                                    : " line " + e.getLocation().getLineNr())
                            + " cannot be read as rules: "
                            + Excerpt.of(firstLine(e.getOriginalMessage()))
                            + "; correct the file",
                    e);
        } catch (IOException e) {
            throw new RulesException(
                    file + " cannot be read: " + e + "; check the path and its permissions", e);
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
