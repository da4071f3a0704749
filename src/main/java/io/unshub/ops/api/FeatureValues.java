package io.unshub.ops.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the features of one instance as the contract has them: numbers, or null, each once. JSON
 * has no NaN, so the text is taken for it.
 */
final class FeatureValues extends JsonDeserializer<Map<String, Double>> {

    @Override
    public Map<String, Double> deserialize(JsonParser json, DeserializationContext context)
            throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw JsonMappingException.from(json, "an instance is no object; give its features");
        }
        Map<String, Double> values = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String feature = json.currentName();
            json.nextToken();
            String problem = problem(json, values.containsKey(feature));
            if (problem != null) {
                throw JsonMappingException.wrapWithPath(
                        JsonMappingException.from(json, problem), values, feature);
            }
            values.put(feature, value(json));
        }
        return values;
    }

    /** What is wrong with a value; null when nothing is. */
    private static String problem(JsonParser json, boolean again) throws IOException {
        if (again) {
            return "a feature is there twice; give it once";
        }
        JsonToken token = json.currentToken();
        if (token.isNumeric() || token == JsonToken.VALUE_NULL || isNan(json)) {
            return null;
        }
        return "a feature is no number but %s; give one without quotes, or null"
                .formatted(Excerpt.of(json.getText()));
    }

    private static boolean isNan(JsonParser json) throws IOException {
        return json.currentToken() == JsonToken.VALUE_STRING && json.getText().equals("NaN");
    }

    private static Double value(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        return json.currentToken().isNumeric() ? json.getDoubleValue() : Double.NaN;
    }
}
