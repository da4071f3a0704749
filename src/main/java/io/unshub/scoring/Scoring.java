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
import io.unshub.uns.Remembered;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
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
    private static final int MOST_SHADOW_BATCHES = 64;
    private static final long SHADOW_IDLE_SECONDS = 10;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Path config;
    private final Registry registry;
    private final InstantSource clock;
    private final LongSupplier waiting;
    private final long mostWaiting;
    private final Listener listener;
    private final LongAdder scored = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder missing = new LongAdder();
    private Map<String, Object> seen = Map.of();
    private final Set<Path> broken = new HashSet<>();
    private Map<Path, CircuitConfig> circuits = Map.of();
    private volatile Models models = new Models(List.of());
    private volatile String trouble;
    private volatile List<String> missingModels = List.of();
    private volatile boolean loaded;
    // a bulkhead: one that is slow is behind, and slows nobody
    private final ThreadPoolExecutor shadows =
            new ThreadPoolExecutor(
                    1,
                    1,
                    SHADOW_IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(MOST_SHADOW_BATCHES),
                    task -> {
                        Thread thread = new Thread(task, "shadow-models");
                        thread.setDaemon(true);
                        return thread;
                    });

    /** The models in force, and which topics they look at. */
    private record Models(List<LiveModel> all, Remembered<List<Use>> uses) {
        Models(List<LiveModel> all) {
            this(all, new Remembered<>(MOST_REMEMBERED, topic -> search(all, topic)));
        }

        List<Use> of(String topic) {
            return uses.of(topic);
        }

        private static List<Use> search(List<LiveModel> all, String topic) {
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

    /** What a version says. */
    private record Answer(LoadedVersion by, double value) {}

    /**
     * A model in production.
     *
     * @param model plant, circuit and name
     * @param version that scores
     * @param sha256 of its file
     * @param resting whether it is left alone, as it failed
     * @param drift UNKNOWN, NONE or DRIFT
     * @param simulated whether that is of a simulation
     * @param drifts of each feature and of the score; empty while too little came
     * @param trial what the version on trial makes of the same input; null for none
     */
    public record Status(
            String model,
            int version,
            String sha256,
            boolean resting,
            String drift,
            boolean simulated,
            List<Drift> drifts,
            Divergence trial) {

        /** What has drifted, in one sentence; null when nothing has. */
        public String driftSentence() {
            List<String> found =
                    drifts.stream()
                            .filter(Drift::detected)
                            .map(of -> "%s PSI %.2f".formatted(of.of(), of.psi()))
                            .toList();
            return found.isEmpty()
                    ? null
                    : "drift_detected%s: what %s version %d sees is not what it was trained on (%s; another population from %.2f on); its scores are not to be trusted until somebody has looked, see docs/ml/drift.md"
                            .formatted(
                                    simulated ? " (simulated)" : "",
                                    model,
                                    version,
                                    String.join(", ", found),
                                    Drift.LIMIT);
        }
    }

    /** Is told what becomes of the models. */
    public interface Listener {
        /**
         * @param problem what is wrong with configuration or models; null when nothing is
         */
        void trouble(String problem);

        /** Is told of each model at each look. */
        void looked(CircuitConfig circuit, Status status);

        /** Is told of a model that scores no more. */
        void gone(String model);
    }

    /**
     * @param config the configuration folder
     * @param registry has the models
     * @param clock tells how long a score took
     * @param waiting how many readings wait to be scored
     * @param mostWaiting at how many no more are taken
     * @param listener is told what becomes of the models
     */
    public Scoring(
            Path config,
            Registry registry,
            InstantSource clock,
            LongSupplier waiting,
            long mostWaiting,
            Listener listener) {
        this.config = config;
        this.registry = registry;
        this.clock = clock;
        this.waiting = waiting;
        this.mostWaiting = mostWaiting;
        this.listener = listener;
        shadows.allowCoreThreadTimeOut(true);
    }

    /**
     * Takes changes of the configuration and of the stages over. A file that is not valid, or a
     * model that cannot be read, leaves its own model as it was and hurts no other.
     *
     * @throws IOException if the folders cannot be listed
     */
    public void refresh() throws IOException {
        Map<String, Object> now = state();
        if (loaded && now.equals(seen)) {
            return;
        }
        List<String> problems = new ArrayList<>();
        Map<Path, CircuitConfig> valid = new LinkedHashMap<>();
        for (Path file : CircuitConfig.files(config)) {
            try {
                boolean same = now.get(file.toString()).equals(seen.get(file.toString()));
                valid.put(
                        file,
                        same && !broken.contains(file)
                                ? circuits.get(file)
                                : CircuitConfig.load(file));
                broken.remove(file);
            } catch (RulesException e) {
                broken.add(file);
                problems.add(e.getMessage() + "; the model before stays in force");
                if (circuits.containsKey(file)) {
                    valid.put(file, circuits.get(file));
                }
            }
        }
        Map<String, LiveModel> next = new LinkedHashMap<>();
        List<String> missingNow = new ArrayList<>();
        for (Map.Entry<Path, CircuitConfig> entry : valid.entrySet()) {
            CircuitConfig circuit = entry.getValue();
            if (next.containsKey(circuit.id())) {
                problems.add(
                        "%s describes %s, as another file does; rename one"
                                .formatted(entry.getKey(), circuit.id()));
                continue;
            }
            try {
                LiveModel model = model(circuit, problems);
                if (model != null) {
                    next.put(circuit.id(), model);
                }
            } catch (IOException | Registry.Refused e) {
                problems.add(e.getMessage());
                // with the configuration before, where it is that which does not fit
                model(circuit.id())
                        .ifPresentOrElse(
                                model -> next.put(circuit.id(), model),
                                () -> missingNow.add(circuit.id()));
            }
        }
        models.all().stream()
                .map(model -> model.config().id())
                .filter(id -> !next.containsKey(id))
                .forEach(listener::gone);
        circuits = valid;
        missingModels = List.copyOf(missingNow);
        models = new Models(List.copyOf(next.values()));
        seen = now;
        trouble = problems.isEmpty() ? null : String.join("; ", problems);
        loaded = true;
        listener.trouble(trouble);
    }

    /** The versions in production and on trial; null for none in production. */
    private LiveModel model(CircuitConfig circuit, List<String> problems)
            throws IOException, Registry.Refused {
        Registry.Stages stages = registry.stages(circuit.id());
        Integer version = stages.production();
        if (version == null) {
            return null;
        }
        Optional<LiveModel> before = before(circuit);
        Optional<LoadedVersion> kept =
                before.map(LiveModel::production).filter(of -> of.card().version() == version);
        LoadedVersion production =
                kept.isPresent() ? kept.get() : registry.production(circuit, stages);
        if (kept.isEmpty()) {
            LOG.infof("model %s version %d is loaded", circuit.id(), version);
        }
        Contender contender = null;
        try {
            contender = contender(circuit, stages.trial(), production.card(), before);
        } catch (IOException | Registry.Refused e) {
            problems.add("the trial does not begin: " + e.getMessage());
        }
        return before.isPresent()
                ? before.get().with(production, contender)
                : new LiveModel(circuit, production, contender);
    }

    private Contender contender(
            CircuitConfig circuit,
            Registry.Trial trial,
            ModelCard production,
            Optional<LiveModel> before)
            throws IOException, Registry.Refused {
        if (trial == null) {
            return null;
        }
        Optional<Contender> kept =
                before.map(LiveModel::contender).filter(of -> of.is(trial, production));
        return kept.isPresent()
                ? kept.get()
                : new Contender(circuit, load(circuit, trial.version()), production, trial);
    }

    private LoadedVersion load(CircuitConfig circuit, int version)
            throws IOException, Registry.Refused {
        ModelCard card = registry.card(circuit.id(), version);
        LoadedVersion loaded = new LoadedVersion(card, registry.scorer(card, circuit));
        LOG.infof("model %s version %d is loaded", circuit.id(), version);
        return loaded;
    }

    /** The model in force that is configured just so. */
    private Optional<LiveModel> before(CircuitConfig circuit) {
        return models.all().stream().filter(model -> model.config().equals(circuit)).findFirst();
    }

    /** Compares what comes with what the models were trained on. */
    public void look() {
        for (LiveModel model : models.all()) {
            model.drift().look(clock.instant());
            listener.looked(model.config(), status(model));
        }
    }

    /**
     * Keeps what trials have shown so far in the registry, and returns it.
     *
     * @throws IOException if it cannot be written
     */
    public List<Divergence> keepTrials() throws IOException {
        List<Divergence> trials = new ArrayList<>();
        for (LiveModel model : models.all()) {
            if (model.contender() != null) {
                Divergence trial = model.contender().divergence(clock.instant());
                registry.keep(trial);
                trials.add(trial);
            }
        }
        return trials;
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
                if (refusal != null && equipment.wasComplete()) {
                    use.model().drift().add(vector, Double.NaN);
                }
                asked.computeIfAbsent(use.model(), m -> new ArrayList<>())
                        .add(new Question(use, reading, envelope, vector, worst, refusal));
            }
        }
    }

    private List<Reading> answer(LiveModel model, List<Question> questions) {
        List<Question> whole =
                questions.stream().filter(question -> question.refusal() == null).toList();
        Map<Question, Answer> answers = answers(model, whole);
        List<Reading> scores = new ArrayList<>();
        for (Question question : questions) {
            Answer answer = answers.get(question);
            if (question.refusal() != null) {
                missing.increment();
                if (model.config().missing() != CircuitConfig.Missing.SKIP) {
                    scores.add(envelope(model, question, null));
                }
            } else if (answer != null) {
                scores.add(envelope(model, question, answer));
            }
        }
        scored.add(scores.size());
        return scores;
    }

    /** What the version in production, or a canary, says; nothing when it fails. */
    private Map<Question, Answer> answers(LiveModel model, List<Question> questions) {
        Map<Question, Answer> answers = new IdentityHashMap<>();
        List<double[]> vectors = questions.stream().map(Question::vector).toList();
        long begin = System.nanoTime();
        double[] values = score(model.production(), vectors);
        long took = System.nanoTime() - begin;
        if (values.length < vectors.size()) {
            failed.add(vectors.size());
            return answers;
        }
        for (int i = 0; i < values.length; i++) {
            model.drift().add(vectors.get(i), values[i]);
            answers.put(questions.get(i), new Answer(model.production(), values[i]));
        }
        Contender contender = model.contender();
        if (contender != null && values.length > 0) {
            tryOut(contender, vectors, values, took);
            List<Question> canary =
                    questions.stream().filter(of -> contender.takes(of.use().equipment())).toList();
            double[] theirs =
                    score(contender.version(), canary.stream().map(Question::vector).toList());
            for (int i = 0; i < theirs.length; i++) {
                answers.put(canary.get(i), new Answer(contender.version(), theirs[i]));
            }
        }
        return answers;
    }

    private void tryOut(Contender contender, List<double[]> vectors, double[] values, long took) {
        try {
            shadows.execute(() -> contender.compare(vectors, values, took));
        } catch (RejectedExecutionException e) {
            contender.skipped(values.length);
        }
    }

    /** The scores of all vectors; none when the model fails. */
    private static double[] score(LoadedVersion version, List<double[]> vectors) {
        try {
            return version.score(vectors);
        } catch (Exception e) {
            LOG.debugf(
                    e,
                    "%s version %d did not score",
                    version.card().model(),
                    version.card().version());
            return new double[0];
        }
    }

    /**
     * @param answer null where there is none
     */
    private Reading envelope(LiveModel model, Question question, Answer answer) {
        CircuitConfig circuit = model.config();
        ModelCard card = (answer == null ? model.production() : answer.by()).card();
        String topic = question.use().equipment() + "/" + circuit.scoreTag();
        Quality quality = question.refusal() == null ? question.worst() : Quality.ERROR;
        JsonNode number =
                answer == null || !Double.isFinite(answer.value())
                        ? NullNode.instance
                        : DoubleNode.valueOf(answer.value());
        ObjectNode about =
                JSON.objectNode()
                        .put("model", circuit.id())
                        .put("version", card.version())
                        .put("sha256", card.sha256())
                        .put("inputQuality", question.worst().name())
                        .put("drift", model.drift().state().name())
                        .put("latencyMillis", latency(question.reading()));
        if (answer != null && circuit.crosses(answer.value())) {
            about.put("alarm", true);
            ObjectNode moved = about.putObject("movedBy");
            answer.by().explain(question.vector()).forEach(moved::put);
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
        return models.all().stream().map(this::status).toList();
    }

    private Status status(LiveModel model) {
        LoadedVersion production = model.production();
        return new Status(
                model.config().id(),
                production.card().version(),
                production.card().sha256(),
                production.isOpen(),
                model.drift().state().name(),
                model.drift().isSimulated(),
                model.drift().latest(),
                model.contender() == null ? null : model.contender().divergence(clock.instant()));
    }

    /** Compares now, without telling anybody, and returns what came of it. */
    public List<Status> lookNow() {
        models.all().forEach(model -> model.drift().look(clock.instant()));
        return status();
    }

    /**
     * Acts for a while as if a feature had moved, to rehearse what a drift sets off; scores stay as
     * they are.
     *
     * @param id plant, circuit and name of the model
     * @param feature that moves
     * @param by how far
     * @param until when it ends
     * @return whether there is such a model with such a feature
     */
    public boolean simulateDrift(String id, String feature, double by, Instant until) {
        Optional<LiveModel> model =
                model(id).filter(of -> of.config().features().names().contains(feature));
        model.ifPresent(of -> of.drift().simulate(feature, by, until));
        return model.isPresent();
    }

    /** Whether the models were looked at since the start. */
    public boolean loaded() {
        return loaded;
    }

    /** Models in production that could not be loaded. */
    public List<String> missingModels() {
        return missingModels;
    }

    /** What is wrong with configuration or models; null when nothing is. */
    public String trouble() {
        return trouble;
    }

    /** A model in production, by plant, circuit and name. */
    Optional<LiveModel> model(String id) {
        return models.all().stream().filter(model -> model.config().id().equals(id)).findFirst();
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
