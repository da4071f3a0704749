package io.unshub.ops.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.api.InferenceApi.PredictRequest;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureValuesTest {

    private static PredictRequest read(String instances) throws Exception {
        return new ObjectMapper()
                .readValue(
                        "{\"model\":\"a/b/c\",\"instances\":" + instances + "}",
                        PredictRequest.class);
    }

    @Test
    void takesNumbersNullAndTheTextThatStandsForNan() throws Exception {
        assertThat(read("[{\"a\":1,\"b\":-2.5e3},{\"a\":\"NaN\"},{},null]").instances())
                .isEqualTo(
                        Arrays.asList(
                                Map.of("a", 1.0, "b", -2500.0),
                                Map.of("a", Double.NaN),
                                Map.of(),
                                null));
        assertThat(read("[{\"a\":null}]").instances().get(0)).containsEntry("a", null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":\"85\"}   | a feature is no number but 85; give one without quotes, or null",
                "{\"a\":\"\"}     | a feature is no number but ; give one without quotes, or null",
                "{\"a\":true}     | a feature is no number but true; give one without quotes",
                "{\"a\":[1]}      | a feature is no number but [; give one without quotes, or null",
                "{\"a\":1,\"a\":2} | a feature is there twice; give it once"
            })
    void saysWhichFeatureIsNone(String instance, String message) {
        JsonMappingException refused =
                catchThrowableOfType(
                        JsonMappingException.class, () -> read("[{}," + instance + "]"));

        assertThat(refused.getOriginalMessage()).startsWith(message);
        assertThat(refused.getPath())
                .extracting(step -> step.getFieldName() + step.getIndex())
                .containsExactly("instances-1", "null1", "a-1");
    }

    @Test
    void saysWhichInstanceIsNoObject() {
        JsonMappingException refused =
                catchThrowableOfType(JsonMappingException.class, () -> read("[5]"));

        assertThat(refused.getOriginalMessage())
                .isEqualTo("an instance is no object; give its features");
    }
}
