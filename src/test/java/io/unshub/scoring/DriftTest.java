package io.unshub.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftTest {

    @TempDir Path folder;

    private CircuitConfig config;
    private ModelBench bench;

    @BeforeEach
    void train() throws Exception {
        config = Circuits.configure(folder, Circuits.YAML);
        Registry registry = new Registry(folder, Clock.systemUTC(), (what, about) -> {});
        bench = new ModelBench(registry, Clock.systemUTC());
        bench.train(
                config, Circuits.record(folder, 200, 1), new Training.Options(1, 0), "ann", null);
    }

    private Drift of(String name, Path data, Map<String, Double> shifts) throws Exception {
        List<Drift> all = bench.drift(config, 1, data, shifts);
        assertThat(all)
                .extracting(Drift::of)
                .containsExactly("temperature", "torque", "temperature_mean_10m", Drift.SCORE);
        return all.stream().filter(drift -> drift.of().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void findsNoneInMoreOfTheSame() throws Exception {
        Drift drift = of("torque", Circuits.record(folder, 200, 2), Map.of());

        assertThat(drift.detected()).isFalse();
        assertThat(drift.psi()).isLessThan(0.05);
        assertThat(drift.ks()).isLessThan(0.1);
        assertThat(drift.varianceRatio()).isCloseTo(1, within(0.1));
    }

    @Test
    void measuresAShiftInEachWay() throws Exception {
        Path data = Circuits.record(folder, 200, 2);
        // even from 10 to 50: a standard deviation of 11.5
        Drift drift = of("torque", data, Map.of("torque", 11.5));

        assertThat(drift.detected()).isTrue();
        assertThat(drift.psi()).isGreaterThan(Drift.LIMIT);
        assertThat(drift.ks()).isCloseTo(0.29, within(0.05));
        assertThat(drift.wasserstein()).isCloseTo(1, within(0.05));
        assertThat(drift.meanShift()).isCloseTo(1, within(0.05));
        assertThat(of("temperature", data, Map.of("torque", 11.5)).detected()).isFalse();
        assertThat(of(Drift.SCORE, data, Map.of("torque", 40.0)).meanShift()).isPositive();
    }

    @Test
    void seesWhatIsNoLongerThere() throws Exception {
        CircuitConfig withMean =
                Circuits.configure(
                        folder,
                        Circuits.YAML.replace("trigger: torque", "missing: mean\ntrigger: torque"));
        Path data = Circuits.record(folder, 200, 2);

        List<Drift> all = bench.drift(withMean, 1, data, Map.of("torque", Double.NaN));

        assertThat(all.get(1).missingChange()).isEqualTo(1);
        assertThat(all.get(1).detected()).isTrue();
    }

    @Test
    void seesWhatIsMissingWhereNothingIsScoredWithoutIt() throws Exception {
        Path data = Circuits.record(folder, 200, 2);
        List<String> lines = new ArrayList<>(Files.readAllLines(data));
        for (int i = 1; i < lines.size(); i++) {
            // the first of each unit, which has yet to come, and ten of the others
            if ((i - 1) % 20 == 0 || (i - 1) % 20 >= 10) {
                lines.set(i, lines.get(i).replaceAll(",[^,]*,([01])$", ",,$1"));
            }
        }
        Files.write(data, lines);

        Drift gone = of("torque", data, Map.of());
        assertThat(gone.missingChange()).isCloseTo(10.0 / 19, within(1e-9));
        assertThat(gone.detected()).isTrue();
        assertThat(of("temperature", data, Map.of()).missingChange()).isZero();

        bench.train(config, data, new Training.Options(1, 0), "ann", null);
        assertThat(bench.drift(config, 2, data, Map.of()).get(1).missingChange())
                .isCloseTo(0, within(1e-9));
    }

    @Test
    void saysNothingOfLittleAndKnowsItsInputs() throws Exception {
        assertThatThrownBy(() -> bench.drift(config, 1, Circuits.record(folder, 5, 3), Map.of()))
                .hasMessageContaining("gives 100 examples, with fewer than 200");
        assertThatThrownBy(
                        () ->
                                bench.drift(
                                        config,
                                        1,
                                        Circuits.record(folder, 20, 3),
                                        Map.of("speed", 1.0)))
                .hasMessageContaining("has no input speed, it has [temperature, torque]");
    }

    @Test
    void tellsTwoValuesApartThatNeverVary() {
        Drift drift = between(new double[] {5, 5, 5, 5}, new double[] {6, 6, 6, 6});

        assertThat(drift.ks()).isEqualTo(1);
        assertThat(drift.detected()).isTrue();
        assertThat(between(new double[] {5, 5, 5, 5}, new double[] {5, 5, 5, 5}).ks()).isZero();
    }

    @Test
    void isNotBlindForAShiftWhereTheTrainingDataHadOutliers() {
        // a deviation of 1, and one value in ten thousand far out
        double[] then = values(10_000);
        then[0] = 40;

        assertThat(between(then, values(1_000)).detected()).isFalse();
        double[] moved = Arrays.stream(values(1_000)).map(value -> value + 1).toArray();
        assertThat(between(then, moved).meanShift()).isCloseTo(1, within(0.15));
    }

    @Test
    void readsTheQuantilesOfOlderCards() throws Exception {
        double[] quantiles = IntStream.rangeClosed(0, 200).asDoubleStream().toArray();
        String old =
                "{\"quantiles\":[%1$s],\"missing\":[0.0],\"scores\":%1$s}"
                        .formatted(Arrays.toString(quantiles));
        ObjectMapper json = new ObjectMapper();

        ModelCard.Baseline read = json.readValue(old, ModelCard.Baseline.class);
        ModelCard.Baseline again =
                json.readValue(json.writeValueAsBytes(read), ModelCard.Baseline.class);

        for (ModelCard.Baseline baseline : List.of(read, again)) {
            assertThat(baseline.features().get(0).digest().quantile(0.5))
                    .isCloseTo(100, within(1.0));
            assertThat(baseline.scores().digest().size()).isEqualTo(201);
        }
    }

    private static double[] values(int count) {
        return new Random(1).doubles(count, -Math.sqrt(3), Math.sqrt(3)).toArray();
    }

    private static Drift between(double[] then, double[] now) {
        Distribution before = Distribution.of(Arrays.stream(then));
        return Drift.of(
                        new ModelCard.Baseline(List.of(), new double[0], before),
                        List.of(),
                        List.of(),
                        now)
                .get(0);
    }
}
