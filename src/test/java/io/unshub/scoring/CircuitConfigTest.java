package io.unshub.scoring;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.uns.RulesException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CircuitConfigTest {

    @TempDir Path folder;

    @Test
    void readsWhatIsConfiguredAndFillsInTheRest() {
        CircuitConfig config = Circuits.configure(folder, Circuits.YAML);

        assertThat(config.id()).isEqualTo(Circuits.MODEL);
        assertThat(config.scoreTag()).isEqualTo("_score-failure");
        assertThat(config.features().names())
                .containsExactly("temperature", "torque", "temperature_mean_10m");
        assertThat(config.features().maxAgeSeconds()).isEqualTo(300);
        assertThat(config.missing()).isEqualTo(CircuitConfig.Missing.ERROR);
        assertThat(config.units()).isEqualTo("1");
        assertThat(CircuitConfig.loadAll(folder)).containsExactly(config);
        assertThat(CircuitConfig.loadAll(folder.resolve("elsewhere"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    trigger: torque            | trigger: speed          | trigger is speed; name one of the inputs [temperature, torque]
                    plant_id: plant9           | plant_id: plant 9       | plant_id is plant 9; give letters, digits, - and _, 64 at most
                    version: 1.0.0             | version: 1              | version is 1; give it like 1.0.0
                    task: classification       | task: guessing          | task is guessing; give one of classification, regression, anomaly
                    algorithm: cart            | algorithm: deep         | algorithm is deep; give one of cart, forest, xgboost, one-class-svm
                    algorithm: cart            | algorithm: one-class-svm | has algorithm one-class-svm for task classification
                    target: failed             | cutoff_date: 2026-01-01 | has no target; name the column of the training data
                    positive: "1"              | cutoff_date: 2026-01-01 | has no positive; name the class whose probability is the score
                    {depth: 4}                 | {height: 4}             | hyperparameters has the unknown key height, cart has [depth, min_rows]; correct it
                    {depth: 4}                 | {depth: -1}             | hyperparameters.depth is -1.0; give a number, 0 or more
                    max_age: 5m                | max_age: soon           | max_age is soon; give it like 10m or 1h30m
                    as: mean, over: 10m        | as: mean                | feature of temperature: mean needs over; over: 10m goes with
                    as: mean, over: 10m        | as: lag                 | feature of temperature: lag needs steps; steps: 1 goes with lag
                    as: mean, over: 10m        | as: lag, steps: 0       | feature of temperature: steps is 0; give 1 to 10000
                    as: mean, over: 10m        | as: median, over: 10m   | feature of temperature: as is median; give one of last, lag, difference
                    of: torque}                | of: torque, as: ratio}  | feature of torque: ratio needs with; with: INPUT goes with difference, product and ratio
                    of: torque}                | of: torque, as: ratio, with: speed} | feature of torque: with is speed; name one of the inputs
                    of: torque}                | of: speed}              | has a feature of speed; name one of the inputs
                    of: torque}                | of: temperature}        | has the feature temperature twice
                    thresholds: {alarm: 0.5}   | thresholds: {alarm: 1, alarm_below: 0} | thresholds has alarm and alarm_below; give one
                    thresholds: {alarm: 0.5}   | limits: {alarm: 1}      | has the unknown key limits
                    cell1/+                    | cell1/#                 | equipment is acme/plant9/mixing/line1/cell1/#; give every level, with + for any
                    """)
    void saysWhatIsWrong(String from, String to, String message) {
        assertThat(Circuits.YAML).contains(from);

        assertThatThrownBy(() -> Circuits.configure(folder, Circuits.YAML.replace(from, to)))
                .isInstanceOf(RulesException.class)
                .hasMessageContaining("mixing.yml")
                .hasMessageContaining(message);
    }

    @Test
    void refusesTwoFilesForOneModel() throws Exception {
        Circuits.configure(folder, Circuits.YAML);
        Files.writeString(folder.resolve("ml/plant9/other.yml"), Circuits.YAML);

        assertThatThrownBy(() -> CircuitConfig.loadAll(folder))
                .hasMessageContaining("other.yml describes plant9/mixing/failure as")
                .hasMessageContaining("mixing.yml does; rename one");
    }

    @Test
    void isFoundByItsNameWhateverOtherFilesThereAre() throws Exception {
        Circuits.configure(folder, Circuits.YAML);
        Files.writeString(folder.resolve("ml/plant9/other.yml"), "no: model");
        assertThat(CircuitConfig.find(folder, Circuits.MODEL).id()).isEqualTo(Circuits.MODEL);
        assertThatThrownBy(() -> CircuitConfig.find(folder, "plant9/mixing/../mixing"))
                .isInstanceOf(RulesException.class)
                .hasMessageContaining("other.yml");

        Files.move(
                folder.resolve("ml/plant9/mixing.yml"),
                folder.resolve("ml/plant9/other.yml"),
                REPLACE_EXISTING);
        assertThat(CircuitConfig.find(folder, Circuits.MODEL).id()).isEqualTo(Circuits.MODEL);
        assertThatThrownBy(() -> CircuitConfig.find(folder, "plant9/mixing/none"))
                .hasMessageContaining(
                        "has no model plant9/mixing/none, it has [plant9/mixing/failure]");
    }
}
