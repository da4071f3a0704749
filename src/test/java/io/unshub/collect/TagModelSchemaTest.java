package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ConfigSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an editor underlines by the schema is what the hub refuses. */
class TagModelSchemaTest {

    private static final Path GOOD =
            Path.of("src/test/resources/fixtures/collect/models/models/pump.yaml");

    @TempDir Path config;

    private final ConfigSchema schema = new ConfigSchema("tag-model.schema.json");

    @Test
    void takesWhatTheHubTakes() throws Exception {
        String model = Files.readString(GOOD);

        assertThat(schema.problems(model)).isEmpty();
        assertThat(refused(model)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: pump | nam: pump",
                "units: Cel | unit: Cel",
                "interval: 1s | interval: 5",
                "scale: 0.1 | scale: tenth",
                "min: -20 | min: low",
                "deadband: 2% | deadband: some",
                "staleAfter: 30s | staleAfter: soon",
                "type: number | type: real",
                "scale: 0.1 | sourceDeadband: -1",
                "maxInterval: 5m | most: 5m"
            })
    void refusesWhatTheHubRefuses(String right, String wrong) throws Exception {
        String model = Files.readString(GOOD);
        String broken = model.replace(right.strip(), wrong.strip());

        assertThat(broken).isNotEqualTo(model);
        assertThat(schema.problems(broken)).isNotEmpty();
        assertThat(refused(broken)).isTrue();
    }

    private boolean refused(String model) throws IOException {
        Path models = Files.createDirectories(config.resolve("models"));
        Files.writeString(models.resolve("pump.yaml"), model);
        try {
            Bindings.load(config, key -> null, topic -> Optional.empty());
            return false;
        } catch (ConfigurationException e) {
            return true;
        }
    }
}
