package io.unshub.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrainingTest {

    private static final String RETRAIN = "on_drift: retrain\ntraining_data: recent.csv\n";
    private static final Drift MOVED = new Drift("torque", 1, 0, 0, 0, 1, 0);
    private static final Drift SAME = new Drift("torque", 0, 0, 0, 0, 1, 0);

    @TempDir Path folder;

    private final List<String> trained = new CopyOnWriteArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Registry registry;
    private CircuitConfig config;
    private Retraining retraining;

    @BeforeEach
    void start() throws Exception {
        registry = new Registry(folder, () -> now, (what, about) -> {});
        config = Circuits.configure(folder, Circuits.YAML + RETRAIN);
        Circuits.produce(folder, config, Circuits.record(folder, 40, 1));
        retraining =
                new Retraining(
                        model -> {
                            trained.add(model);
                            return "trained";
                        },
                        registry,
                        () -> now);
    }

    @AfterEach
    void stop() {
        retraining.close();
    }

    private String look(CircuitConfig circuit, Drift drift) throws Exception {
        return retraining.looked(
                circuit,
                new Scoring.Status(Circuits.MODEL, 1, "", false, "", false, List.of(drift), null));
    }

    @Test
    void trainsAModelThatDriftsOnceADay() throws Exception {
        assertThat(look(config, SAME)).isNull();
        look(config, MOVED);
        look(config, MOVED);
        await().untilAsserted(() -> assertThat(trained).containsExactly(Circuits.MODEL));

        now = now.plus(Duration.ofHours(25));
        look(config, MOVED);
        await().untilAsserted(() -> assertThat(trained).hasSize(2));
    }

    @Test
    void trainsNoneWhoseOwnerOnlyWantsToBeTold() throws Exception {
        look(Circuits.configure(folder, Circuits.YAML), MOVED);
        look(config, MOVED);

        // the second was asked for later, on the same thread
        await().until(() -> !trained.isEmpty());
        assertThat(trained).hasSize(1);
    }

    @Test
    void saysWhichVersionWaitsAndTrainsNoOtherMeanwhile() throws Exception {
        registry.promote(
                Circuits.configure(folder, Circuits.YAML.replace("depth: 4", "depth: 1")),
                train(Circuits.YAML.replace("depth: 4", "depth: 1")),
                "to begin with something");
        config = Circuits.configure(folder, Circuits.YAML + RETRAIN);
        int staged = train(Circuits.YAML + RETRAIN);
        registry.stage(config, staged);

        assertThat(look(config, MOVED))
                .contains("version 3 was trained on recent data, is better than version 1")
                .contains("then ml approve and ml promote");
        assertThat(trained).isEmpty();
    }

    private int train(String yaml) throws Exception {
        return new ModelBench(registry, () -> now)
                .train(
                        Circuits.configure(folder, yaml),
                        Circuits.record(folder, 40, 1),
                        new Training.Options(1, 0),
                        "ann",
                        null)
                .version();
    }
}
