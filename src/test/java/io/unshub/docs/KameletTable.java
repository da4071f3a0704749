package io.unshub.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** What a Kamelet file says of itself, as the pages under {@code docs/eip} show it. */
final class KameletTable {

    private static final YAMLMapper YAML = new YAMLMapper();

    private KameletTable() {}

    static String of(String name) {
        JsonNode definition = definition(name);
        StringBuilder text = new StringBuilder(definition.path("description").asText());
        if (!definition.has("properties")) {
            return text.append("\n\nIt has no parameters.").toString();
        }
        Set<String> required = new HashSet<>();
        definition.path("required").forEach(key -> required.add(key.asText()));
        text.append("\n\n| parameter | type | default | meaning |\n| --- | --- | --- | --- |");
        definition
                .path("properties")
                .properties()
                .forEach(entry -> text.append(row(entry.getKey(), entry.getValue(), required)));
        return text.toString();
    }

    private static String row(String key, JsonNode property, Set<String> required) {
        StringBuilder meaning = new StringBuilder(property.path("description").asText());
        if (property.has("enum")) {
            meaning.append(" One of");
            property.path("enum").forEach(word -> meaning.append(" `" + word.asText() + "`"));
            meaning.append('.');
        }
        return "\n| `%s` | %s | %s | %s |"
                .formatted(
                        key,
                        property.path("type").asText(),
                        required.contains(key)
                                ? "required"
                                : "`" + property.path("default").asText() + "`",
                        Tables.cell(meaning.toString()));
    }

    private static JsonNode definition(String name) {
        try {
            return YAML.readTree(Path.of("camel-k", name + ".kamelet.yaml").toFile())
                    .at("/spec/definition");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
