package io.unshub.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.envelope.MessageIds;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The models in production, and their scores.
 *
 * <p>In: readings that passed validation. Out: for each reading of a model's trigger one envelope
 * on {@code …/{equipment}/_score-MODEL}. The configuration and the registry's stages are read again
 * when they change; one that is not valid leaves the models in force untouched and is said once.
 *
 * <p>Guarantees: {@link #tap} never waits, and never fails for a model; what is not scored is
 * counted. The same reading and model give the same messageId, so that what is scored again after a
 * crash is recognised. Threads: {@link #tap} and {@link #score} each from one, {@link #refresh}
 * from one, figures from any.
 */
public final class Scoring {

    /** The sourceSystem of scores. */
    public static final String SOURCE = "uns-hub-scoring";

    private static final Logger LOG = Logger.getLogger(Scoring.class);
    private static final int MOST_REMEMBERED = 200_000;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Path config;
    private final Registry registry;
    private final InstantSource clock;
    private final LongSupplier waiting;
    private final long mostWaiting;
    private final Consumer<String> trouble;
    private final BiConsumer<String, String> drifted;
    private final LongAdder scored = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder missing = new LongAdder();
    private Map<String, Object> seen = Map.of();
    private Map<Path, CircuitConfig> circuits = Map.of();
    private volatile Models models = new Models(List.of());

    /** The models in force, and which topics they look at. */
    private record Models(List<LiveModel> all, Map<String, List<Use>> uses) {
        Models(List<LiveModel> all) {
            this(all, new ConcurrentHashMap<>());
        }

        List<Use> of(String topic) {
            List<Use> known = uses.get(topic);
            if (known != null) {
                return known;
            }
            List<Use> found = search(topic);
            if (uses.size() < MOST_REMEMBERED) {
                uses.put(topic, found);
            }
            return found;
        }

        private List<Use> search(String topic) {
            int end = topic.lastIndexOf('/');
            if (end < 0) {
                return List.of();
            }
            String equipment = topic.substring(0, end);
            String tag = topic.substring(end + 1);
            List<Use> found = new ArrayList<>();
            for (LiveModel model : all) {
                if (model.config().equipment().matches(equipment)) {
                    int input = 0;
                    for (Map.Entry<String, String> entry : model.config().inputs().entrySet()) {
                        if (entry.getValue().equals(tag)) {
                            boolean trigger = entry.getKey().equals(model.config().trigger());
                            found.add(new Use(model, equipment, input, trigger));
                        }
                        input++;
                    }
                }
            }
            return List.copyOf(found);
        }
    }

    /** What a topic is to a model. */
    private record Use(LiveModel model, String equipment, int input, boolean trigger) {}

    /** A score that is asked for; its refusal is why there is none to be had, or null. */
    private record Question(
            Use use,
            Reading reading,
            Envelope envelope,
            double[] vector,
            Quality worst,
            String refusal) {}

    /**
     * A model in production.
     *
     * @param model plant, circuit and name
     * @param version that scores
     * @param sha256 of its file
     * @param resting whether it is left alone, as it failed
     * @param drift UNKNOWN, NONE or DRIFT
     * @param drifts of each feature and of the score; empty while too little came
     */
    public record Status(
            String model,
            int version,
            String sha256,
            boolean resting,
            String drift,
            List<Drift> drifts) {}

    /**
     * @param config the configuration folder
     * @param registry has the models
     * @param clock tells how long a score took
     * @param waiting how many readings wait to be scored
     * @param mostWaiting at how many no more are taken
     * @param trouble is told what is wrong with configuration or models; null when nothing is
     * @param drifted is told of each model what has drifted; null when nothing has
     */
    public Scoring(
            Path config,
            Registry registry,
            InstantSource clock,
            LongSupplier waiting,
            long mostWaiting,
            Consumer<String> trouble,
            BiConsumer<String, String> drifted) {
        this.config = config;
        this.registry = registry;
        this.clock = clock;
        this.waiting = waiting;
        this.mostWaiting = mostWaiting;
        this.trouble = trouble;
        this.drifted = drifted;
    }

    /**
     * Takes changes of the configuration and of the stages over. A file that is not valid, or a
     * model that cannot be read, leaves its own model as it was and hurts no other.
     *
     * @throws IOException if the folders cannot be listed
     */
    public void refresh() throws IOException {
        Map<String, Object> now = state();
        if (now.equals(seen)) {
            return;
        }
        List<String> problems = new ArrayList<>();
        Map<Path, CircuitConfig> valid = new LinkedHashMap<>();
        for (Path file : CircuitConfig.files(config)) {
            try {
                valid.put(file, CircuitConfig.load(file));
            } catch (RulesException e) {
                problems.add(e.getMessage() + "; the model before stays in force");
                if (circuits.containsKey(file)) {
                    valid.put(file, circuits.get(file));
                }
            }
        }
        Map<String, LiveModel> next = new LinkedHashMap<>();
        for (Map.Entry<Path, CircuitConfig> entry : valid.entrySet()) {
            CircuitConfig circuit = entry.getValue();
            if (next.containsKey(circuit.id())) {
                problems.add(
                        "%s describes %s, as another file does; rename one"
                                .formatted(entry.getKey(), circuit.id()));
                continue;
            }
            try {
                LiveModel model = model(circuit);
                if (model != null) {
                    next.put(circuit.id(), model);
                }
            } catch (IOException | Registry.Refused e) {
                problems.add(e.getMessage());
                before(circuit).ifPresent(model -> next.put(circuit.id(), model));
            }
        }
        circuits = valid;
        models = new Models(List.copyOf(next.values()));
        seen = now;
        trouble.accept(problems.isEmpty() ? null : String.join("; ", problems));
    }

    /** The version in production; null for none. */
    private LiveModel model(CircuitConfig circuit) throws IOException, Registry.Refused {
        Integer version = registry.stages(circuit.id()).production();
        if (version == null) {
            return null;
        }
        Optional<LiveModel> before = before(circuit);
        if (before.isPresent() && before.get().card().version() == version) {
            return before.get();
        }
        ModelCard card = registry.card(circuit.id(), version);
        Scorer scorer = registry.scorer(card, circuit);
        LOG.infof("model %s version %d scores", circuit.id(), version);
        return before.isPresent()
                ? before.get().with(card, scorer)
                : new LiveModel(circuit, card, scorer);
    }

    /** The model in force that is configured just so. */
    private Optional<LiveModel> before(CircuitConfig circuit) {
        return models.all().stream().filter(model -> model.config().equals(circuit)).findFirst();
    }

    /** Compares what comes with what the models were trained on. */
    public void look() {
        for (LiveModel model : models.all()) {
            model.drift().look();
            List<String> found =
                    model.drift().latest().stream()
                            .filter(Drift::detected)
                            .map(drift -> "%s PSI %.2f".formatted(drift.of(), drift.psi()))
                            .toList();
            drifted.accept(
                    model.config().id(),
                    found.isEmpty()
                            ? null
                            : "drift_detected: what %s version %d sees is not what it was trained on (%s; another population from %.2f on); its scores are not to be trusted until somebody has looked, see docs/ml/drift.md"
                                    .formatted(
                                            model.config().id(),
                                            model.card().version(),
                                            String.join(", ", found),
                                            Drift.LIMIT));
        }
    }

    /** What the files are like, to see that they have changed. */
    private Map<String, Object> state() throws IOException {
        Map<String, Object> state = new TreeMap<>();
        for (Path file : CircuitConfig.files(config)) {
            state.put(file.toString(), Files.getLastModifiedTime(file));
        }
        for (String model : registry.models()) {
            state.put(model, registry.changed(model));
        }
        return state;
    }

    /** Marks the readings that a model looks at, as long as not too many wait. */
    public void tap(Batch batch) {
        Models current = models;
        if (current.all().isEmpty()) {
            return;
        }
        boolean full = waiting.getAsLong() >= mostWaiting;
        for (Reading reading : batch) {
            if (!reading.rejected() && !current.of(reading.topic()).isEmpty()) {
                if (full) {
                    skipped.increment();
                } else {
                    reading.tap();
                }
            }
        }
    }

    /** The scores that the readings of a batch ask for, in their order for each model. */
    public Batch score(Batch batch) {
        Map<LiveModel, List<Question>> asked = new LinkedHashMap<>();
        for (Reading reading : batch) {
            try {
                ask(reading, asked);
            } catch (IllegalArgumentException e) {
                failed.increment();
                LOG.debugf(e, "a reading on %s cannot be scored", reading.topic());
            }
        }
        List<Reading> scores = new ArrayList<>();
        asked.forEach((model, questions) -> scores.addAll(answer(model, questions)));
        return new Batch(scores);
    }

    private void ask(Reading reading, Map<LiveModel, List<Question>> asked) {
        List<Use> uses = models.of(reading.topic());
        if (uses.isEmpty()) {
            return;
        }
        Envelope envelope = EnvelopeCodec.decode(reading.payload());
        double time = FeatureState.seconds(envelope.tsUtc());
        for (Use use : uses) {
            Equipment equipment = use.model().equipment(use.equipment());
            if (equipment == null) {
                skipped.increment();
            } else if (!equipment.update(use.input(), time, envelope.value(), reading.quality())) {
                late.increment();
            } else if (use.trigger()) {
                double[] vector = equipment.vector(time);
                Quality worst = equipment.quality();
                String refusal = LiveModel.refusal(vector, worst, use.model().config().missing());
                asked.computeIfAbsent(use.model(), m -> new ArrayList<>())
                        .add(new Question(use, reading, envelope, vector, worst, refusal));
            }
        }
    }

    private List<Reading> answer(LiveModel model, List<Question> questions) {
        List<double[]> vectors =
                questions.stream()
                        .filter(question -> question.refusal() == null)
                        .map(Question::vector)
                        .toList();
        double[] values = score(model, vectors);
        List<Reading> scores = new ArrayList<>();
        int next = 0;
        for (Question question : questions) {
            if (question.refusal() != null) {
                missing.increment();
                if (model.config().missing() != CircuitConfig.Missing.SKIP) {
                    scores.add(envelope(model, question, null));
                }
            } else if (next < values.length) {
                double value = values[next++];
                model.drift().add(question.vector(), value);
                scores.add(envelope(model, question, value));
            }
        }
        scored.add(scores.size());
        return scores;
    }

    /** The scores of all vectors; none when the model fails. */
    private double[] score(LiveModel model, List<double[]> vectors) {
        try {
            return vectors.isEmpty() ? new double[0] : model.score(vectors);
        } catch (Exception e) {
            failed.add(vectors.size());
            LOG.debugf(e, "model %s did not score", model.config().id());
            return new double[0];
        }
    }

    private Reading envelope(LiveModel model, Question question, Double value) {
        CircuitConfig circuit = model.config();
        ModelCard card = model.card();
        String topic = question.use().equipment() + "/" + circuit.scoreTag();
        Quality quality = question.refusal() == null ? question.worst() : Quality.ERROR;
        JsonNode number =
                value == null || !Double.isFinite(value)
                        ? NullNode.instance
                        : DoubleNode.valueOf(value);
        ObjectNode about =
                JSON.objectNode()
                        .put("model", circuit.id())
                        .put("version", card.version())
                        .put("sha256", card.sha256())
                        .put("inputQuality", question.worst().name())
                        .put("drift", model.drift().state().name())
                        .put("latencyMillis", latency(question.reading()));
        if (value != null && model.crosses(value)) {
            about.put("alarm", true);
            ObjectNode moved = about.putObject("movedBy");
            model.explain(question.vector()).forEach(moved::put);
        }
        Envelope envelope =
                new Envelope(
                        MessageIds.of(
                                SOURCE,
                                List.of(
                                        card.sha256(),
                                        circuit.version(),
                                        question.envelope().messageId().toString()),
                                topic,
                                question.envelope().tsUtc(),
                                number),
                        question.envelope().tsUtc(),
                        topic,
                        number,
                        quality,
                        circuit.units(),
                        SOURCE,
                        circuit.version(),
                        Envelope.SCHEMA_VERSION,
                        question.refusal(),
                        null);
        return new Reading(topic, EnvelopeCodec.encode(envelope, about));
    }

    private long latency(Reading reading) {
        return reading.acceptedUtc() == null
                ? 0
                : Math.max(0, Duration.between(reading.acceptedUtc(), clock.instant()).toMillis());
    }

    /** The models in production. */
    public List<Status> status() {
        return models.all().stream()
                .map(
                        model ->
                                new Status(
                                        model.config().id(),
                                        model.card().version(),
                                        model.card().sha256(),
                                        model.isOpen(),
                                        model.drift().state().name(),
                                        model.drift().latest()))
                .toList();
    }

    /** How many models see something else than they were trained on. */
    public long drifting() {
        return models.all().stream()
                .filter(model -> model.drift().state() == DriftWatch.State.DRIFT)
                .count();
    }

    /** How many scores were made, since the start. */
    public long scored() {
        return scored.sum();
    }

    /** How many readings were not scored because too many waited, or of too much equipment. */
    public long skipped() {
        return skipped.sum();
    }

    /** How many readings came too late for their features, since the start. */
    public long late() {
        return late.sum();
    }

    /** How many scores a model failed to give, since the start. */
    public long failed() {
        return failed.sum();
    }

    /** How often a feature was missing or an input was an error, since the start. */
    public long missing() {
        return missing.sum();
    }
}
