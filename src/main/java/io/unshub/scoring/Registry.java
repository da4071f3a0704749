package io.unshub.scoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.scoring.Training.Deciding;
import io.unshub.uns.Excerpt;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.Sha256;
import io.unshub.uns.WholeFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The versions of all models, on plain files: {@code data/models/PLANT/CIRCUIT/MODEL/VERSION/} has
 * {@code model.tribuo}, {@code card.json} and {@code holdout.csv.gz}; {@code stages.json} beside
 * the versions says which one is in production.
 *
 * <p>A stage changes by the exchange of one small file, so that a running hub sees all of it or
 * nothing. Threads and processes: any; changes are one at a time. Failure: {@link Refused} says
 * what is not allowed and changes nothing.
 */
public final class Registry {

    /** Where it stands in the data folder. */
    public static final String FOLDER = "models";

    /** How long an approval is good for. */
    public static final Duration APPROVAL = Duration.ofHours(24);

    private static final String MODEL = "model.tribuo";
    private static final String CARD = "card.json";
    private static final String HOLDOUT = "holdout.csv.gz";
    private static final String STAGES = "stages.json";
    private static final double ROUNDING = 1e-6;
    private static final String DIVERGENCE = "divergence.json";
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .defaultPropertyInclusion(
                            JsonInclude.Value.construct(
                                    JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                    .build();

    private final Path folder;
    private final InstantSource clock;
    private final Changes changes;

    /** Takes note of a change: what was done, to which version, and what about it. */
    @FunctionalInterface
    public interface Changes {
        /**
         * Keeps a change.
         *
         * @throws IOException if it cannot be kept
         */
        void note(String what, Map<String, ?> about) throws IOException;
    }

    /** Where a version stands. */
    public enum Stage {
        /** Trained. */
        CANDIDATE,
        /** Better than the one in production, or approved by somebody: waits for promotion. */
        STAGING,
        /** Scores. */
        PRODUCTION,
        /** Has scored, or was put away. */
        RETIRED
    }

    /**
     * @param stage of a version
     * @param approvedBy who approved it; null for nobody
     * @param approvedUtc when; null for never
     * @param environment in which it was tested last; null for that of its training
     */
    public record Standing(
            Stage stage, String approvedBy, Instant approvedUtc, String environment) {

        private Standing in(Stage other) {
            return new Standing(other, approvedBy, approvedUtc, environment);
        }

        private Standing testedIn(String other) {
            return new Standing(stage, approvedBy, approvedUtc, other);
        }
    }

    /**
     * @param versions of a model, with their standing
     * @param production the version that scores; null for none
     * @param before what scored before it; null for none
     * @param trial the version that scores beside it; null for none
     */
    public record Stages(
            TreeMap<Integer, Standing> versions, Integer production, Integer before, Trial trial) {

        private Stages on(Trial other) {
            return new Stages(versions, production, before, other);
        }
    }

    /**
     * A version that sees what the one in production sees.
     *
     * @param version of the model
     * @param canary percent of the equipment whose scores are this version's, 0 to 100; at 0 it is
     *     a shadow, and nobody sees what it scores
     * @param sinceUtc when it began
     */
    public record Trial(int version, int canary, Instant sinceUtc) {}

    /**
     * How a version does beside the one in production, on what it has not seen in training.
     *
     * @param version that is judged
     * @param production that it is compared with; null for none, then what needs no learning is
     * @param figure which decides; null when there are no labels to compare on
     * @param own the version's
     * @param other of what it is compared with
     * @param better whether the version is
     */
    public record Comparison(
            int version,
            Integer production,
            String figure,
            double own,
            double other,
            boolean better) {

        /** It in words. */
        public String sentence() {
            if (figure == null) {
                return "there are no labels to compare on";
            }
            return production == null
                    ? "%s %.4f on its holdout, what needs no learning has %.4f"
                            .formatted(figure, own, other)
                    : "%s %.4f against %.4f of version %d in production, on the same holdout"
                            .formatted(figure, own, other, production);
        }
    }

    /** A change that is not allowed, in one sentence with the next step. */
    public static final class Refused extends Exception {
        Refused(String message) {
            super(message);
        }
    }

    /**
     * @param data the data folder
     * @param clock tells when an approval expires
     * @param changes takes note of each change
     */
    public Registry(Path data, InstantSource clock, Changes changes) {
        this.folder = data.resolve(FOLDER);
        this.clock = clock;
        this.changes = changes;
    }

    /**
     * Adds a trained model as a candidate.
     *
     * @return its card, with its version
     */
    ModelCard add(Training.Trained trained, CircuitConfig config) throws IOException {
        return locked(
                config.id(),
                () -> {
                    Stages stages = stages(config.id());
                    int version = stages.versions().isEmpty() ? 1 : stages.versions().lastKey() + 1;
                    Path to = Files.createDirectories(version(config.id(), version));
                    trained.scorer().write(to.resolve(MODEL));
                    ModelCard card = trained.card().registered(version, sha256(to.resolve(MODEL)));
                    JSON.writeValue(to.resolve(CARD).toFile(), card);
                    try (OutputStream out = Files.newOutputStream(to.resolve(HOLDOUT));
                            Writer text =
                                    new OutputStreamWriter(
                                            new GZIPOutputStream(out), StandardCharsets.UTF_8)) {
                        trained.holdout().write(text, config);
                    }
                    stages.versions().put(version, new Standing(Stage.CANDIDATE, null, null, null));
                    keep(config.id(), stages);
                    changes.note(
                            "model-trained",
                            Map.of(
                                    "model", config.id(),
                                    "version", version,
                                    "sha256", card.sha256(),
                                    "author", card.author()));
                    return card;
                });
    }

    /** The stages of a model's versions; empty for a model that was never trained. */
    public Stages stages(String model) throws IOException {
        Path file = folder.resolve(model).resolve(STAGES);
        if (!Files.exists(file)) {
            return new Stages(new TreeMap<>(), null, null, null);
        }
        try {
            return JSON.readValue(file.toFile(), Stages.class);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "%s cannot be read (%s); restore it from a backup"
                            .formatted(file, Excerpt.of(e.getOriginalMessage())),
                    e);
        }
    }

    /** When a stage of a model changed last; the beginning of time for one never trained. */
    FileTime changed(String model) throws IOException {
        Path file = folder.resolve(model).resolve(STAGES);
        return Files.exists(file) ? Files.getLastModifiedTime(file) : FileTime.fromMillis(0);
    }

    /**
     * The card of a version.
     *
     * @throws Refused if there is no such version
     */
    public ModelCard card(String model, int version) throws IOException, Refused {
        Path file = version(model, version).resolve(CARD);
        if (!Files.exists(file)) {
            throw new Refused(
                    "%s has no version %d, uns-hub ml list shows them".formatted(model, version));
        }
        return JSON.readValue(file.toFile(), ModelCard.class);
    }

    /**
     * Reads a model.
     *
     * @param config its circuit's
     * @throws Refused if its file is not the one that was registered, or its features are not the
     *     configured ones
     */
    Scorer scorer(ModelCard card, CircuitConfig config) throws IOException, Refused {
        Path file = version(card.model(), card.version()).resolve(MODEL);
        String now = Files.exists(file) ? sha256(file) : "nothing";
        if (!now.equals(card.sha256())) {
            throw new Refused(
                    "%s version %d: its file is not the one that was registered (SHA-256 %s, registered %s); restore it from a backup, or roll back"
                            .formatted(card.model(), card.version(), now, card.sha256()));
        }
        if (!card.features().equals(config.features().names())) {
            throw new Refused(
                    "%s version %d sees other features than its configuration makes (%s against %s); train it again, or restore the configuration"
                            .formatted(
                                    card.model(),
                                    card.version(),
                                    card.features(),
                                    config.features().names()));
        }
        try {
            return Scorer.read(file, config, card.features(), card.means());
        } catch (IllegalArgumentException e) {
            throw new Refused(e.getMessage());
        }
    }

    /** What a version has not seen in training. */
    History holdout(ModelCard card, CircuitConfig config) throws IOException {
        Path packed = version(card.model(), card.version()).resolve(HOLDOUT);
        Path plain = Files.createTempFile("uns-hub-holdout-", ".csv");
        try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
            Files.copy(in, plain, StandardCopyOption.REPLACE_EXISTING);
            return History.reread(plain, config);
        } finally {
            Files.delete(plain);
        }
    }

    /** Approves a candidate for production, for {@link #APPROVAL}. */
    public void approve(String model, int version, String by) throws IOException, Refused {
        change(
                model,
                stages -> {
                    Standing now = standing(model, version, stages);
                    if (now.stage() == Stage.PRODUCTION) {
                        throw new Refused(
                                "%s version %d is in production already".formatted(model, version));
                    }
                    stages.versions()
                            .put(
                                    version,
                                    new Standing(
                                            Stage.STAGING, by, clock.instant(), now.environment()));
                    changes.note(
                            "model-approved", Map.of("model", model, "version", version, "by", by));
                    return stages;
                });
    }

    /**
     * Puts a version into production.
     *
     * @param forced why, although it is not approved or no better; null for no force
     * @return what was compared, in words
     * @throws Refused if its approval is missing or older than {@link #APPROVAL}, or it is no
     *     better than the one in production on what it has not seen itself
     */
    public String promote(CircuitConfig config, int version, String forced)
            throws IOException, Refused {
        String model = config.id();
        String[] said = new String[1];
        change(
                model,
                stages -> {
                    Standing now = standing(model, version, stages);
                    if (stages.production() != null && stages.production() == version) {
                        throw new Refused(
                                "%s version %d is in production already".formatted(model, version));
                    }
                    Comparison compared = compare(config, version, stages);
                    if (forced == null && !compared.better()) {
                        throw new Refused(
                                "%s version %d is no better: %s; keep the one in production, or force with a reason"
                                        .formatted(model, version, compared.sentence()));
                    }
                    if (forced == null) {
                        checkApproval(model, version, now);
                    }
                    said[0] = compared.sentence();
                    changes.note(
                            "model-promoted",
                            Map.of(
                                    "model",
                                    model,
                                    "version",
                                    version,
                                    "sha256",
                                    card(model, version).sha256(),
                                    "forced",
                                    forced == null ? "" : forced,
                                    "compared",
                                    said[0]));
                    // it has just been judged in this one
                    return switched(stages, version, now.testedIn(config.environmentVersion()));
                });
        return said[0];
    }

    /**
     * Puts the version back that was in production before.
     *
     * @return the version
     */
    public int rollback(CircuitConfig config) throws IOException, Refused {
        String model = config.id();
        int[] to = new int[1];
        change(
                model,
                stages -> {
                    if (stages.before() == null) {
                        throw new Refused(
                                "%s has no version that was in production before; promote one"
                                        .formatted(model));
                    }
                    to[0] = stages.before();
                    // a damaged one would leave the circuit without a model
                    scorer(card(model, to[0]), config);
                    changes.note("model-rolled-back", Map.of("model", model, "version", to[0]));
                    Standing was = stages.versions().get(to[0]);
                    // a rollback acts, whatever the environment: what it leaves is worse
                    return switched(stages, to[0], was.testedIn(config.environmentVersion()));
                });
        return to[0];
    }

    /**
     * Has a version score beside the one in production.
     *
     * @param canary percent of the equipment whose scores are this version's, 0 to 100
     * @throws Refused if there is none in production, or the version cannot be read
     */
    public void tryOut(CircuitConfig config, int version, int canary) throws IOException, Refused {
        change(
                config.id(),
                stages -> {
                    standing(config.id(), version, stages);
                    if (stages.production() == null || stages.production() == version) {
                        throw new Refused(
                                "%s version %d has no other in production to be compared with; promote one"
                                        .formatted(config.id(), version));
                    }
                    scorer(card(config.id(), version), config);
                    changes.note(
                            "model-tried-out",
                            Map.of("model", config.id(), "version", version, "canary", canary));
                    return stages.on(new Trial(version, canary, clock.instant()));
                });
    }

    /** Ends the trial of a model, if there is one. */
    public void endTrial(String model) throws IOException, Refused {
        change(
                model,
                stages -> {
                    changes.note("model-trial-ended", Map.of("model", model));
                    return stages.on(null);
                });
    }

    /**
     * Moves a candidate to staging, where it waits for approval, if it is better than the version
     * in production on what it has not seen.
     */
    Comparison stage(CircuitConfig config, int version) throws IOException, Refused {
        Comparison[] compared = new Comparison[1];
        change(
                config.id(),
                stages -> {
                    compared[0] = compare(config, version, stages);
                    if (compared[0].better()) {
                        stages.versions()
                                .put(version, new Standing(Stage.STAGING, null, null, null));
                    }
                    changes.note(
                            compared[0].better() ? "model-staged" : "model-not-staged",
                            Map.of(
                                    "model", config.id(),
                                    "version", version,
                                    "compared", compared[0].sentence()));
                    return stages;
                });
        return compared[0];
    }

    /**
     * Compares a version with the one in production, on what it has not seen in training.
     *
     * @throws Refused if there is no such version, or its file cannot be read
     */
    public Comparison compare(CircuitConfig config, int version) throws IOException, Refused {
        return compare(config, version, stages(config.id()));
    }

    /** Keeps what two versions made of the same input, for whoever compares them. */
    void keep(Divergence divergence) throws IOException {
        replace(folder.resolve(divergence.model()).resolve(DIVERGENCE), divergence);
    }

    /** What the trial of a model has shown so far; empty before its hub has said any. */
    public Optional<Divergence> divergence(String model) throws IOException {
        Path file = folder.resolve(model).resolve(DIVERGENCE);
        return Files.exists(file)
                ? Optional.of(JSON.readValue(file.toFile(), Divergence.class))
                : Optional.empty();
    }

    private static Stages switched(Stages stages, int version, Standing now) {
        if (stages.production() != null) {
            stages.versions()
                    .computeIfPresent(stages.production(), (of, was) -> was.in(Stage.RETIRED));
        }
        stages.versions().put(version, now.in(Stage.PRODUCTION));
        Trial trial = stages.trial();
        return new Stages(
                stages.versions(),
                version,
                stages.production(),
                trial != null && trial.version() == version ? null : trial);
    }

    private void checkApproval(String model, int version, Standing now) throws Refused {
        if (now.approvedUtc() == null) {
            throw new Refused(
                    "%s version %d is not approved; uns-hub ml approve it, or force with a reason"
                            .formatted(model, version));
        }
        if (now.approvedUtc().plus(APPROVAL).isBefore(clock.instant())) {
            throw new Refused(
                    "%s version %d was approved at %s, more than %d h ago; approve it again"
                            .formatted(model, version, now.approvedUtc(), APPROVAL.toHours()));
        }
    }

    /**
     * How a version in production does on its holdout with the software of now, beside what it did
     * when it was trained.
     *
     * @param model plant, circuit and name
     * @param version in production
     * @param then figures of its training; empty for none
     * @param now figures of now
     * @param same whether they are the same, but for rounding
     */
    public record Retest(
            String model,
            int version,
            Map<String, Double> then,
            Map<String, Double> now,
            boolean same) {}

    /**
     * Tests all versions in production with the software of now. When all do what they did, and
     * only then, they are taken to be tested in the environment that their configuration names.
     *
     * @throws Refused if one of them cannot be read
     */
    public List<Retest> retest(List<CircuitConfig> configs) throws IOException, Refused {
        List<Retest> tests = new ArrayList<>();
        for (CircuitConfig config : configs) {
            Integer version = stages(config.id()).production();
            if (version != null) {
                tests.add(retest(config, card(config.id(), version)));
            }
        }
        if (tests.stream().allMatch(Retest::same)) {
            for (CircuitConfig config : configs) {
                change(config.id(), stages -> tested(stages, config));
            }
        }
        return tests;
    }

    private Retest retest(CircuitConfig config, ModelCard card) throws IOException, Refused {
        Map<String, Double> now =
                scorer(card, config).figures(Examples.of(holdout(card, config), config));
        Map<String, Double> then = card.holdout() == null ? Map.of() : card.holdout();
        boolean same =
                then.entrySet().stream()
                        .allMatch(of -> Math.abs(of.getValue() - now.get(of.getKey())) < ROUNDING);
        return new Retest(card.model(), card.version(), then, now, same);
    }

    private Stages tested(Stages stages, CircuitConfig config) throws IOException {
        if (stages.production() == null) {
            return stages;
        }
        String environment = config.environmentVersion();
        stages.versions()
                .computeIfPresent(stages.production(), (of, was) -> was.testedIn(environment));
        changes.note(
                "model-retested",
                Map.of(
                        "model", config.id(),
                        "version", stages.production(),
                        "environment", environment));
        return stages;
    }

    /**
     * Reads the version in production, to score with it.
     *
     * @throws Refused as {@link #scorer}, or if it was not tested in the environment of its
     *     configuration
     */
    LoadedVersion production(CircuitConfig config, Stages stages) throws IOException, Refused {
        ModelCard card = card(config.id(), stages.production());
        String tested = stages.versions().get(stages.production()).environment();
        String environment = tested == null ? card.environment().get("version") : tested;
        if (!config.environmentVersion().equals(environment)) {
            throw new Refused(
                    "%s version %d was tested in environment %s, and its configuration says %s; uns-hub ml retest tests all models, and none is switched before"
                            .formatted(
                                    config.id(),
                                    card.version(),
                                    environment,
                                    config.environmentVersion()));
        }
        return new LoadedVersion(card, scorer(card, config));
    }

    private Comparison compare(CircuitConfig config, int version, Stages stages)
            throws IOException, Refused {
        ModelCard card = card(config.id(), version);
        Scorer scorer = scorer(card, config);
        if (config.task() == CircuitConfig.Task.ANOMALY) {
            return new Comparison(version, stages.production(), null, 0, 0, true);
        }
        History holdout = holdout(card, config);
        Deciding deciding = Deciding.of(config.task());
        double own = scorer.figures(Examples.of(holdout, config)).get(deciding.figure);
        Optional<Double> production = figure(config, stages.production(), holdout, deciding);
        double other = production.orElseGet(() -> card.figures().get(deciding.figure).baseline());
        return new Comparison(
                version,
                production.isPresent() ? stages.production() : null,
                deciding.figure,
                own,
                other,
                deciding.isBetter(own, other));
    }

    /** The figure of the version in production; empty for none that can be read. */
    private Optional<Double> figure(
            CircuitConfig config, Integer production, History holdout, Deciding deciding)
            throws IOException {
        if (production == null) {
            return Optional.empty();
        }
        try {
            Scorer scorer = scorer(card(config.id(), production), config);
            return Optional.of(scorer.figures(Examples.of(holdout, config)).get(deciding.figure));
        } catch (Refused e) {
            // damaged, or with other features: there is nothing to keep
            return Optional.empty();
        }
    }

    private static Standing standing(String model, int version, Stages stages) throws Refused {
        Standing standing = stages.versions().get(version);
        if (standing == null) {
            throw new Refused(
                    "%s has no version %d, it has %s"
                            .formatted(model, version, stages.versions().keySet()));
        }
        return standing;
    }

    private interface Change {
        Stages of(Stages stages) throws IOException, Refused;
    }

    private void change(String model, Change change) throws IOException, Refused {
        Object outcome =
                locked(
                        model,
                        () -> {
                            try {
                                keep(model, change.of(stages(model)));
                                return null;
                            } catch (Refused e) {
                                return e;
                            }
                        });
        if (outcome instanceof Refused refused) {
            throw refused;
        }
    }

    private void keep(String model, Stages stages) throws IOException {
        replace(folder.resolve(model).resolve(STAGES), stages);
    }

    private static void replace(Path file, Object content) throws IOException {
        WholeFile.replace(file, to -> JSON.writeValue(to.toFile(), content));
    }

    private <T> T locked(String model, Callable<T> work) throws IOException {
        Path own = Files.createDirectories(folder.resolve(model));
        try (FileChannel channel = OwnerOnlyFile.open(own.resolve("lock"))) {
            // let go of with the channel
            channel.lock();
            return work.call();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private Path version(String model, int version) {
        return folder.resolve(model).resolve(Integer.toString(version));
    }

    /** SHA-256 of a file, in hexadecimal digits. */
    static String sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (InputStream in =
                new DigestInputStream(
                        new BufferedInputStream(Files.newInputStream(file)), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** All models that were trained, in the order of their names. */
    public List<String> models() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.walk(folder, 4)) {
            return files.filter(file -> file.endsWith(STAGES))
                    .map(file -> folder.relativize(file.getParent()).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }
}
