package io.unshub.scoring;

import io.unshub.scoring.CircuitConfig.OnDrift;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * Has a candidate trained when the inputs of a model drift and its configuration asks for that. One
 * that is better than the version in production waits in staging; a person decides.
 *
 * <p>Training is a process of its own, of low priority: it takes memory and time that the data path
 * must not miss. One at a time, and each model once in {@link #PAUSE} and not while a candidate of
 * it waits. Threads: {@link #looked} from one. Failure: said in one sentence; the model goes on.
 */
public final class Retraining implements AutoCloseable {

    /** How long after a training a model is not trained again. */
    public static final Duration PAUSE = Duration.ofHours(24);

    private static final Logger LOG = Logger.getLogger(Retraining.class);

    private final Trainer trainer;
    private final Registry registry;
    private final InstantSource clock;
    private final Map<String, Instant> trained = new HashMap<>();
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> {
                        Thread own = new Thread(task, "retraining");
                        own.setDaemon(true);
                        return own;
                    });

    /** Trains a model again. */
    @FunctionalInterface
    public interface Trainer {
        /**
         * Trains, and waits for that.
         *
         * @param model plant, circuit and name
         * @return what came of it, in a sentence
         */
        String train(String model) throws IOException, InterruptedException;
    }

    public Retraining(Trainer trainer, Registry registry, InstantSource clock) {
        this.trainer = trainer;
        this.registry = registry;
        this.clock = clock;
    }

    /**
     * Trains with {@code uns-hub ml retrain}.
     *
     * @param launcher the program {@code uns-hub}
     * @param config the configuration folder
     * @param data the data folder
     */
    public static Trainer process(Path launcher, Path config, Path data) {
        return model -> {
            ProcessBuilder command =
                    new ProcessBuilder(
                                    "nice",
                                    launcher.toString(),
                                    "ml",
                                    "retrain",
                                    model,
                                    "--config",
                                    config.toAbsolutePath().toString(),
                                    "--data-dir",
                                    data.toAbsolutePath().toString(),
                                    "--by",
                                    "uns-hub")
                            .redirectErrorStream(true);
            // those of the hub are not meant for it
            command.environment().put("JAVA_OPTS", "");
            command.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process = command.start();
            List<String> lines = new ArrayList<>();
            try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                output.lines().forEach(lines::add);
                process.waitFor();
            } finally {
                process.destroyForcibly();
            }
            return lines.isEmpty()
                    ? "the training ended with exit code " + process.exitValue()
                    : lines.get(lines.size() - 1);
        };
    }

    /**
     * Has a model trained if it drifts and that is due.
     *
     * @return which version waits for approval, in a sentence; null for none
     * @throws IOException if the registry cannot be read
     */
    public String looked(CircuitConfig circuit, Scoring.Status status) throws IOException {
        if (circuit.onDrift() != OnDrift.RETRAIN) {
            return null;
        }
        String model = circuit.id();
        Registry.Stages stages = registry.stages(model);
        Integer staged =
                stages.versions().descendingMap().entrySet().stream()
                        .filter(entry -> entry.getValue().stage() == Registry.Stage.STAGING)
                        .map(Map.Entry::getKey)
                        .filter(version -> version > status.version())
                        .findFirst()
                        .orElse(null);
        if (staged != null) {
            return "%s version %d was trained on recent data, is better than version %d on what it has not seen, and waits: uns-hub ml show %s %d, then ml approve and ml promote, see docs/ml/drift.md"
                    .formatted(model, staged, status.version(), model, staged);
        }
        Instant last = trained.get(model);
        boolean due = last == null || last.plus(PAUSE).isBefore(clock.instant());
        if (status.driftSentence() != null && due) {
            trained.put(model, clock.instant());
            thread.execute(() -> train(model));
        }
        return null;
    }

    private void train(String model) {
        try {
            LOG.infof("%s drifts and is trained on recent data", model);
            LOG.info(trainer.train(model));
        } catch (IOException | RuntimeException e) {
            LOG.warnf(
                    e,
                    "%s could not be trained again; uns-hub ml retrain %s says why",
                    model,
                    model);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
