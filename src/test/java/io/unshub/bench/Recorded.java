package io.unshub.bench;

import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.ModelBench;
import io.unshub.scoring.ModelCard;
import io.unshub.scoring.Registry;
import io.unshub.scoring.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** How well the example models do on public data, each over splits of units not seen. */
final class Recorded {

    private static final Path EXAMPLES = Path.of("docs/examples/ml/reference");

    private final Path recorded;
    private final ModelBench bench;
    private final Path work;

    /**
     * @param recorded has {@code ai4i/ai4i2020.csv} and {@code cmapss-fd001/train_FD001.txt}
     * @param work takes the models
     */
    Recorded(Path recorded, Path work) {
        this.recorded = recorded;
        this.work = work;
        Registry registry = new Registry(work, Clock.systemUTC(), (what, about) -> {});
        bench = new ModelBench(registry, Clock.systemUTC());
    }

    /** AI4I 2020, sensor columns only, five stratified splits. */
    ModelCard milling() throws IOException {
        return train(EXAMPLES.resolve("ai4i.yml"), "ai4i/ai4i2020.csv", 5);
    }

    /** C-MAPSS FD001, ten splits by engine, one prediction for each at a random cut. */
    ModelCard engines(boolean capped) throws IOException {
        Path config = EXAMPLES.resolve("fd001.yml");
        if (!capped) {
            String text = Files.readString(config).replaceAll("(?m)^target_cap:.*\\R", "");
            Files.createDirectories(work);
            config = Files.writeString(work.resolve("fd001.yml"), text);
        }
        return train(config, "cmapss-fd001/train_FD001.txt", 10);
    }

    private ModelCard train(Path config, String data, int seeds) throws IOException {
        return bench.train(
                CircuitConfig.load(config),
                recorded.resolve(data),
                new Training.Options(seeds, 0),
                "bench",
                null);
    }
}
