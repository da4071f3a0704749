package io.unshub.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.Drift;
import io.unshub.scoring.GoNoGo;
import io.unshub.scoring.ModelBench;
import io.unshub.scoring.ModelCard;
import io.unshub.scoring.Registry;
import io.unshub.scoring.Registry.Refused;
import io.unshub.scoring.SearchPicture;
import io.unshub.scoring.Training;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.RulesException;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub ml}: models on files; a hub that runs sees what changes within a second. */
@Command(
        name = "ml",
        description = "Trains, judges and promotes the models of plants and circuits.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class MlCommand implements Runnable {

    private static final int FINE = 0;
    private static final int FINDING = 1;
    private static final int FAILED = 2;
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private static final ObjectWriter LINES =
            JSON.writerFor(ModelBench.BatchScore.class)
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .withRootValueSeparator("\n");
    private static final int RETRAINING_SEEDS = 3;

    @Spec private CommandSpec spec;

    /** Where configuration and data are, and who asks. */
    static final class Folders {
        @Option(
                names = "--config",
                paramLabel = "DIR",
                defaultValue = "config",
                description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
        private Path config;

        @Option(
                names = "--data-dir",
                paramLabel = "DIR",
                defaultValue = "data",
                description = "The hub's data folder. Default: ${DEFAULT-VALUE}.")
        private Path data;

        @Option(
                names = "--by",
                paramLabel = "NAME",
                defaultValue = "${sys:user.name}",
                description = "Who does it, for cards and audit. Default: ${DEFAULT-VALUE}.")
        private String by;

        private Registry registry() {
            AuditFile audit = AuditFile.in(data, Clock.systemUTC());
            return new Registry(
                    data,
                    Clock.systemUTC(),
                    (what, about) -> audit.add(by, AuditEvent.of(what), about));
        }

        private CircuitConfig circuit(String model) {
            return CircuitConfig.find(config, model);
        }
    }

    /** Which model, and which of its versions. */
    static final class Which {
        @Parameters(
                index = "0",
                paramLabel = "MODEL",
                arity = "0..1",
                description = "PLANT/CIRCUIT/MODEL.")
        private String first;

        @Parameters(
                index = "1",
                paramLabel = "VERSION",
                arity = "0..1",
                description = "Default: the one in production, or the newest where there is none.")
        private Integer second;

        @Option(names = "--model", paramLabel = "MODEL", description = "The same as MODEL.")
        private String model;

        private String model(CommandSpec spec) {
            if ((first == null) == (model == null)) {
                throw new ParameterException(spec.commandLine(), "give a MODEL");
            }
            return first == null ? model : first;
        }

        private int version(CommandSpec spec, Folders folders) throws IOException {
            if (second != null) {
                return second;
            }
            Registry.Stages stages = folders.registry().stages(model(spec));
            if (stages.versions().isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), model(spec) + " has no version; train one");
            }
            return stages.production() == null ? stages.versions().lastKey() : stages.production();
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "ml needs a subcommand; try: ml list");
    }

    @Command(
            name = "lint",
            description = "Checks the configuration of all models.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = "Exit code: 0 all is well, 1 something is wrong.")
    int lint(
            @Option(
                            names = "--config",
                            paramLabel = "DIR",
                            defaultValue = "config",
                            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
                    Path config) {
        PrintWriter out = spec.commandLine().getOut();
        try {
            List<CircuitConfig> all = CircuitConfig.loadAll(config);
            List<String> problems = new ArrayList<>();
            Path hierarchy = config.resolve("uns/hierarchy.yaml");
            int levels =
                    Files.exists(hierarchy) ? HierarchyRules.load(hierarchy).levels().size() : 0;
            for (CircuitConfig circuit : all) {
                UcumUnits.problem(circuit.units())
                        .ifPresent(text -> problems.add(circuit.id() + " score_units: " + text));
                int own = circuit.equipment().toString().split("/", -1).length;
                if (levels > 0 && own != levels - 1) {
                    problems.add(
                            "%s equipment: %s has %d levels, equipment has %d; see docs/uns/hierarchy.md"
                                    .formatted(circuit.id(), circuit.equipment(), own, levels - 1));
                }
            }
            CircuitConfig.unread(config)
                    .forEach(
                            file ->
                                    problems.add(
                                            file
                                                    + " is not read; models stand in ml/{plant}/{circuit}.yml"));
            problems.forEach(out::println);
            out.printf(
                    "%d models: %s%n",
                    all.size(), problems.isEmpty() ? "all is well" : problems.size() + " problems");
            return problems.isEmpty() ? FINE : FINDING;
        } catch (RulesException e) {
            out.println(e.getMessage());
            return FINDING;
        }
    }

    @Command(
            name = "changed",
            description = "Lists the models whose configuration changed: what is to be trained.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = "Exit code: 0 none changed, 1 some did, 2 it could not be told.")
    int changed(
            @Mixin Folders folders,
            @Option(
                            names = "--since",
                            paramLabel = "REF",
                            defaultValue = "HEAD",
                            description =
                                    "A commit, branch or tag of git. Default: ${DEFAULT-VALUE}.")
                    String since)
            throws InterruptedException, IOException {
        if (since.startsWith("-")) {
            throw new ParameterException(
                    spec.commandLine(), "--since is " + since + "; name a commit, branch or tag");
        }
        PrintWriter out = spec.commandLine().getOut();
        Path root = folders.config.resolve(CircuitConfig.FOLDER);
        if (!Files.isDirectory(root)) {
            throw new IOException("no folder " + root + "; name the one above it with --config");
        }
        // new files are not in git's comparison
        String names =
                git(root, "diff", "-z", "--name-only", "--relative", since, "--", ".")
                        + git(root, "ls-files", "-z", "--others", "--exclude-standard", ".");
        List<String> models = new ArrayList<>();
        for (String name : new TreeSet<>(List.of(names.split("\0")))) {
            Path file = file(root, name);
            if (name.endsWith(".yml") && Files.exists(file)) {
                models.add(CircuitConfig.load(file).id());
            }
        }
        models.forEach(out::println);
        return models.isEmpty() ? FINE : FINDING;
    }

    /** A file by its bytes, as a locale may have no characters for its name. */
    private static Path file(Path folder, String bytes) {
        StringBuilder uri = new StringBuilder(folder.toUri().toString());
        for (char one : bytes.toCharArray()) {
            uri.append(one == '/' ? "/" : "%%%02X".formatted((int) one));
        }
        return Path.of(URI.create(uri.toString()));
    }

    /** What git says, a character for each byte. */
    private static String git(Path folder, String... words)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        Process git =
                new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile()).start();
        String output = new String(git.getInputStream().readAllBytes(), ISO_8859_1);
        String trouble = new String(git.getErrorStream().readAllBytes(), UTF_8);
        if (git.waitFor() != 0) {
            throw new IOException(
                    "git cannot compare %s (%s); name a commit that has it"
                            .formatted(folder, trouble.strip()));
        }
        return output;
    }

    @Command(
            name = "train",
            description = "Trains models, and adds each to the registry as a candidate.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%n",
            footer = {
                "Data is CSV with a header, or Parquet: unit, time, the model's inputs and target; or",
                "a file of C-MAPSS. A folder has PLANT/CIRCUIT.csv for each.",
                "Exit code: 0 all are trained, 2 some could not be."
            })
    int train(
            @Mixin Folders folders,
            @Parameters(
                            paramLabel = "MODEL",
                            arity = "1..*",
                            description = "PLANT/CIRCUIT/MODEL, or all.")
                    List<String> models,
            @Option(
                            names = "--data",
                            paramLabel = "PATH",
                            required = true,
                            description = "A file, or a folder with one for each circuit.")
                    Path data,
            @Option(
                            names = "--seeds",
                            paramLabel = "N",
                            defaultValue = "5",
                            description =
                                    "Over how many splits figures are. Default: ${DEFAULT-VALUE}.")
                    int seeds,
            @Option(
                            names = "--trials",
                            paramLabel = "N",
                            defaultValue = "0",
                            description =
                                    "How many hyperparameters are tried. Default: ${DEFAULT-VALUE}.")
                    int trials,
            @Option(
                            names = "--parallel",
                            paramLabel = "N",
                            defaultValue = "1",
                            description =
                                    "How many are trained side by side. Default: ${DEFAULT-VALUE}.")
                    int parallel)
            throws InterruptedException {
        if (seeds < 1 || trials < 0 || parallel < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--seeds and --parallel are 1 or more, --trials is 0 or more");
        }
        ExecutorService threads = Executors.newFixedThreadPool(parallel);
        try {
            ModelBench bench = new ModelBench(folders.registry(), Clock.systemUTC());
            List<CircuitConfig> circuits =
                    models.equals(List.of("all"))
                            ? CircuitConfig.loadAll(folders.config)
                            : models.stream().distinct().map(folders::circuit).toList();
            String commit = commit(folders.config);
            List<Future<ModelCard>> cards = new ArrayList<>();
            for (CircuitConfig circuit : circuits) {
                Path file =
                        Files.isDirectory(data)
                                ? data.resolve(circuit.plant()).resolve(circuit.circuit() + ".csv")
                                : data;
                cards.add(
                        threads.submit(
                                () ->
                                        bench.train(
                                                circuit,
                                                file,
                                                new Training.Options(seeds, trials),
                                                folders.by,
                                                commit)));
            }
            int exit = FINE;
            for (Future<ModelCard> card : cards) {
                try {
                    say(card.get());
                } catch (ExecutionException e) {
                    spec.commandLine()
                            .getErr()
                            .println("uns-hub: " + UnsHub.sentence(e.getCause()));
                    exit = FAILED;
                }
            }
            return exit;
        } finally {
            threads.shutdownNow();
        }
    }

    @Command(
            name = "import",
            description = "Adds a model of another tool, as ONNX, to the registry as a candidate.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%n",
            footer = {
                "One input, a float tensor of [batch, features] in the order of the configuration.",
                "Out come probabilities of the classes, alone or after the label, or one number.",
                "Exit code: 0 it is a candidate, 2 it is not."
            })
    int bringIn(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model,
            @Parameters(paramLabel = "FILE", description = "The model, as ONNX.") Path onnx,
            @Option(
                            names = "--data",
                            paramLabel = "FILE",
                            required = true,
                            description = "Readings that the model has not seen, as for training.")
                    Path data,
            @Option(
                            names = "--classes",
                            paramLabel = "NAME",
                            split = ",",
                            description =
                                    "Its classes, in its order. Default: those of the data, sorted.")
                    List<String> classes)
            throws InterruptedException, IOException, CommandFailed {
        try {
            say(
                    new ModelBench(folders.registry(), Clock.systemUTC())
                            .bringIn(
                                    folders.circuit(model),
                                    onnx,
                                    classes,
                                    data,
                                    folders.by,
                                    commit(folders.config)));
            return FINE;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }

    @Command(
            name = "retest",
            description = "Tests all models in production with the software of now.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Each is judged on the rows that it has not seen in training, and must do what it",
                "did then. When all do, a raised environment_version takes effect; before, none.",
                "Exit code: 0 all do what they did, 1 some do not, 2 it could not be told."
            })
    int retest(@Mixin Folders folders) throws IOException, Refused {
        PrintWriter out = spec.commandLine().getOut();
        List<Registry.Retest> tests =
                folders.registry().retest(CircuitConfig.loadAll(folders.config));
        tests.forEach(
                test ->
                        out.printf(
                                "%s version %d: %s%n",
                                test.model(),
                                test.version(),
                                test.same()
                                        ? "does what it did " + test.now()
                                        : "did " + test.then() + " and does " + test.now()));
        boolean same = tests.stream().allMatch(Registry.Retest::same);
        said(
                same
                        ? "%d models do what they did; their environment takes effect"
                        : "%d models: nothing is switched; train those that differ again",
                tests.size());
        return same ? FINE : FINDING;
    }

    @Command(
            name = "retrain",
            description =
                    "Trains a model on recent data; a candidate that is better waits in staging.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%n",
            footer = {
                "Better is judged on what the candidate has not seen itself. A hub does this by",
                "itself when a model with on_drift: retrain drifts.",
                "Exit code: 0 it waits in staging, 1 it is no better, 2 it could not be trained."
            })
    int retrain(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model,
            @Option(
                            names = "--data",
                            paramLabel = "FILE",
                            description =
                                    "Recent readings, as for training. Default: the file training_data of the model's configuration, in the data folder.")
                    Path data)
            throws InterruptedException, IOException, Refused, CommandFailed {
        try {
            CircuitConfig circuit = folders.circuit(model);
            if (data == null && circuit.trainingData() == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "retrain needs --data, as the configuration of "
                                + model
                                + " has no training_data");
            }
            Registry.Comparison compared =
                    new ModelBench(folders.registry(), Clock.systemUTC())
                            .retrain(
                                    circuit,
                                    data == null
                                            ? folders.data.resolve(circuit.trainingData())
                                            : data,
                                    new Training.Options(RETRAINING_SEEDS, 0),
                                    folders.by,
                                    commit(folders.config));
            said(
                    compared.better()
                            ? "%s version %d waits in staging: %s"
                            : "%s version %d stays a candidate, it is no better: %s",
                    model,
                    compared.version(),
                    compared.sentence());
            return compared.better() ? FINE : FINDING;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }

    @Command(
            name = "try",
            description = "Has a version score beside the one in production, to compare them.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%n",
            footer = {
                "As a shadow (--canary 0) nobody sees its scores. A canary's equipment is chosen",
                "by its name, and stays the same.",
                "Exit code: 0 it is tried out, 2 it is not."
            })
    int tryOut(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model,
            @Parameters(paramLabel = "VERSION", arity = "0..1") Integer version,
            @Option(
                            names = "--canary",
                            paramLabel = "PERCENT",
                            defaultValue = "0",
                            description =
                                    "Of the equipment, whose scores are this version's. Default: ${DEFAULT-VALUE}.")
                    int canary,
            @Option(names = "--end", description = "Ends the trial.") boolean end)
            throws IOException, Refused {
        if (end == (version != null)) {
            throw new ParameterException(spec.commandLine(), "give a VERSION, or --end");
        }
        if (canary < 0 || canary > 100) {
            throw new ParameterException(
                    spec.commandLine(), "--canary is " + canary + "; give 0 to 100");
        }
        if (end) {
            folders.registry().endTrial(model);
            return said("%s: nothing is tried out any more", model);
        }
        folders.registry().tryOut(folders.circuit(model), version, canary);
        return said(
                "%s version %d scores beside production%s; uns-hub ml compare %s says how it does",
                model,
                version,
                canary == 0 ? ", unseen" : ", and for " + canary + " % of the equipment",
                model);
    }

    @Command(
            name = "compare",
            description = "Says whether the version on trial should go into production.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%n",
            footer = {
                "The figures are the running hub's, and some seconds old.",
                "Exit code: 0 go, 1 no go, 2 it could not be told."
            })
    int compare(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model,
            @Option(
                            names = "--least-compared",
                            paramLabel = "N",
                            defaultValue = "1000",
                            description = "Scores of both. Default: ${DEFAULT-VALUE}.")
                    long leastCompared,
            @Option(
                            names = "--most-disagreement",
                            paramLabel = "SHARE",
                            defaultValue = "0.05",
                            description =
                                    "Of the scores that only one would act on. Default: ${DEFAULT-VALUE}.")
                    double mostDisagreement,
            @Option(
                            names = "--most-millis",
                            paramLabel = "MS",
                            defaultValue = "10",
                            description =
                                    "For a score, 99th percentile. Default: ${DEFAULT-VALUE}.")
                    double mostMillis)
            throws IOException, Refused {
        PrintWriter out = spec.commandLine().getOut();
        GoNoGo.Limits limits = new GoNoGo.Limits(leastCompared, mostDisagreement, mostMillis);
        GoNoGo checklist =
                GoNoGo.of(
                        folders.registry(),
                        folders.circuit(model),
                        limits,
                        Clock.systemUTC().instant());
        checklist
                .points()
                .forEach(point -> out.println((point.go() ? "   go  " : "no go  ") + point.text()));
        out.println(checklist.sentence());
        return checklist.go() ? FINE : FINDING;
    }

    @Command(
            name = "score",
            description = "Scores recorded readings, as the hub would have scored them.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%n",
            footer = {
                "One JSON object a line. The same version, data and range make the same file.",
                "Exit code: 0 it is written, 2 it is not."
            })
    int score(
            @Mixin Folders folders,
            @Mixin Which which,
            @Option(
                            names = "--data",
                            paramLabel = "FILE",
                            required = true,
                            description = "Readings, as for training; needs no target.")
                    Path data,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            required = true,
                            description = "Where the scores go; one that is there is replaced.")
                    Path to,
            @Option(
                            names = "--from",
                            paramLabel = "DATE",
                            description = "First day, UTC. What is before it fills windows.")
                    LocalDate from,
            @Option(names = "--until", paramLabel = "DATE", description = "Last day, UTC.")
                    LocalDate until)
            throws IOException, Refused, CommandFailed {
        try {
            int version = which.version(spec, folders);
            List<ModelBench.BatchScore> scores =
                    new ModelBench(folders.registry(), Clock.systemUTC())
                            .score(
                                    folders.circuit(which.model(spec)),
                                    version,
                                    data,
                                    begin(from, 0),
                                    begin(until, 1));
            WholeFile.replace(
                    to,
                    file -> {
                        try (SequenceWriter lines = LINES.writeValues(file.toFile())) {
                            lines.writeAll(scores);
                        }
                    });
            return said(
                    "%d scores of %s version %d in %s",
                    scores.size(), which.model(spec), version, to);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }

    private static Instant begin(LocalDate day, int later) {
        return day == null ? null : day.plusDays(later).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static String commit(Path config) throws InterruptedException {
        try {
            return git(config, "rev-parse", "HEAD").strip();
        } catch (IOException e) {
            // not under git
            return null;
        }
    }

    private void say(ModelCard card) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%s version %d: %s on %d examples of %d units, SHA-256 %s%n",
                card.model(),
                card.version(),
                card.algorithm(),
                card.data().examples(),
                card.data().units(),
                card.sha256());
        card.figures()
                .forEach(
                        (name, figure) ->
                                out.printf(
                                        Locale.ROOT,
                                        "  %-18s %8.4f ± %.4f   without learning %8.4f%n",
                                        name,
                                        figure.mean(),
                                        figure.spread(),
                                        figure.baseline()));
        for (int i = 0; i < card.trials().size(); i++) {
            ModelCard.Trial trial = card.trials().get(i);
            out.printf(
                    Locale.ROOT,
                    "  trial %2d  %.4f  best %.4f  %s%n",
                    i + 1,
                    trial.figure(),
                    trial.best(),
                    trial.hyperparameters());
        }
    }

    @Command(
            name = "list",
            description = "Lists the versions of all models, with their stages.",
            mixinStandardHelpOptions = true)
    int list(@Mixin Folders folders) throws IOException, Refused {
        PrintWriter out = spec.commandLine().getOut();
        Registry registry = folders.registry();
        for (String model : registry.models()) {
            for (var entry : registry.stages(model).versions().entrySet()) {
                ModelCard card = registry.card(model, entry.getKey());
                out.printf(
                        "%s  %d  %-10s  %s  %s by %s%n",
                        model,
                        entry.getKey(),
                        entry.getValue().stage().name().toLowerCase(Locale.ROOT),
                        card.sha256().substring(0, 12),
                        card.createdUtc(),
                        card.author());
            }
        }
        return FINE;
    }

    @Command(
            name = "show",
            description = "Prints the card of a version, as JSON.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model,
            @Parameters(paramLabel = "VERSION") int version,
            @Option(
                            names = "--picture",
                            paramLabel = "FILE",
                            description = "Draws the search for hyperparameters, as PNG.")
                    Path picture)
            throws IOException, Refused, CommandFailed {
        try {
            ModelCard card = folders.registry().card(model, version);
            if (picture != null) {
                SearchPicture.write(card, picture);
                return said("%d trials in %s", card.trials().size(), picture);
            }
            spec.commandLine().getOut().println(JSON.writeValueAsString(card));
            return FINE;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }

    @Command(
            name = "approve",
            description = "Approves a version for production, for 24 hours.",
            mixinStandardHelpOptions = true)
    int approve(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model,
            @Parameters(paramLabel = "VERSION") int version)
            throws IOException, Refused {
        folders.registry().approve(model, version, folders.by);
        return said("%s version %d is approved by %s", model, version, folders.by);
    }

    @Command(
            name = "promote",
            description = "Puts an approved version into production if it beats the one there.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Both are judged on what the new version has not seen in training.",
                "Exit code: 0 it is in production, 2 it is not."
            })
    int promote(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model,
            @Parameters(paramLabel = "VERSION") int version,
            @Option(
                            names = "--force",
                            paramLabel = "REASON",
                            description = "Although it is not approved or no better: why.")
                    String reason)
            throws IOException, Refused {
        if (reason != null && reason.isBlank()) {
            throw new ParameterException(spec.commandLine(), "--force needs a reason");
        }
        String compared = folders.registry().promote(folders.circuit(model), version, reason);
        return said("%s version %d is in production: %s", model, version, compared);
    }

    @Command(
            name = "rollback",
            description = "Puts the version back that was in production before.",
            mixinStandardHelpOptions = true)
    int rollback(
            @Mixin Folders folders,
            @Parameters(paramLabel = "MODEL", description = "PLANT/CIRCUIT/MODEL.") String model)
            throws IOException, Refused {
        int version = folders.registry().rollback(folders.circuit(model));
        return said("%s version %d is in production again", model, version);
    }

    @Command(
            name = "evaluate",
            description = "Judges a version on data that was kept apart.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    int evaluate(
            @Mixin Folders folders,
            @Mixin Which which,
            @Option(
                            names = "--data",
                            paramLabel = "FILE",
                            required = true,
                            description = "Readings, as for training.")
                    Path data,
            @Option(
                            names = "--truth",
                            paramLabel = "FILE",
                            description =
                                    "What became of each unit after its last row, a number a line.")
                    Path truth)
            throws IOException, Refused, CommandFailed {
        try {
            Map<String, Double> figures =
                    new ModelBench(folders.registry(), Clock.systemUTC())
                            .evaluate(
                                    folders.circuit(which.model(spec)),
                                    which.version(spec, folders),
                                    data,
                                    truth);
            figures.forEach(
                    (name, value) ->
                            spec.commandLine()
                                    .getOut()
                                    .printf(Locale.ROOT, "%-18s %.4f%n", name, value));
            return FINE;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }

    @Command(
            name = "drift",
            description = "Compares recorded readings with what a version was trained on.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%n",
            footer = {
                "psi from 0.25 on is another population; wasserstein and mean are in standard",
                "deviations of the training data.",
                "Exit code: 0 no drift, 1 drift, 2 it could not be told."
            })
    int drift(
            @Mixin Folders folders,
            @Mixin Which which,
            @Option(
                            names = "--data",
                            paramLabel = "FILE",
                            required = true,
                            description = "Readings, as for training; needs no target.")
                    Path data,
            @Option(
                            names = "--shift",
                            paramLabel = "INPUT=NUMBER",
                            description = "Adds this to an input, to see what a drift would do.")
                    Map<String, Double> shifts)
            throws IOException, Refused, CommandFailed {
        PrintWriter out = spec.commandLine().getOut();
        try {
            List<Drift> drifts =
                    new ModelBench(folders.registry(), Clock.systemUTC())
                            .drift(
                                    folders.circuit(which.model(spec)),
                                    which.version(spec, folders),
                                    data,
                                    shifts == null ? Map.of() : shifts);
            out.printf(
                    "%-32s %8s %8s %12s %8s %9s %9s%n",
                    "feature", "psi", "ks", "wasserstein", "mean", "variance", "missing");
            for (Drift drift : drifts) {
                out.printf(
                        Locale.ROOT,
                        "%-32s %8.3f %8.3f %12.3f %+8.3f %9.3f %+9.3f%s%n",
                        drift.of(),
                        drift.psi(),
                        drift.ks(),
                        drift.wasserstein(),
                        drift.meanShift(),
                        drift.varianceRatio(),
                        drift.missingChange(),
                        drift.detected() ? "  drift" : "");
            }
            return drifts.stream().anyMatch(Drift::detected) ? FINDING : FINE;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }

    private int said(String what, Object... values) {
        spec.commandLine().getOut().println(what.formatted(values));
        return FINE;
    }
}
