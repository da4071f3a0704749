package io.unshub.scoring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDModel;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** A circuit of pumps that fail when they are hot and turn hard, and what was recorded of them. */
public final class Circuits {

    /** Its model. */
    public static final String MODEL = "plant9/mixing/failure";

    /** Its configuration, which is the one that the pages show. */
    public static final String YAML = read(Path.of("docs/examples/ml/plant9/mixing.yml"));

    /** Listens to nothing. */
    public static final Scoring.Listener NO_LISTENER =
            new Scoring.Listener() {
                @Override
                public void trouble(String problem) {}

                @Override
                public void looked(CircuitConfig circuit, Scoring.Status status) {}

                @Override
                public void gone(String model) {}
            };

    private Circuits() {}

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a configuration into a configuration folder. */
    public static CircuitConfig configure(Path config, String yaml) {
        try {
            Path file = config.resolve("ml/plant9/mixing.yml");
            Files.createDirectories(file.getParent());
            Files.writeString(file, yaml);
            return CircuitConfig.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Records units of 20 minutes each; the same seed records the same. */
    public static Path record(Path folder, int units, long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("unit,time,temperature,torque,failed\n");
        for (int unit = 0; unit < units; unit++) {
            double temperature = 30 + random.nextDouble() * 60;
            for (int minute = 0; minute < 20; minute++) {
                double torque = 10 + random.nextDouble() * 40;
                boolean failed = temperature > 60 && torque > 25;
                csv.append(
                        String.format(
                                Locale.ROOT,
                                "pump-%d,%d,%.2f,%.2f,%d%n",
                                unit,
                                minute * 60,
                                temperature + random.nextGaussian(),
                                torque,
                                failed ? 1 : 0));
            }
        }
        return Files.writeString(folder.resolve("recorded-" + seed + ".csv"), csv);
    }

    /** Trains a model of a circuit, and puts it into production. */
    public static ModelCard produce(Path data, CircuitConfig config, Path recorded)
            throws Exception {
        Clock clock = Clock.systemUTC();
        Registry registry = new Registry(data, clock, (what, about) -> {});
        ModelCard card =
                new ModelBench(registry, clock)
                        .train(config, recorded, new Training.Options(1, 0), "ann", null);
        registry.promote(config, card.version(), "for the test");
        return card;
    }

    /** Writes a model that another tool has trained, as ONNX. */
    public static void export(CircuitConfig config, Path recorded, Path to) throws Exception {
        regression(Examples.of(History.read(recorded, config), config))
                .saveONNXModel("io.unshub", 1, to);
    }

    /** A model that another tool has trained. */
    static LinearSGDModel regression(Examples examples) {
        List<Example<Label>> all = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            all.add(
                    Scorer.example(
                            new Label(examples.targets().get(i)),
                            examples.names(),
                            examples.vectors().get(i),
                            new double[examples.names().size()]));
        }
        LabelFactory factory = new LabelFactory();
        MutableDataset<Label> set =
                new MutableDataset<>(all, new SimpleDataSourceProvenance("test", factory), factory);
        return new LogisticRegressionTrainer().train(set);
    }
}
