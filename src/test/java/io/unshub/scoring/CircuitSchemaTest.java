package io.unshub.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.ConfigSchema;
import io.unshub.uns.RulesException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an editor underlines by the schema is what the hub refuses. */
class CircuitSchemaTest {

    @TempDir Path config;

    private final ConfigSchema schema = new ConfigSchema("circuit.schema.json");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plant9/mixing.yml",
                "reference/ai4i.yml",
                "reference/ai4i-engineered.yml",
                "reference/fd001.yml",
                "reference/nab.yml"
            })
    void takesWhatTheHubTakes(String example) throws Exception {
        String yaml = Files.readString(Path.of("docs/examples/ml").resolve(example));

        assertThat(schema.problems(yaml)).isEmpty();
        Circuits.configure(config, yaml);
    }

    @Test
    void takesARetrainedOne() {
        String yaml = Circuits.YAML + "on_drift: retrain\ntraining_data: recent.csv\n";

        assertThat(schema.problems(yaml)).isEmpty();
        assertThat(Circuits.configure(config, yaml).onDrift())
                .isEqualTo(CircuitConfig.OnDrift.RETRAIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model: failure            | modle: failure",
                "plant_id: plant9          | plant_id: plant/9",
                "version: 1.0.0            | version: one",
                "lateness: 5s              | lateness: five",
                "'{of: torque}'            | '{of: torque, as: median}'",
                "as: mean, over: 10m       | as: mean",
                "as: mean, over: 10m       | as: last, over: 10m",
                "'{of: torque}'            | '{of: torque, as: lag}'",
                "'{of: torque}'            | '{of: torque, steps: 3}'",
                "'{of: torque}'            | '{of: torque, as: product}'",
                "'{of: torque}'            | '{of: torque, with: temperature}'",
                "task: classification      | task: clustering",
                "target: failed            | target_cap: 3",
                "'positive: \"1\"'         | judge: rows",
                "task: classification      | task: anomaly",
                "algorithm: cart           | algorithm: one-class-svm",
                "depth: 4                  | depth: -4",
                "alarm: 0.5                | alert: 0.5",
                "alarm: 0.5                | alarm: 0.5, alarm_below: 0.1",
                "trigger: torque           | 'trigger: torque\non_drift: retrain'",
                "trigger: torque           | 'trigger: torque\non_drift: perhaps'"
            })
    void refusesWhatTheHubRefuses(String right, String wrong) {
        String broken = Circuits.YAML.replace(right, wrong);

        assertThat(broken).isNotEqualTo(Circuits.YAML);
        assertThat(schema.problems(broken)).isNotEmpty();
        assertThatThrownBy(() -> Circuits.configure(config, broken))
                .isInstanceOf(RulesException.class);
    }
}
