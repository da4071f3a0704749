package io.unshub.scoring;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.unshub.uns.Excerpt;
import io.unshub.uns.RulesException;
import io.unshub.uns.RulesFile;
import io.unshub.uns.TopicFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One model of one circuit, as {@code config/ml/{plant}/{circuit}.yml} describes it: what it sees,
 * how it is trained, and where its score goes. See {@code docs/ml/configuration.md}.
 *
 * @param plant name of the plant, also of the folder
 * @param circuit name of the circuit, also of the file
 * @param model name of the model; its score stands on {@code _score-MODEL}
 * @param version of this configuration, {@code 1.0.0}; the score's lineageVersion
 * @param environmentVersion of the software that a model was trained with, as its owner counts
 * @param equipment the equipment whose tags the inputs are, down to the sixth level
 * @param inputs input name → tag, in order
 * @param columns input, target, {@code unit} or {@code time} → column of the training data, where
 *     it has another name
 * @param trigger the input whose readings ask for a score
 * @param missing what becomes of a score when a feature is missing
 * @param features what the model sees
 * @param task what is learned
 * @param target column of the training data; null for {@link Task#ANOMALY}
 * @param positive the class whose probability is the score; null unless {@link Task#CLASSIFICATION}
 * @param targetCap larger targets count as this in training; null for none
 * @param judge what a model is judged on
 * @param cutoff training data from this day on is left out; null for none
 * @param algorithm how it is learned
 * @param hyperparameters those that are not left to their defaults
 * @param alarm score at which it is worth an alarm; null for never
 * @param alarmBelow whether low scores are the bad ones, as with a remaining life
 * @param units UCUM code of the score
 * @param onDrift what is done when the inputs drift
 * @param trainingData where recent records are found for a new training; null for none
 */
public record CircuitConfig(
        String plant,
        String circuit,
        String model,
        String version,
        String environmentVersion,
        TopicFilter equipment,
        Map<String, String> inputs,
        Map<String, String> columns,
        String trigger,
        Missing missing,
        FeatureSet features,
        Task task,
        String target,
        String positive,
        Double targetCap,
        Judge judge,
        LocalDate cutoff,
        Algorithm algorithm,
        Map<String, Double> hyperparameters,
        Double alarm,
        boolean alarmBelow,
        String units,
        OnDrift onDrift,
        Path trainingData) {

    /** Where the files stand in the configuration folder. */
    public static final String FOLDER = "ml";

    private static final String SEE = ", see docs/ml/configuration.md";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}";

    /** What is learned. */
    public enum Task {
        /** A class; the score is the probability of one of them. */
        CLASSIFICATION,
        /** A number. */
        REGRESSION,
        /** How unlike the training data something is. */
        ANOMALY
    }

    /** What a model is judged on, of the units that it has not seen. */
    public enum Judge {
        /** Each of their rows. */
        ROWS,
        /** One row of each, drawn at random: a life is known to some point. */
        UNITS
    }

    /** What is done when the inputs drift. */
    public enum OnDrift {
        /** It is told. */
        NOTIFY,
        /** It is told, and a candidate is trained on recent data. */
        RETRAIN
    }

    /** What becomes of a score when a feature cannot be made. */
    public enum Missing {
        /** A score without a value, of quality ERROR. */
        ERROR,
        /** No score; it is counted. */
        SKIP,
        /** The mean of the training data takes the feature's place. */
        MEAN;

        /** Whether a vector can be scored as it is, NaN for what is missing. */
        boolean bears(double[] vector) {
            return this == MEAN || Arrays.stream(vector).noneMatch(Double::isNaN);
        }
    }

    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    private record Content(
            String plantId,
            String circuitId,
            String model,
            String version,
            String environmentVersion,
            String equipment,
            LinkedHashMap<String, String> inputs,
            Map<String, String> columns,
            String trigger,
            String lateness,
            String maxAge,
            String missing,
            List<Entry> features,
            String task,
            String target,
            String positive,
            Double targetCap,
            String judge,
            String cutoffDate,
            String algorithm,
            Map<String, Double> hyperparameters,
            Thresholds thresholds,
            String scoreUnits,
            String onDrift,
            String trainingData) {}

    private record Entry(String of, String as, String with, String over, Integer steps) {}

    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    private record Thresholds(Double alarm, Double alarmBelow) {}

    /** The model's name with its plant and circuit: {@code plant1/press/overheat}. */
    public String id() {
        return plant + "/" + circuit + "/" + model;
    }

    /** Whether the model sees the readings of a topic. */
    public boolean looksAt(String topic) {
        int end = topic.lastIndexOf('/');
        return end > 0
                && equipment.matches(topic.substring(0, end))
                && inputs.containsValue(topic.substring(end + 1));
    }

    /** Whether a score can be told from others by what is done about it. */
    boolean canAct() {
        return alarm != null || task == Task.CLASSIFICATION;
    }

    /** Whether something is done about a score: it crosses the threshold, or 0.5 for a class. */
    boolean acts(double score) {
        return alarm == null ? canAct() && score >= 0.5 : crosses(score);
    }

    /** Whether a score is worth an alarm. */
    boolean crosses(double score) {
        return alarm != null && (alarmBelow ? score <= alarm : score >= alarm);
    }

    /** The last level of the topic of its scores. */
    public String scoreTag() {
        return "_score-" + model;
    }

    /**
     * Reads all files of a configuration folder, in the order of their names.
     *
     * @param config the configuration folder; one without a folder {@code ml} has no models
     * @throws RulesException if one of them is not valid
     */
    public static List<CircuitConfig> loadAll(Path config) {
        List<CircuitConfig> all = new ArrayList<>();
        Map<String, Path> ids = new TreeMap<>();
        for (Path file : files(config)) {
            CircuitConfig circuit = load(file);
            Path other = ids.put(circuit.id(), file);
            if (other != null) {
                throw new RulesException(
                        file + " describes " + circuit.id() + " as " + other + " does; rename one");
            }
            all.add(circuit);
        }
        return all;
    }

    /**
     * Reads the configuration of one model: where its name says that the file is, so that no other
     * file is in the way, or else wherever it is.
     *
     * @param config the configuration folder
     * @param id plant, circuit and name
     * @throws RulesException if there is none, or it is not valid
     */
    public static CircuitConfig find(Path config, String id) {
        if (id.matches(NAME + "/" + NAME + "/" + NAME)) {
            Path file =
                    config.resolve(FOLDER).resolve(id.substring(0, id.lastIndexOf('/')) + ".yml");
            if (Files.exists(file)) {
                CircuitConfig circuit = load(file);
                if (circuit.id().equals(id)) {
                    return circuit;
                }
            }
        }
        List<CircuitConfig> all = loadAll(config);
        return all.stream()
                .filter(circuit -> circuit.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () ->
                                new RulesException(
                                        "%s has no model %s, it has %s"
                                                .formatted(
                                                        config.resolve(FOLDER),
                                                        Excerpt.of(id),
                                                        all.stream()
                                                                .map(CircuitConfig::id)
                                                                .toList())));
    }

    /** The files of a configuration folder, in the order of their names. */
    static List<Path> files(Path config) {
        return files(config, 2, file -> file.toString().endsWith(".yml"));
    }

    /** Files that look like models of a configuration folder, and are not where any is read. */
    public static List<Path> unread(Path config) {
        List<Path> read = files(config);
        return files(
                config,
                Integer.MAX_VALUE,
                file -> file.toString().matches(".*\\.ya?ml") && !read.contains(file));
    }

    private static List<Path> files(Path config, int depth, Predicate<Path> which) {
        Path folder = config.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.filter(which).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new RulesException(
                    folder + " cannot be read: " + e + "; check the path and its permissions", e);
        }
    }

    /**
     * Reads one file.
     *
     * @throws RulesException if it is not valid; the message names file, key, value and next step
     */
    public static CircuitConfig load(Path file) {
        Content content = RulesFile.read(file, Content.class);
        Checks check = new Checks(file.toString());
        String plant = check.name("plant_id", content.plantId());
        String circuit = check.name("circuit_id", content.circuitId());
        Map<String, String> inputs = content.inputs();
        check.that(
                inputs != null && !inputs.isEmpty(), "has no inputs; give at least one, name: tag");
        inputs.forEach(
                (name, tag) -> {
                    check.name("inputs", name);
                    check.that(
                            tag != null && !tag.isEmpty() && tag.indexOf('/') < 0,
                            "inputs." + name + " is " + tag + "; give the name of a tag");
                });
        check.that(
                inputs.containsKey(content.trigger()),
                "trigger is " + content.trigger() + "; name one of the inputs " + inputs.keySet());
        Task task = check.word("task", content.task(), Task.values(), CircuitConfig::word);
        check.that(
                (task == Task.ANOMALY) == (content.target() == null),
                task == Task.ANOMALY
                        ? "has a target, and anomalies are learned without; take it out"
                        : "has no target; name the column of the training data");
        check.that(
                (task == Task.CLASSIFICATION) == (content.positive() != null),
                task == Task.CLASSIFICATION
                        ? "has no positive; name the class whose probability is the score"
                        : "has positive, which goes with task classification; take it out");
        check.that(
                content.targetCap() == null || task == Task.REGRESSION,
                "has target_cap, which goes with task regression; take it out");
        Algorithm algorithm =
                check.word("algorithm", content.algorithm(), Algorithm.values(), Algorithm::word);
        check.that(
                (algorithm == Algorithm.ONE_CLASS_SVM) == (task == Task.ANOMALY),
                "has algorithm "
                        + algorithm.word()
                        + " for task "
                        + word(task)
                        + "; one-class-svm goes with anomaly, the others with the rest");
        Map<String, Double> hyperparameters =
                content.hyperparameters() == null ? Map.of() : content.hyperparameters();
        hyperparameters.forEach(
                (key, value) -> {
                    check.that(
                            algorithm.parameters().contains(key),
                            "hyperparameters has the unknown key "
                                    + Excerpt.of(key)
                                    + ", "
                                    + algorithm.word()
                                    + " has "
                                    + algorithm.parameters()
                                    + "; correct it");
                    check.that(
                            value != null && Double.isFinite(value) && value >= 0,
                            "hyperparameters."
                                    + key
                                    + " is "
                                    + value
                                    + "; give a number, 0 or more");
                });
        Thresholds thresholds =
                content.thresholds() == null ? new Thresholds(null, null) : content.thresholds();
        check.that(
                thresholds.alarm() == null || thresholds.alarmBelow() == null,
                "thresholds has alarm and alarm_below; give one");
        OnDrift onDrift =
                content.onDrift() == null
                        ? OnDrift.NOTIFY
                        : check.word(
                                "on_drift",
                                content.onDrift(),
                                OnDrift.values(),
                                CircuitConfig::word);
        check.that(
                onDrift == OnDrift.NOTIFY || content.trainingData() != null,
                "has on_drift: retrain and no training_data; name the file that has recent records");
        return new CircuitConfig(
                plant,
                circuit,
                check.name("model", content.model()),
                check.matches("version", content.version(), "\\d+\\.\\d+\\.\\d+", "1.0.0"),
                check.matches(
                        "environment_version", content.environmentVersion(), ".{1,64}", "\"1\""),
                check.equipment(content.equipment()),
                inputs,
                check.columns(content),
                content.trigger(),
                content.missing() == null
                        ? Missing.ERROR
                        : check.word(
                                "missing",
                                content.missing(),
                                Missing.values(),
                                CircuitConfig::word),
                check.features(content, List.copyOf(inputs.keySet())),
                task,
                content.target(),
                content.positive(),
                content.targetCap(),
                content.judge() == null
                        ? Judge.ROWS
                        : check.word("judge", content.judge(), Judge.values(), CircuitConfig::word),
                check.date("cutoff_date", content.cutoffDate()),
                algorithm,
                new TreeMap<>(hyperparameters),
                thresholds.alarm() == null ? thresholds.alarmBelow() : thresholds.alarm(),
                thresholds.alarmBelow() != null,
                content.scoreUnits() == null ? "1" : content.scoreUnits(),
                onDrift,
                content.trainingData() == null ? null : Path.of(content.trainingData()));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Checks that end with a message about one file. */
    private record Checks(String file) {

        void that(boolean holds, String problem) {
            if (!holds) {
                throw new RulesException(file + " " + problem + SEE);
            }
        }

        String matches(String key, String value, String pattern, String example) {
            that(
                    value != null && value.matches(pattern),
                    key + " is " + value + "; give it like " + example);
            return value;
        }

        String name(String key, String value) {
            that(
                    value != null && value.matches(NAME),
                    key
                            + " is "
                            + Excerpt.of(String.valueOf(value))
                            + "; give letters, digits, - and _, 64 at most");
            return value;
        }

        <T> T word(String key, String value, T[] all, Function<T, String> words) {
            Optional<T> found =
                    Arrays.stream(all).filter(one -> words.apply(one).equals(value)).findFirst();
            that(
                    found.isPresent(),
                    key
                            + " is "
                            + Excerpt.of(String.valueOf(value))
                            + "; give one of "
                            + Arrays.stream(all).map(words).collect(Collectors.joining(", ")));
            return found.get();
        }

        TopicFilter equipment(String text) {
            that(text != null, "has no equipment; give enterprise/.../equipment, with + for any");
            that(
                    text.indexOf('#') < 0,
                    "equipment is " + text + "; give every level, with + for any");
            try {
                return TopicFilter.of(text);
            } catch (IllegalArgumentException e) {
                throw new RulesException(file + " equipment: " + e.getMessage(), e);
            }
        }

        Map<String, String> columns(Content content) {
            Map<String, String> columns = content.columns() == null ? Map.of() : content.columns();
            for (String name : columns.keySet()) {
                that(
                        content.inputs().containsKey(name)
                                || name.equals(content.target())
                                || List.of(History.UNIT, History.TIME).contains(name),
                        "columns has "
                                + Excerpt.of(name)
                                + ", which is no input, nor the target, unit or time; correct it");
            }
            return columns;
        }

        LocalDate date(String key, String text) {
            try {
                return text == null ? null : LocalDate.parse(text);
            } catch (DateTimeParseException e) {
                throw new RulesException(
                        file
                                + " "
                                + key
                                + " is "
                                + Excerpt.of(text)
                                + "; give it like 2026-01-31"
                                + SEE,
                        e);
            }
        }

        double seconds(String key, String text, String preset) {
            String given = text == null ? preset : text;
            try {
                Duration duration = Duration.parse("PT" + given.toUpperCase(Locale.ROOT));
                that(!duration.isNegative(), key + " is " + given + "; give 0s or more");
                return duration.toMillis() / 1e3;
            } catch (DateTimeParseException e) {
                throw new RulesException(
                        file
                                + " "
                                + key
                                + " is "
                                + Excerpt.of(given)
                                + "; give it like 10m or 1h30m"
                                + SEE,
                        e);
            }
        }

        FeatureSet features(Content content, List<String> inputs) {
            that(
                    content.features() != null && !content.features().isEmpty(),
                    "has no features; give at least one, - {of: INPUT}");
            List<Feature> features = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (Entry entry : content.features()) {
                Feature feature = feature(entry, inputs);
                that(names.add(feature.name()), "has the feature " + feature.name() + " twice");
                features.add(feature);
            }
            return new FeatureSet(
                    inputs,
                    features,
                    seconds("lateness", content.lateness(), "5s"),
                    seconds("max_age", content.maxAge(), "5m"));
        }

        private Feature feature(Entry entry, List<String> inputs) {
            that(
                    entry != null && inputs.contains(entry.of()),
                    "has a feature of "
                            + (entry == null ? null : entry.of())
                            + "; name one of the inputs "
                            + inputs);
            String where = "feature of " + entry.of() + ": ";
            Feature.Kind kind =
                    entry.as() == null
                            ? Feature.Kind.LAST
                            : word(
                                    where + "as",
                                    entry.as(),
                                    Feature.Kind.values(),
                                    Feature.Kind::word);
            that(
                    kind.overWindow() == (entry.over() != null),
                    where
                            + kind.word()
                            + (kind.overWindow() ? " needs over" : " has over")
                            + "; over: 10m goes with mean, min, max, std and slope");
            that(
                    (kind == Feature.Kind.LAG) == (entry.steps() != null),
                    where
                            + kind.word()
                            + (kind == Feature.Kind.LAG ? " needs steps" : " has steps")
                            + "; steps: 1 goes with lag");
            that(
                    kind.ofTwo() == (entry.with() != null),
                    where
                            + kind.word()
                            + (kind.ofTwo() ? " needs with" : " has with")
                            + "; with: INPUT goes with difference, product and ratio");
            that(
                    entry.with() == null || inputs.contains(entry.with()),
                    where + "with is " + entry.with() + "; name one of the inputs " + inputs);
            int steps = entry.steps() == null ? 0 : entry.steps();
            that(
                    steps >= 0 && steps <= 10_000 && (kind != Feature.Kind.LAG || steps > 0),
                    where + "steps is " + steps + "; give 1 to 10000");
            double seconds = entry.over() == null ? 0 : seconds(where + "over", entry.over(), null);
            that(entry.over() == null || seconds > 0, where + "over is 0; give a length");
            String name =
                    switch (kind) {
                        case LAST -> entry.of();
                        case LAG -> entry.of() + "_lag_" + steps;
                        case DIFFERENCE, PRODUCT, RATIO ->
                                entry.of() + "_" + kind.word() + "_" + entry.with();
                        default -> entry.of() + "_" + kind.word() + "_" + entry.over();
                    };
            int input = inputs.indexOf(entry.of());
            int with = kind.ofTwo() ? inputs.indexOf(entry.with()) : input;
            return new Feature(name, input, with, kind, steps, seconds);
        }
    }
}
