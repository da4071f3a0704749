package io.unshub.route;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Kamelets that the hub brings, with what they take. */
public final class KameletCatalog {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonSchemaFactory SCHEMAS =
            JsonSchemaFactory.getInstance(
                    SpecVersion.VersionFlag.V202012,
                    factory ->
                            factory.metaSchema(
                                    JsonMetaSchema.builder(JsonMetaSchema.getV202012())
                                            .keyword(new NonValidationKeyword("example"))
                                            .build()));

    private static final String FOLDER = "kamelets";
    private static final String ENDING = ".kamelet.yaml";

    private final Map<String, Optional<Kamelet>> known = new HashMap<>();

    /**
     * A Kamelet.
     *
     * @param name of its file
     * @param definition what it is and takes
     */
    public record Kamelet(String name, JsonNode definition) {

        /** One thing that it takes. */
        public record Parameter(String name, JsonNode definition, boolean required) {}

        /** What it is, in a word. */
        public String title() {
            return definition.path("title").asText();
        }

        /** What it does; begins with the patterns that it is. */
        public String description() {
            return definition.path("description").asText();
        }

        /** What it takes, in the order of its file. */
        public List<Parameter> parameters() {
            List<Parameter> all = new ArrayList<>();
            definition
                    .path("properties")
                    .properties()
                    .forEach(
                            each ->
                                    all.add(
                                            new Parameter(
                                                    each.getKey(),
                                                    each.getValue(),
                                                    required(each.getKey()))));
            return all;
        }

        private boolean required(String parameter) {
            for (JsonNode each : definition.path("required")) {
                if (each.asText().equals(parameter)) {
                    return true;
                }
            }
            return false;
        }

        /** What is wrong with what it is given; nothing when all fits. */
        List<String> problems(Map<String, JsonNode> given) {
            ObjectNode schema = YAML.createObjectNode().put("type", "object");
            schema.set("properties", bounded(definition.path("properties").deepCopy()));
            if (definition.has("required")) {
                schema.set("required", definition.path("required"));
            }
            schema.put("additionalProperties", false);
            ObjectNode values = YAML.createObjectNode();
            given.forEach(
                    (key, value) -> {
                        // a property is only known when the hub runs
                        if (!value.asText().contains("{{")) {
                            values.set(key, typed(value, definition.at("/properties/" + key)));
                        } else {
                            ((ObjectNode) schema.path("properties"))
                                    .set(key, YAML.createObjectNode());
                            values.set(key, value);
                        }
                    });
            JsonSchema compiled =
                    SCHEMAS.getSchema(schema.deepCopy(), SchemaValidatorsConfig.builder().build());
            return compiled.validate(values).stream()
                    .map(problem -> problem.getMessage().replaceFirst("^\\$\\.?", "").trim())
                    .map(text -> text.replaceFirst("^: ", ""))
                    .toList();
        }

        /**
         * Camel K's bounds are texts, with a mark where they are not in it; the schema's are not.
         */
        private static JsonNode bounded(JsonNode properties) {
            for (JsonNode property : properties) {
                bound((ObjectNode) property, "minimum", "exclusiveMinimum");
                bound((ObjectNode) property, "maximum", "exclusiveMaximum");
            }
            return properties;
        }

        private static void bound(ObjectNode property, String inclusive, String exclusive) {
            if (property.has(inclusive)) {
                BigDecimal bound = new BigDecimal(property.remove(inclusive).asText());
                property.put(property.path(exclusive).asBoolean() ? exclusive : inclusive, bound);
            }
        }

        /** A value as what the parameter is: YAML has 5 for the text "5", a URI "5" for 5. */
        private static JsonNode typed(JsonNode value, JsonNode parameter) {
            String text = value.asText();
            return switch (parameter.path("type").asText()) {
                case "string" -> YAML.getNodeFactory().textNode(text);
                case "boolean" ->
                        text.matches("true|false")
                                ? YAML.getNodeFactory().booleanNode(Boolean.parseBoolean(text))
                                : value;
                case "integer", "number" ->
                        text.matches("-?[0-9]{1,18}(\\.[0-9]+)?")
                                ? YAML.getNodeFactory().numberNode(new BigDecimal(text))
                                : value;
                default -> value;
            };
        }
    }

    /** The names of all. */
    public List<String> names() {
        return ClassPathFolder.names(FOLDER, ENDING);
    }

    /** The Kamelet of that name, if there is one. */
    public Optional<Kamelet> find(String name) {
        return known.computeIfAbsent(name, KameletCatalog::read);
    }

    private static Optional<Kamelet> read(String name) {
        return ClassPathFolder.find(FOLDER + "/" + name + ENDING)
                .map(
                        text -> {
                            try {
                                return new Kamelet(
                                        name, YAML.readTree(text).at("/spec/definition"));
                            } catch (JsonProcessingException e) {
                                throw new IllegalStateException(name + " is no YAML", e);
                            }
                        });
    }
}
